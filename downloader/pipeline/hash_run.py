"""The flow of `dl hash`: paths -> hash lane, bounded in flight, told in the order given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future

from downloader.errors import LocalError, UsageError
from downloader.models import Advanced, Finished, HashResult, Outcome, PathItem
from downloader.pipeline.hash_stage import BATCH_FILES, HashStage, Landed, results_of
from downloader.pipeline.mailbox import Mailbox
from downloader.pipeline.messages import Hashed
from downloader.pipeline.stats import RunStats
from downloader.planning import outcomes
from downloader.protocols import Reporter, Workers
from downloader.shared.stop import Stop

# Seconds between two Advanced events.
BEAT = 0.1
# Seconds between two looks for a path that is still to come.
LOOK = 0.05
# Batches of small files handed to the pool for each process, so that none runs dry.
AHEAD = 3


class HashRun:
    """Hashes files on the workers and tells each outcome in list order.

    What finishes early waits for its turn, so that two runs over one tree print the same lines;
    how many may wait is bounded.
    """

    def __init__(
        self,
        workers: Workers,
        algorithms: Sequence[str],
        reporter: Reporter,
        account: RunStats,
        stop: Stop,
    ) -> None:
        self._mailbox = Mailbox()
        self._lane: HashStage[tuple[int, PathItem]] = HashStage(
            workers, algorithms, self._mailbox, account.hashing
        )
        self._reporter = reporter
        self._account = account
        self._stop = stop
        self._early: dict[int, Outcome] = {}
        self._begun = 0
        self._next = 0
        self._bytes = 0
        self._beat_at = 0.0
        self._trouble: LocalError | None = None
        self._has_more = True
        self._room = 1 if workers.inline else BATCH_FILES * AHEAD * workers.processes
        stop.on_request(self._mailbox.ring)

    def run(self, items: Iterable[PathItem], ready: Callable[[], bool] = lambda: True) -> None:
        """Hash every item; returns early when a stop is requested.

        An item that is not `ready` yet is not waited for: others go on meanwhile. Raises
        `LocalError` where the list of paths breaks off; what was read of it is hashed by then.
        """
        waiting = iter(items)
        while (self._has_more or self._lane.pending) and not self._stop.requested():
            self._submit(waiting, ready)
            if not self._has_more or self._lane.due() == 0.0:
                self._lane.flush()
            self._collect()
        self._beat(at_once=True)
        if self._trouble:
            raise self._trouble

    def _submit(self, waiting: Iterator[PathItem], ready: Callable[[], bool]) -> None:
        while self._has_more and self._has_room() and not self._stop.requested():
            item = self._read(waiting, ready)
            if item is None:
                break
            self._lane.add((self._begun, item), item.path, item.size)
            self._begun += 1
        if not self._lane.in_flight:
            self._lane.flush()

    def _read(self, waiting: Iterator[PathItem], ready: Callable[[], bool]) -> PathItem | None:
        """Return the next item if it is there; a list that breaks off lets running work end."""
        item = None
        try:
            if not ready():
                return None
            item = next(waiting, None)
        except UsageError as error:
            self._trouble = LocalError(str(error))
        self._has_more = item is not None
        return item

    def _has_room(self) -> bool:
        return self._lane.pending + len(self._early) < self._room

    def _collect(self) -> None:
        self._mailbox.wait(self._patience())
        for message in self._mailbox.messages():
            if isinstance(message, Hashed):
                self._take(*message)
        self._beat()

    def _patience(self) -> float:
        """Return the seconds for which there is nothing to do but to wait for results."""
        if not self._lane.in_flight:
            return LOOK if self._has_more else 0.0
        due = self._lane.due()
        return min(LOOK if self._has_more else BEAT, BEAT if due is None else due)

    def _take(
        self, batch: Sequence[Landed[tuple[int, PathItem]]], future: Future[list[HashResult]]
    ) -> None:
        self._lane.landed_back(batch)
        if future.cancelled() and self._stop.requested():
            return
        results = results_of(batch, future)
        self._account.hashed(results)
        for (owner, _, _), hashes in zip(batch, results, strict=True):
            place, item = owner
            self._bytes += hashes.size
            self._early[place] = outcomes.hashed(item.line, item.source, hashes)
        while outcome := self._early.pop(self._next, None):
            self._next += 1
            self._account.finished(outcome)
            self._reporter.tell(Finished(outcome))

    def _beat(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if at_once or now - self._beat_at >= BEAT:
            self._beat_at = now
            self._reporter.tell(Advanced(0, self._bytes, self._lane.pending))
