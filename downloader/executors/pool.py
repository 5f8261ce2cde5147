"""One generation of worker processes: once one of them is killed, all of it is broken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import ProcessPoolExecutor

from downloader.executors import worker
from downloader.executors.spawn import WorkerContext
from downloader.hashing import Row

Work = Callable[[Sequence[str], Sequence[str]], list[Row]]

# Seconds for the executor's own thread to end once its processes are gone; it takes milliseconds.
CLOSING = 2.0


class Pool:
    """Worker processes, all of them started at once and not waited for.

    Raises whatever keeps this machine or this program from starting processes.
    """

    def __init__(self, size: int) -> None:
        self._ending = threading.Lock()  # shutting an executor down twice at once breaks it
        self._ended = False
        self._context = WorkerContext()
        self._executor = ProcessPoolExecutor(
            size, mp_context=self._context, initializer=worker.begin
        )
        try:
            _start_feeder(self._executor)
            self._warm_ups = [self._executor.submit(worker.ready) for _ in range(size)]
        except BaseException:
            self.end()
            raise

    def submit(
        self, work: Work, paths: Sequence[str], algorithms: Sequence[str]
    ) -> Future[list[Row]]:
        """Run `work` in a worker. Raises `BrokenExecutor` if one was killed meanwhile."""
        return self._executor.submit(work, paths, algorithms)

    def answered(self) -> bool:
        """Return True if any worker ever answered.

        Warm-ups are first in the queue. So if none was answered, the pool did not break because
        of what it was given later.
        """
        return any(
            each.done() and not each.cancelled() and each.exception() is None
            for each in self._warm_ups
        )

    def pids(self) -> list[int]:
        """Return the workers' process ids."""
        return self._context.pids()

    def end(self) -> None:
        """End the workers, in the middle of a file if need be. May be called on any thread."""
        with self._ending:
            if self._ended:
                return
            closing = threading.Thread(target=self._close, name="closing", daemon=True)
            try:
                closing.start()
            except RuntimeError:  # no thread is to be had
                self._executor.shutdown(wait=False, cancel_futures=True)
            self._context.end()
            if closing.ident:
                closing.join(CLOSING)
            self._ended = True

    def _close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _start_feeder(executor: ProcessPoolExecutor) -> None:
    """Start the thread that feeds the workers, here where its failure is noticed.

    The executor does so on its own thread: if the system gives no more threads then, that one
    dies, and every future waits for ever. Raises `RuntimeError`.
    """
    queue = getattr(executor, "_call_queue", None)
    start = getattr(queue, "_start_thread", None)
    if start:
        start()
