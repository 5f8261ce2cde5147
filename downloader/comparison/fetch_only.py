"""Workers for the fetch stage alone: what has landed counts as hashed, unread."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from downloader.executors.inline import Inline
from downloader.executors.threads import Threads
from downloader.models import HashResult, Job

T = TypeVar("T")


class FetchOnly:
    """Fetches on threads, or in this one; hashes nothing."""

    processes = 1

    def __init__(self, threads: int) -> None:
        """Take the number of threads; 0 is no pool, one item after another in this thread."""
        self.threads = max(1, threads)
        self.inline = threads == 0
        self._inline = Inline()
        self._threads = Threads(self.threads, "fetch")

    def start(self) -> None:
        """Start nothing; threads start with the first fetch."""

    def fetch(self, call: Callable[[Job], T], job: Job) -> Future[T]:
        """Run `call(job)`."""
        return (self._inline if self.inline else self._threads).submit(call, job)

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Return the files' sizes at once, and no digests."""
        return self._inline.submit(_sizes, paths)

    def stop(self, *, wait: float) -> bool:
        """End the threads."""
        return self._threads.end(wait)


def _sizes(paths: Sequence[str]) -> list[HashResult]:
    return [HashResult(path, os.path.getsize(path)) for path in paths]
