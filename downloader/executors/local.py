"""The workers of this machine: this very thread, or a thread pool and a process pool."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from downloader.executors.inline import Inline
from downloader.executors.threads import Threads
from downloader.hashing import as_results, hash_batch, rows_of
from downloader.models import HashResult, Job

if TYPE_CHECKING:
    from downloader.executors.pool import Work

T = TypeVar("T")


class Sequential:
    """No pools: one thing after another, in the thread that asks for it."""

    threads = 1
    processes = 1
    inline = True

    def __init__(self, threads: int = 1, processes: int = 1, work: Work = hash_batch) -> None:
        """Take the numbers that every executor is given; there is one thread all the same."""
        self._work = work
        self._inline = Inline()

    def start(self) -> None:
        """Start nothing."""

    def fetch(self, call: Callable[[Job], T], job: Job) -> Future[T]:
        """Run `call(job)` now."""
        return self._inline.submit(call, job)

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Hash files now."""
        rows = rows_of(self._inline.submit(self._work, paths, algorithms), len(paths))
        return self._inline.submit(as_results, paths, algorithms, rows)

    def stop(self, *, wait: float) -> bool:
        """Say that nothing is running."""
        return True


class Pools:
    """Fetches on a thread pool, hashes on a process pool; see `processes` for what can go wrong."""

    inline = False

    def __init__(self, threads: int, processes: int, work: Work = hash_batch) -> None:
        # Here, since it brings multiprocessing (20 ms), which sequential mode does without.
        from downloader.executors.processes import Processes  # noqa: PLC0415

        self.threads = threads
        self.processes = processes
        self._fetchers = Threads(threads, "fetch")
        self._hashers = Processes(processes, work)
        self._started = False

    def start(self) -> None:
        """Start the processes, waiting for none; threads start as fetches come."""
        if not self._started:
            self._started = True
            self._hashers.start()

    def fetch(self, call: Callable[[Job], T], job: Job) -> Future[T]:
        """Run `call(job)` on a fetch thread."""
        return self._fetchers.submit(call, job)

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Hash files on a process; the future does not raise, but is cancelled by `stop`."""
        self.start()
        return self._hashers.hash(paths, algorithms)

    def pids(self) -> list[int]:
        """Return the ids of the hash processes; none if threads had to take over."""
        return self._hashers.pids() if self._started else []

    def stop(self, *, wait: float) -> bool:
        """Cancel what is not done, end the processes, give threads `wait` seconds to end.

        What hash processes are at is broken off, as nobody wants it any more; a thread cannot be
        broken off, and this is false if one is still running.
        """
        deadline = time.monotonic() + wait
        self._fetchers.cancel()
        self._hashers.cancel()
        hashers_ended = self._hashers.end(wait) if self._started else True
        return self._fetchers.join(deadline - time.monotonic()) and hashers_ended
