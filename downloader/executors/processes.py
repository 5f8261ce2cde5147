"""The hash stage: worker processes whose death costs nothing but time.

While all is well a batch goes straight to the pool and its result straight back. When a worker is
killed, the whole pool is broken and nobody says which batch it was at. Then a repair runs on a
thread of its own: the batches that had begun are suspects and are hashed file by file in
isolation; those that had not begun, and those that come meanwhile, wait and go to a new pool.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from dataclasses import dataclass, field
from functools import partial

from downloader.executors.inline import Inline
from downloader.executors.isolation import Isolation
from downloader.executors.pool import Pool, Work
from downloader.executors.threads import NoThread, Threads
from downloader.hashing import Row, as_results, hash_batch, rows_of
from downloader.models import HashResult

# Breaks of a pool that no file explains, after which this process hashes on threads.
BREAKS = 3
# Seconds for a repair to notice that it is no longer wanted.
REPAIR = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Files to be hashed in one call, and the promise that was given for them."""

    paths: list[str]
    algorithms: tuple[str, ...]
    future: Future[list[HashResult]] = field(default_factory=Future)


class Processes:
    """Hashes batches on `size` processes; on as many threads if processes cannot be had.

    The lock is held while batches are sent and while the state changes. Callbacks never take it:
    they run on the executor's thread, which from Python 3.12 on holds a lock that sending needs.
    A batch is resolved by whoever removes it from the open ones.
    """

    def __init__(self, size: int, work: Work = hash_batch) -> None:
        self._size = size
        self._work = work
        self._lock = threading.Lock()
        self._under_repair = threading.Lock()
        self._open: dict[Batch, Future[list[Row]] | None] = {}
        self._isolation = Isolation(work)
        self._repair: threading.Thread | None = None
        self._breaks = 0
        self._stopped = False

    def start(self) -> None:
        """Start all processes, without waiting for them."""
        self._runner = self._new_runner()

    def pids(self) -> list[int]:
        """Return the ids of the worker processes; none if threads do the work."""
        return self._runner.pids()

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Hash a batch. Its future never raises; after `cancel` it is cancelled."""
        batch = Batch(list(paths), tuple(algorithms))
        with self._lock:
            self._open[batch] = None
            if not self._stopped and not self._under_repair.locked():
                self._send(batch)
        if self._stopped:
            self._drop(batch)
        return batch.future

    def cancel(self) -> None:
        """Cancel every batch that is not done; none is begun any more."""
        with self._lock:
            self._stopped = True
        for batch in list(self._open):
            self._drop(batch)

    def end(self, seconds: float) -> bool:
        """End the processes, now; give threads in their place `seconds`, and say if they ended."""
        self._isolation.close()
        if self._repair:
            self._repair.join(REPAIR)
        if isinstance(self._runner, Threads):
            return self._runner.end(seconds)
        self._runner.end()
        return True

    def _new_runner(self) -> Pool | Threads:
        try:
            return Pool(self._size)
        except Exception:  # no semaphores, no processes left, a daemon's child: threads will do
            return self._threads()

    def _threads(self) -> Threads:
        return Threads(self._size, "hash")

    def _send(self, batch: Batch) -> None:
        runner = self._runner
        try:
            sent = runner.submit(self._work, batch.paths, batch.algorithms)
        except BrokenExecutor:
            self._alarm(runner)
        except NoThread:  # nor a process: then in this very thread
            here = Inline().submit(self._work, batch.paths, batch.algorithms)
            self._resolve(batch, rows_of(here, len(batch.paths)))
        except RuntimeError:  # the interpreter is ending: no executor takes anything any more
            self._drop(batch)
        else:
            self._open[batch] = sent
            sent.add_done_callback(partial(self._returned, batch, runner))

    def _returned(self, batch: Batch, runner: Pool | Threads, sent: Future[list[Row]]) -> None:
        if sent.cancelled():
            return
        if isinstance(sent.exception(), BrokenExecutor):
            self._alarm(runner)
        else:
            self._resolve(batch, rows_of(sent, len(batch.paths)))

    def _alarm(self, runner: Pool | Threads) -> None:
        """Begin a repair, once for each broken runner.

        At the first broken future the executor has not yet failed the others: what had begun is
        still running, what had not is still pending.
        """
        if not self._under_repair.acquire(blocking=False):
            return
        if runner is not self._runner or self._stopped:
            self._under_repair.release()
            return
        sent = list(self._open.items())
        suspects = [batch for batch, call in sent if call and (call.running() or call.done())]
        self._repair = threading.Thread(
            target=self._mend, args=(runner, suspects), name="repair", daemon=True
        )
        self._repair.start()

    def _mend(self, broken: Pool, suspects: list[Batch]) -> None:
        broken.end()
        able = broken.answered()
        self._breaks += 1
        try:
            if able and self._question(suspects):
                self._breaks = 0
        except CancelledError:
            return
        with self._lock:
            if not self._stopped:
                able = able and self._breaks < BREAKS
                self._runner = self._new_runner() if able else self._threads()
                self._under_repair.release()
                for batch in list(self._open):
                    self._send(batch)

    def _question(self, suspects: list[Batch]) -> bool:
        """Hash the files of the suspects one by one; return True if a killer was among them."""
        for batch in suspects:
            rows = [self._isolation.hash(path, batch.algorithms) for path in batch.paths]
            self._resolve(batch, rows)
        return self._isolation.lift() > 0

    def _resolve(self, batch: Batch, rows: list[Row]) -> None:
        if self._take(batch) and batch.future.set_running_or_notify_cancel():
            batch.future.set_result(as_results(batch.paths, batch.algorithms, rows))

    def _drop(self, batch: Batch) -> None:
        if self._take(batch) and batch.future.cancel():
            batch.future.set_running_or_notify_cancel()

    def _take(self, batch: Batch) -> bool:
        try:
            del self._open[batch]
        except KeyError:
            return False
        return True
