"""A thread pool that ends within a given time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import count
from typing import Any, ParamSpec, TypeVar

from downloader.errors import LocalError

T = TypeVar("T")
P = ParamSpec("P")


class NoThread(LocalError):
    """Not a single thread can be started."""


class _Executor(ThreadPoolExecutor):
    """Makes do with fewer threads if the system gives no more.

    The base class would raise then, although the call is in the queue already: who submitted it
    could neither wait for it nor try again without its running twice.
    """

    def _adjust_thread_count(self) -> None:
        try:
            super()._adjust_thread_count()
        except RuntimeError as error:
            if not self._threads:
                raise NoThread(f"{error}: allow more memory (ulimit -v) or processes") from error


class Threads:
    """At most `size` threads, named `name-1`, `name-2` and so on; started when first needed."""

    def __init__(self, size: int, name: str) -> None:
        self._name = name
        self._numbers = count(1)
        self._executor = _Executor(size, initializer=self._christen)
        self._open: set[Future[Any]] = set()

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run a call on one of the threads.

        Raises `RuntimeError` after `cancel`, `NoThread` if none can be started.
        """
        future = self._executor.submit(call, *args, **kwargs)
        self._open.add(future)
        future.add_done_callback(self._open.discard)
        return future

    def cancel(self) -> None:
        """Cancel the calls that have not begun; no further ones are taken."""
        waiting = list(self._open)
        self._executor.shutdown(wait=False, cancel_futures=True)
        for future in waiting:
            if future.cancelled():
                future.set_running_or_notify_cancel()  # else `wait()` takes it for unfinished

    def join(self, seconds: float) -> bool:
        """Wait for the calls under way and their threads; false if some are still running."""
        if wait(list(self._open), max(0.0, seconds)).not_done:
            return False
        self._executor.shutdown(wait=True)
        return True

    def end(self, seconds: float) -> bool:
        """Cancel and join."""
        self.cancel()
        return self.join(seconds)

    def pids(self) -> list[int]:
        """Return the ids of processes that do the work: there are none."""
        return []

    def _christen(self) -> None:
        threading.current_thread().name = f"{self._name}-{next(self._numbers)}"
