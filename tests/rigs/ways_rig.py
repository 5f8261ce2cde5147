"""Fetchers whose first request goes out on a warm connection: on this thread, or in a process.

The same tests run over each of them, so that a reply comes to the same whichever way it came.
"""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest
from listening import WARM_UP
from transfer_rig import Rig

from downloader import urls
from downloader.models import DownloadResult, Job, UrlItem
from downloader.transfer.fetch_processes import FetchProcesses
from downloader.transfer.multiplexer import Multiplexer
from downloader.transfer.usual import UsualExchanges
from downloader.transfer.work import Work

# Names of the kinds of rigs: see the fixtures of the tests of faults.
WAYS = ("by a thread", "by the multiplexer", "by a process")
by_any_way = pytest.mark.parametrize("make_rig", WAYS, indirect=True)
# Seconds after which a slow reply is handed over, and after which what does not end never will.
PATIENCE = 0.2
LONG = 30.0


class ByMultiplexer(Rig):
    """Sends a job's first request by the multiplexer, and leaves the rest to the fetcher."""

    is_warm = True

    def __init__(self, root: Path, **settings: Any) -> None:
        super().__init__(root, **settings)
        self.most = float(settings.get("max_size") or "inf")
        multiplexer = Multiplexer(
            self.local.write_part, self.meter, patience=PATIENCE, most=self.most
        )
        work = Work(2, str(root), PATIENCE, self.most)
        self.usual = UsualExchanges(self.fetcher, multiplexer, self.meter, ("sha256",), work)

    def run(self, job: Job) -> DownloadResult:
        """Fetch a job as a run does once a connection to its host is open."""
        if not self._begins(job):
            return self.fetcher.fetch(job)
        end = time.monotonic() + LONG
        while not (found := self.usual.poll(0.05)):
            assert time.monotonic() < end, "nothing has ended"
        [done] = found
        return done.result or self.usual.take_over(job, done.begun)

    def close(self) -> None:
        """Break off what is under way."""
        self.usual.close()
        super().close()

    def _begins(self, job: Job) -> bool:
        if job.attempts or self.usual.start(self, job, urls.site(job.url)):
            return not job.attempts
        self._warm_up(job)
        return self.usual.start(self, job, urls.site(job.url))

    def _warm_up(self, job: Job) -> None:
        self.usual.make_room(job)
        parts = urlsplit(job.url)
        url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{WARM_UP}"
        warm = self.fetcher.fetch(Job(UrlItem(url), url, "warm-up"))
        if warm.part:
            self.local.discard(warm.part)
        self.stop.sleeps.clear()


class ByProcess(ByMultiplexer):
    """The same in a process, which many of these share, one after the other."""

    def __init__(self, root: Path, **settings: Any) -> None:
        top = Path(shared_root())
        super().__init__(top, **settings)
        self.local.sweep()
        processes = shared_processes(self.most)
        self.usual._processes = processes
        for descriptor in processes.descriptors:
            self.usual.watch(descriptor)

    def close(self) -> None:
        """Leave the process to others."""
        self.usual._processes = None
        super().close()


_folder: list[TemporaryDirectory[str]] = []


@cache
def shared_root() -> str:
    """Return the one target folder of all shared processes."""
    _folder.append(TemporaryDirectory())
    return _folder[0].name


@cache
def shared_processes(most: float) -> FetchProcesses:
    """Return a process that takes bodies of up to `most` bytes."""
    return FetchProcesses(1, Work(2, shared_root(), PATIENCE, most))
