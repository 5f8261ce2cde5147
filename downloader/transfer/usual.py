"""Usual jobs on kept connections: which they are, what is asked, and what came of it.

A usual job is a plain GET by the list's own URL: no part to be continued, no version to compare
with, no earlier try. All others are for a fetch thread.
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from downloader.models import Digest, DownloadResult, Job, Timing
from downloader.transfer.content_disposition import filename
from downloader.transfer.fetcher import HttpFetcher
from downloader.transfer.multiplexer import HandedOver, Landed, Multiplexer, Request
from downloader.transfer.target import target
from downloader.wire.exchange import BegunExchange


class Asked(NamedTuple):
    """A job that is under way here, and what it is known by to those who gave it."""

    owner: object
    job: Job


class Done(NamedTuple):
    """A job that has ended here: its result, or what a thread is to go on with."""

    owner: object
    job: Job
    result: DownloadResult | None
    begun: BegunExchange | None = None


class UsualExchanges:
    """Runs usual jobs on a multiplexer, with the connections that a fetcher keeps."""

    def __init__(
        self, fetcher: HttpFetcher, multiplexer: Multiplexer, algorithms: Sequence[str]
    ) -> None:
        self._fetcher = fetcher
        self._multiplexer = multiplexer
        self._algorithms = tuple(algorithms)
        self._asked: dict[int, Asked] = {}
        self._number = 0
        self.cpu = 0.0

    @property
    def busy(self) -> int:
        """How many jobs are under way here."""
        return self._multiplexer.busy

    def watch(self, descriptor: int) -> None:
        """Have `poll` return as soon as this descriptor can be read, too."""
        self._multiplexer.watch(descriptor)

    def start(self, owner: object, job: Job) -> bool:
        """Begin a job; return False if it is not usual, or no connection is free for it."""
        if job.resume or job.known or job.attempts or job.mismatches or "@" in job.url:
            return False
        asked = target(job.url)
        route = self._fetcher.route(asked)
        if route is None or not self._has_connection(route):
            return False
        data = self._fetcher.request_for(asked)
        if data is None:
            return False
        self._number += 1
        request = Request(self._number, data, job.path, job.host, self._needed(job))
        if not self._multiplexer.start(route, request):
            return False
        self._asked[self._number] = Asked(owner, job)
        return True

    def poll(self, timeout: float) -> list[Done]:
        """Wait for up to `timeout` seconds for something to come; return what has ended."""
        began = time.thread_time()
        ended = self._multiplexer.poll(timeout)
        if not ended:
            return []
        cpu = time.thread_time() - began
        self.cpu += cpu
        return [self._done(each, cpu / len(ended)) for each in ended]

    def take_over(self, job: Job, begun: BegunExchange | None) -> DownloadResult:
        """Go on with what has been handed over; on a fetch thread."""
        fetcher = self._fetcher
        return fetcher.fetch(job) if begun is None else fetcher.take_over(job, begun)

    def make_room(self, job: Job) -> None:
        """Leave a free connection to the thread that is about to fetch this job."""
        route = self._fetcher.route(target(job.url))
        if route is not None:
            self._give_back(route)

    @property
    def has_connections(self) -> bool:
        """Return True if usual jobs can be done here."""
        return self._multiplexer.connections > 0 or len(self._fetcher.kept) > 0

    def close(self) -> None:
        """Break off what is under way."""
        self._multiplexer.close()
        self._asked.clear()

    def _has_connection(self, route: Hashable) -> bool:
        if self._multiplexer.is_idle(route):
            return True
        connection = self._fetcher.kept.take(route)
        if connection is None:
            return False
        self._multiplexer.adopt(route, connection)
        return True

    def _give_back(self, route: Hashable) -> None:
        connection = self._multiplexer.release(route)
        if connection is not None:
            self._fetcher.kept.put(route, connection)

    def _needed(self, job: Job) -> tuple[str, ...]:
        if not job.item.checksums:
            return self._algorithms
        given = (each.algorithm for each in job.item.checksums)
        return tuple(dict.fromkeys([*self._algorithms, *given]))

    def _done(self, ended: Landed | HandedOver, cpu: float) -> Done:
        asked = self._asked.pop(ended.number)
        if isinstance(ended, HandedOver):
            return Done(asked.owner, asked.job, None, ended.begun)
        return Done(asked.owner, asked.job, self._result(asked.job, ended, cpu))

    def _result(self, job: Job, landed: Landed, cpu: float) -> DownloadResult:
        declared = landed.declared
        names = self._needed(job)
        if len(landed.hexdigests) > len(names):
            names = (*names, declared.digests[0].algorithm)
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
            declared=declared.digests,
            declared_in=declared.field,
            served=(filename(landed.disposition) or "") if landed.disposition else "",
            digests=tuple(map(Digest, names, landed.hexdigests)),
            hash_seconds=landed.hash_seconds,
            hash_cpu=landed.hash_seconds,
            stat=landed.stat,
        )
