"""Usual jobs on kept connections: which they are, what is asked, and what came of it.

A usual job is a plain GET by the list's own URL: no part to be continued, no version to compare
with, no headers of its own, no earlier try. All others are for a fetch thread.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import starmap
from typing import TYPE_CHECKING, NamedTuple, cast

from downloader.models import Digest, DownloadResult, FileStat, Job, Timing
from downloader.shared.load import LoadMeter
from downloader.transfer.content_disposition import filename
from downloader.transfer.fetcher import HttpFetcher
from downloader.transfer.multiplexer import Multiplexer
from downloader.transfer.sites import Site, Sites
from downloader.transfer.target import target
from downloader.transfer.work import Ended, HandedOver, Landed, Request, Route, Undone, Work
from downloader.wire.begun import BegunExchange
from downloader.wire.exchange import HttpConnection

if TYPE_CHECKING:
    from downloader.transfer.fetch_processes import FetchProcesses

# Of so many polls one is timed.
TIMED = 8


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
        self._connections = multiplexer.connections
        self._meter = meter
        self._algorithms = tuple(algorithms)
        self._work = work
        self._asked: dict[int, Asked] = {}
        self._sites = Sites(fetcher)
        self._number = 0
        self._processes: FetchProcesses | None = None
        self._most = work.transfers
        self.cpu = 0.0  # seconds of the coordinator's thread that went into exchanges
        self._cpu = 0.0  # of one of them
        self._polls = 0
        self.landed = 0

    @property
    def busy(self) -> int:
        """How many jobs are under way here, or wait in a process."""
        return len(self._asked)

    @property
    def has_connections(self) -> bool:
        """Return True if usual jobs can be done here."""
        return len(self._connections) > 0 or len(self._fetcher.kept) > 0

    @property
    def is_shared(self) -> bool:
        """Return True if processes have a share in the work."""
        return self._processes is not None

    @property
    def room(self) -> int:
        """How many jobs more the processes should have."""
        return self._processes.room if self._processes else 0

    def watch(self, descriptor: int) -> None:
        """Have `poll` return as soon as this descriptor can be read, too."""
        self._connections.watch(descriptor)

    def share(self, size: int) -> None:
        """Have so many processes run all jobs over plain connections from now on.

        Where there are none to be had, all goes on here.
        """
        from downloader.transfer.fetch_processes import (  # noqa: PLC0415  most runs need none
            FetchProcesses,
        )

        try:
            processes = FetchProcesses(size, self._work)
        except Exception:  # no processes left, a daemon's child: see executors.processes
            return
        self._processes = processes
        for descriptor in processes.descriptors:
            self._connections.watch(descriptor)

    def leave(self, transfers: int) -> None:
        """Leave so many of the transfers that may be under way at once to the fetch threads.

        Where there are no processes, whoever starts jobs counts them all.
        """
        if self._processes:
            self._most = max(0, self._work.transfers - transfers)
            self._processes.limit(self._most)

    def start(self, owner: object, job: Job, site: str) -> bool:
        """Begin a job of a site; return False if it is not usual, or no connection is free."""
        if job.resume or job.known or job.attempts or job.mismatches:
            return False
        if job.moved or job.item.headers:
            return False
        known = self._sites.of(site)
        data = known.request(job.url[len(site) :])
        if data is None:
            return False
        number = self._number = self._number + 1
        needed = self._needed(job) if job.item.checksums else self._algorithms
        if not self._run(known, Request(number, data, job.path, known.host, needed)):
            return False
        self._asked[number] = Asked(owner, job)
        return True

    def poll(self, timeout: float) -> list[Done]:
        """Wait for up to `timeout` seconds for something to come; return what has ended."""
        if self._processes:
            self._processes.flush()
            self._processes.end_the_silent()
        ended = self._timed_poll(timeout)
        self._connections.closed_routes()  # of no interest here
        for route, connection in self._connections.surplus(
            self._work.transfers, self._multiplexer.busy
        ):
            self._fetcher.kept.put(route, cast(HttpConnection, connection))
        done = [self._done(each) for each in ended]
        if self._processes:
            done += self._from_processes(self._processes)
        return done

    def _timed_poll(self, timeout: float) -> list[Ended]:
        """Poll; now and then look at the processor time, which is dear to ask for."""
        self._polls += 1
        if self._polls % TIMED:
            ended = self._multiplexer.poll(timeout)
        else:
            began = time.thread_time()
            ended = self._multiplexer.poll(timeout)
            if ended:
                self._cpu = (time.thread_time() - began) / len(ended)
        self.cpu += self._cpu * len(ended)
        return ended

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

    def _run(self, site: Site, request: Request) -> bool:
        route = site.route
        assert route is not None
        if self._processes and site.is_plain:
            self._lend_all(self._processes, route)
            return self._processes.put(route, request)
        elsewhere = self._processes.active if self._processes else 0
        if self._multiplexer.busy + elsewhere >= self._most:
            return False
        return self._has_connection(route) and self._multiplexer.start(route, request)

    def _lend_all(self, processes: FetchProcesses, route: Route) -> None:
        """Give the processes every free connection that leads there."""
        while (connection := self._release(route)) is not None:
            processes.lend(route, connection)
        while len(self._fetcher.kept) and (connection := self._fetcher.kept.take(route)):
            processes.lend(route, connection)

    def _release(self, route: Route) -> HttpConnection | None:
        """Take a free connection from those that are here: all of them were kept by the fetcher."""
        return cast(HttpConnection | None, self._connections.release(route))

    def _has_connection(self, route: Route) -> bool:
        if self._connections.is_idle(route):
            return True
        connection = self._fetcher.kept.take(route)
        if connection is None:
            return False
        self._connections.adopt(route, connection)
        return True

    def _needed(self, job: Job) -> tuple[str, ...]:
        listed = (each.algorithm for each in job.item.checksums)
        return tuple(dict.fromkeys([*self._algorithms, *listed]))

    def _from_processes(self, processes: FetchProcesses) -> list[Done]:
        done = []
        for descriptor in self._connections.woken:
            if descriptor in processes.descriptors:
                done += [self._done(each) for each in processes.received(descriptor)]
                if descriptor not in processes.descriptors:  # it has died
                    self._connections.unwatch(descriptor)
        received = sum(each.result.size for each in done if each.result)
        self._meter.elsewhere(processes.active, received)
        if not processes.descriptors:  # all have died: the rest is done here
            processes.close()
            self._processes = None
            self._most = self._work.transfers
        return done

    def _done(self, ended: Landed | HandedOver | Undone) -> Done:
        asked = self._asked.pop(ended.number)
        if isinstance(ended, Landed):
            self.landed += 1
            return Done(asked.owner, asked.job, self._result(asked.job, ended))
        is_recalled = isinstance(ended, Undone) and ended.is_recalled
        return Done(asked.owner, asked.job, None, ended.begun, is_recalled)

    def _result(self, job: Job, landed: Landed) -> DownloadResult:
        names = self._needed(job) if job.item.checksums else self._algorithms
        if len(landed.hexdigests) > len(names):
            names = (*names, landed.declared[0][0])
        began, answered, ended = landed.sent_at, landed.answered_at, landed.ended_at
        loads = (landed.load_waiting, landed.load_reading)
        # By place as far as it goes: two dozen names cost more than all that they name.
        return DownloadResult(
            job,
            landed.part,
            landed.size,
            job.url,
            200,
            1,
            0,
            landed.etag,
            landed.last_modified,
            Timing(began, began, answered, ended, 0.0, 0.0, 0.0, self._cpu, *loads, landed.rank),
            declared=tuple(starmap(Digest, landed.declared)) if landed.declared else (),
            declared_in=landed.declared_in,
            served=(filename(landed.disposition) or "") if landed.disposition else "",
            digests=tuple(map(Digest, names, landed.hexdigests)),
            hash_seconds=landed.hash_seconds,
            hash_cpu=landed.hash_seconds,
            stat=FileStat(*landed.stat),
        )
