"""Usual jobs on kept connections: which they are, what is asked, and what came of it.

A usual job is a plain GET by the list's own URL: no part to be continued, no version to compare
with, no earlier try. All others are for a fetch thread.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import starmap
from typing import NamedTuple, cast

from downloader.models import Digest, DownloadResult, FileStat, Job, Timing
from downloader.shared import LoadMeter
from downloader.transfer.content_disposition import filename
from downloader.transfer.fetch_processes import FetchProcesses, Returned, Route, Work
from downloader.transfer.fetcher import HttpFetcher
from downloader.transfer.multiplexer import HandedOver, Landed, Multiplexer, Request
from downloader.transfer.target import target
from downloader.wire.begun import BegunExchange
from downloader.wire.exchange import HttpConnection


class Asked(NamedTuple):
    """A job that is under way here, and what it is known by to those who gave it."""

    owner: object
    job: Job


class Done(NamedTuple):
    """A job that has ended here: its result, or what a thread is to go on with.

    `is_recalled` says that nothing was tried, since its host is to be left alone.
    """

    owner: object
    job: Job
    result: DownloadResult | None
    begun: BegunExchange | None = None
    is_recalled: bool = False


class UsualExchanges:
    """Runs usual jobs with the connections that a fetcher keeps: here, or in processes as well."""

    def __init__(
        self,
        fetcher: HttpFetcher,
        multiplexer: Multiplexer,
        meter: LoadMeter,
        algorithms: Sequence[str],
        work: Work,
    ) -> None:
        self._fetcher = fetcher
        self._multiplexer = multiplexer
        self._meter = meter
        self._algorithms = tuple(algorithms)
        self._work = work
        self._asked: dict[int, Asked] = {}
        self._number = 0
        self._processes: FetchProcesses | None = None
        self._most = work.transfers
        self.cpu = 0.0
        self.landed = 0

    @property
    def busy(self) -> int:
        """How many jobs are under way here, or wait in a process."""
        return len(self._asked)

    @property
    def has_connections(self) -> bool:
        """Return True if usual jobs can be done here."""
        return self._multiplexer.connections > 0 or len(self._fetcher.kept) > 0

    @property
    def is_shared(self) -> bool:
        """Return True if processes have a share in the work."""
        return self._processes is not None

    @property
    def wants_more(self) -> bool:
        """Return True if a process should have more to do."""
        return self._processes is not None and self._processes.has_room

    def watch(self, descriptor: int) -> None:
        """Have `poll` return as soon as this descriptor can be read, too."""
        self._multiplexer.watch(descriptor)

    def share(self, size: int) -> None:
        """Have so many processes run all jobs over plain connections from now on.

        Where there are none to be had, all goes on here.
        """
        try:
            processes = FetchProcesses(size, self._work)
        except Exception:  # no processes left, a daemon's child: see executors.processes
            return
        self._processes = processes
        for descriptor in processes.descriptors:
            self._multiplexer.watch(descriptor)

    def leave(self, transfers: int) -> None:
        """Leave so many of the transfers that may be under way at once to the fetch threads.

        Where there are no processes, whoever starts jobs counts them all.
        """
        if self._processes:
            self._most = max(0, self._work.transfers - transfers)
            self._processes.limit(self._most)

    def start(self, owner: object, job: Job) -> bool:
        """Begin a job; return False if it is not usual, or no connection is free for it."""
        if job.resume or job.known or job.attempts or job.mismatches or "@" in job.url:
            return False
        asked = target(job.url)
        route = self._fetcher.route(asked)
        data = None if route is None else self._fetcher.request_for(asked)
        if route is None or data is None:
            return False
        number = self._number = self._number + 1
        request = Request(number, data, job.path, job.host, self._needed(job))
        if not self._run(route, request, is_plain=asked.origin.scheme == "http"):
            return False
        self._asked[number] = Asked(owner, job)
        return True

    def poll(self, timeout: float) -> list[Done]:
        """Wait for up to `timeout` seconds for something to come; return what has ended."""
        if self._processes:
            self._processes.flush()
            self._processes.end_the_silent()
        began = time.thread_time()
        ended = self._multiplexer.poll(timeout)
        self._multiplexer.closed_routes()  # of no interest here
        for route, connection in self._multiplexer.surplus(self._work.transfers):
            self._fetcher.kept.put(route, cast(HttpConnection, connection))
        cpu = time.thread_time() - began if ended else 0.0
        self.cpu += cpu
        done = [self._done(each, cpu / len(ended)) for each in ended]
        if self._processes:
            done += self._from_processes(self._processes)
        return done

    def take_over(self, job: Job, begun: BegunExchange | None) -> DownloadResult:
        """Go on with what has been handed over; on a fetch thread."""
        fetcher = self._fetcher
        return fetcher.fetch(job) if begun is None else fetcher.take_over(job, begun)

    def make_room(self, job: Job) -> None:
        """Leave a free connection to the thread that is about to fetch this job."""
        route = self._fetcher.route(target(job.url))
        connection = self._release(route) if route is not None else None
        if connection is not None:
            self._fetcher.kept.put(route, connection)

    def recall(self, host: str) -> None:
        """Take back the jobs of a host that have not begun; they come as `Done` by and by."""
        if self._processes:
            self._processes.recall(host)

    def close(self) -> None:
        """Break off what is under way."""
        self._multiplexer.close()
        self._asked.clear()
        if self._processes:
            self._processes.close()
            self._processes = None

    def _run(self, route: Route, request: Request, *, is_plain: bool) -> bool:
        if self._processes and is_plain:
            self._lend_all(self._processes, route)
            return self._processes.put(route, request)
        elsewhere = self._processes.active if self._processes else 0
        has_room = self._multiplexer.busy + elsewhere < self._most
        return has_room and self._has_connection(route) and self._multiplexer.start(route, request)

    def _lend_all(self, processes: FetchProcesses, route: Route) -> None:
        """Give the processes every free connection that leads there."""
        while (connection := self._release(route)) is not None:
            processes.lend(route, connection)
        while len(self._fetcher.kept) and (connection := self._fetcher.kept.take(route)):
            processes.lend(route, connection)

    def _release(self, route: Route) -> HttpConnection | None:
        """Take a free connection from those that are here: all of them were kept by the fetcher."""
        return cast(HttpConnection | None, self._multiplexer.release(route))

    def _has_connection(self, route: Route) -> bool:
        if self._multiplexer.is_idle(route):
            return True
        connection = self._fetcher.kept.take(route)
        if connection is None:
            return False
        self._multiplexer.adopt(route, connection)
        return True

    def _needed(self, job: Job) -> tuple[str, ...]:
        if not job.item.checksums:
            return self._algorithms
        given = (each.algorithm for each in job.item.checksums)
        return tuple(dict.fromkeys([*self._algorithms, *given]))

    def _from_processes(self, processes: FetchProcesses) -> list[Done]:
        done = []
        for descriptor in self._multiplexer.woken:
            if descriptor in processes.descriptors:
                done += [self._done(each, 0.0) for each in processes.received(descriptor)]
                if descriptor not in processes.descriptors:  # it has died
                    self._multiplexer.unwatch(descriptor)
        received = sum(each.result.size for each in done if each.result)
        self._meter.elsewhere(processes.active, received)
        if not processes.descriptors:  # all have died: the rest is done here
            processes.close()
            self._processes = None
            self._most = self._work.transfers
        return done

    def _done(self, ended: Landed | HandedOver | Returned, cpu: float) -> Done:
        asked = self._asked.pop(ended.number)
        if isinstance(ended, Landed):
            self.landed += 1
            return Done(asked.owner, asked.job, self._result(asked.job, ended, cpu))
        is_recalled = isinstance(ended, Returned) and ended.is_recalled
        return Done(asked.owner, asked.job, None, ended.begun, is_recalled)

    def _result(self, job: Job, landed: Landed, cpu: float) -> DownloadResult:
        names = self._needed(job)
        if len(landed.hexdigests) > len(names):
            names = (*names, landed.declared[0][0])
        return DownloadResult(
            job,
            part=landed.part,
            size=landed.size,
            final_url=job.url,
            http_status=200,
            etag=landed.etag,
            last_modified=landed.last_modified,
            timing=Timing(
                began=landed.sent_at,
                requested=landed.sent_at,
                answered=landed.answered_at,
                ended=landed.ended_at,
                cpu=cpu,
                load_waiting=landed.load_waiting,
                load_reading=landed.load_reading,
                rank=landed.rank,
            ),
            declared=tuple(starmap(Digest, landed.declared)),
            declared_in=landed.declared_in,
            served=(filename(landed.disposition) or "") if landed.disposition else "",
            digests=tuple(map(Digest, names, landed.hexdigests)),
            hash_seconds=landed.hash_seconds,
            hash_cpu=landed.hash_seconds,
            stat=FileStat(*landed.stat),
        )
