"""The hash stage: files go to the workers as they land, small ones in batches so that it pays.

One task per small file costs five times as much as a batch of fifty, most of it in this process,
where the fetch threads need the interpreter. So small files wait for company, but not for long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

from downloader.models import Failure, HashResult
from downloader.pipeline.mailbox import Mailbox
from downloader.pipeline.messages import Hashed
from downloader.pipeline.stats import BusyClock
from downloader.protocols import Workers

# Files of a batch: past fifty, a larger batch saves nothing measurable.
BATCH_FILES = 50
# Bytes of a batch: about ten milliseconds of SHA-256 on one core.
BATCH_BYTES = 8 * 1024 * 1024
# Seconds a small file waits for company.
LINGER = 0.04

Owner = TypeVar("Owner")
Landed = tuple[Owner, str, int]  # who it belongs to, where it is, its bytes


def results_of(batch: Sequence[Landed[Owner]], done: Future[list[HashResult]]) -> list[HashResult]:
    """Return a result for each file of a batch, also where the workers broke their promise."""
    try:
        results = done.result()
        if len(results) == len(batch):
            return results
        why = f"{len(results)} results for {len(batch)} files"
    except Exception as error:  # each file's failure, not the run's
        why = repr(error)
    failure = Failure("internal", f"hashing broke: {why}")
    return [HashResult(path, failure=failure) for _, path, _ in batch]


class HashStage(Generic[Owner]):
    """Batches landed files and submits them; what comes back is posted as `Hashed`.

    Files of one batch are hashed by the same algorithms: those of the run, or their own.
    """

    def __init__(
        self,
        workers: Workers,
        algorithms: Sequence[str],
        mailbox: Mailbox,
        occupied: BusyClock,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._workers = workers
        self._algorithms = tuple(algorithms)
        self._mailbox = mailbox
        self._occupied = occupied
        self._clock = clock
        self._waiting: list[tuple[Landed[Owner], tuple[str, ...]]] = []
        self._waiting_bytes = 0
        self._since = 0.0
        self._linger = 0.0 if workers.inline else LINGER
        self.in_flight = 0

    @property
    def pending(self) -> int:
        """How many files wait for a worker or are with one."""
        return len(self._waiting) + self.in_flight

    def add(
        self, owner: Owner, path: str, size: int, algorithms: Sequence[str] | None = None
    ) -> None:
        """Take a landed file; submits at once where it is large or the batch is full."""
        if not self._waiting:
            self._since = self._clock()
        own = self._algorithms if algorithms is None else tuple(algorithms)
        self._waiting.append(((owner, path, size), own))
        self._waiting_bytes += size
        if (
            self._waiting_bytes >= BATCH_BYTES
            or len(self._waiting) >= BATCH_FILES
            or not self._linger
        ):
            self.flush()

    def due(self) -> float | None:
        """Return the seconds until the waiting files must go, `None` where none wait."""
        if not self._waiting:
            return None
        return max(0.0, self._since + self._linger - self._clock())

    def flush(self) -> None:
        """Submit what waits."""
        waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
        batches: dict[tuple[str, ...], list[Landed[Owner]]] = {}
        for landed, algorithms in waiting:
            batches.setdefault(algorithms, []).append(landed)
        for algorithms, batch in batches.items():
            self._submit(batch, algorithms)

    def landed_back(self, batch: Sequence[Landed[Owner]]) -> None:
        """Note that a batch has come back; called by the owner of the stage."""
        self.in_flight -= len(batch)
        self._occupied.leave()

    def _submit(self, batch: Sequence[Landed[Owner]], algorithms: Sequence[str]) -> None:
        self.in_flight += len(batch)
        self._occupied.enter()
        future = self._workers.hash([path for _, path, _ in batch], algorithms)
        future.add_done_callback(lambda done: self._mailbox.post(Hashed(batch, done)))
