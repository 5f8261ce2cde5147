"""A run that fetches from a real server, usual jobs on the coordinator's own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from pipeline_rig import LONG, Rig, Threaded, items

from downloader.models import HashResult, Job
from downloader.pipeline.coordinator import Coordinator
from downloader.pipeline.host_limits import HostLimits
from downloader.policy import Limits, Retry, Timeouts
from downloader.transfer.fetcher import HttpFetcher
from downloader.transfer.multiplexer import Multiplexer
from downloader.transfer.usual import UsualExchanges
from downloader.transfer.work import Work

T = TypeVar("T")


class Counting(Threaded):
    """Workers that count what they are given."""

    def __init__(self, threads: int = 4) -> None:
        super().__init__(threads)
        self.fetched = self.hashed = 0

    def fetch(self, call: Callable[[Job], T], job: Job) -> Future[T]:
        """Count a job."""
        self.fetched += 1
        return super().fetch(call, job)

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Count files."""
        self.hashed += len(paths)
        return super().hash(paths, algorithms)


class Crowd:
    """Counts how many are inside at once, at the most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = self.most = 0

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Be inside."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            yield
        finally:
            with self._lock:
                self._now -= 1


def run_served(rig: Rig, urls: Sequence[str], **settings: Any) -> dict[int, str]:
    """Run a list of URLs through a fetcher of one's own; return what became of each line."""
    values: dict[str, Any] = {"patience": LONG, "hosts": HostLimits(), **settings}
    retry, timeouts = Retry(retries=2, base=0.0), Timeouts(connect=5, silence=20)
    fetcher = HttpFetcher(
        *(rig.storage, rig.meter, rig.stop),
        retry=retry,
        timeouts=timeouts,
        limits=Limits(),
        proxy="",
    )
    multiplexer = Multiplexer(rig.storage.write_part, rig.meter, patience=values["patience"])
    work = Work(rig.workers.threads, str(rig.root), values["patience"], float("inf"))
    usual = UsualExchanges(fetcher, multiplexer, rig.meter, ("sha256",), work)
    context = replace(rig.context(), fetcher=fetcher, usual=usual, hosts=values["hosts"])
    try:
        Coordinator(context).run(rig.plan(items(*urls)))
    finally:
        fetcher.close()
    return rig.told.summary()
