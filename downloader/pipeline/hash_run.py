"""The run of `dl hash`: paths -> hash stage, bounded in flight, told in the order of the paths.

`dl verify` is the same, of files that must have the digests which their items bring along.

It is a loop of its own beside the coordinator's, with the same mailbox, messages and hash stage:
what the coordinator waits and decides for (hosts, parts, names, the journal) does not exist here,
and what is left, that outcomes keep the order of the list, is what a run that fetches must not do.
As a mode of the coordinator it would need a stand-in for each of those, and more lines than these.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from functools import partial

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

Batch = Sequence[Landed[tuple[int, PathItem]]]  # files, each with its place in the order


def told(stats: RunStats, reporter: Reporter, outcome: Outcome) -> None:
    """Count an outcome, and tell it."""
    stats.finished(outcome)
    reporter.tell(Finished(outcome))


class HashRun:
    """Hashes files on the workers and tells each outcome in list order.

    What finishes early waits for what is before it, so that two runs over one tree print the same
    lines; how many may wait is bounded. `tell` takes each outcome, in place of the reporter.
    """

    def __init__(
        self,
        workers: Workers,
        algorithms: Sequence[str],
        reporter: Reporter,
        stats: RunStats,
        stop: Stop,
        *,
        tell: Callable[[Outcome], None] | None = None,
    ) -> None:
        self._mailbox = Mailbox()
        self._stage: HashStage[tuple[int, PathItem]] = HashStage(
            workers, algorithms, self._mailbox, stats.hashing
        )
        self._reporter = reporter
        self._stats = stats
        self._tell_one = tell or partial(told, stats, reporter)
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
        `LocalError` if the list of paths breaks off; what was read of it is hashed by then.
        """
        with closing(self._mailbox):
            self._hash_all(iter(items), ready)
        self._beat(at_once=True)
        if self._trouble:
            raise self._trouble

    def _hash_all(self, waiting: Iterator[PathItem], ready: Callable[[], bool]) -> None:
        while (self._has_more or self._stage.pending) and not self._stop.requested():
            self._submit(waiting, ready)
            if not self._has_more or self._stage.due() == 0.0:
                self._stage.flush()
            self._collect()

    def _submit(self, waiting: Iterator[PathItem], ready: Callable[[], bool]) -> None:
        while self._has_more and self._has_room() and not self._stop.requested():
            item = self._read(waiting, ready)
            if item is None:
                break
            self._stage.add((self._begun, item), item.path, item.size, _algorithms(item))
            self._begun += 1
        if not self._stage.in_flight:
            self._stage.flush()

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
        return self._stage.pending + len(self._early) < self._room

    def _collect(self) -> None:
        self._mailbox.wait(self._patience())
        for message in self._mailbox.messages():
            match message:
                case Hashed(batch, done):
                    self._hashed(batch, done)
        self._beat()

    def _patience(self) -> float:
        """Return the seconds for which nothing is to be done but to wait for results."""
        if not self._stage.in_flight:
            return LOOK if self._has_more else 0.0
        due = self._stage.due()
        return min(LOOK if self._has_more else BEAT, BEAT if due is None else due)

    def _hashed(self, batch: Batch, done: Future[list[HashResult]]) -> None:
        self._stage.landed_back(batch)
        if done.cancelled() and self._stop.requested():
            return
        results = results_of(batch, done)
        self._stats.hashed(results)
        for (owner, _, _), hashes in zip(batch, results, strict=True):
            place, item = owner
            self._bytes += hashes.size
            self._early[place] = _outcome(item, hashes)
        self._tell()

    def _tell(self) -> None:
        """Tell what comes next in the order of the paths, as far as it is there."""
        while outcome := self._early.pop(self._next, None):
            self._next += 1
            self._tell_one(outcome)

    def _beat(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if at_once or now - self._beat_at >= BEAT:
            self._beat_at = now
            self._reporter.tell(Advanced(0, self._bytes, self._stage.pending))


def _algorithms(item: PathItem) -> tuple[str, ...] | None:
    """Return the algorithms of what a file must have, `None` for those of the run."""
    return tuple(dict.fromkeys(each.algorithm for each in item.digests)) or None


def _outcome(item: PathItem, hashes: HashResult) -> Outcome:
    if item.digests:
        return outcomes.checked(item, hashes)
    return outcomes.hashed(item.line, item.source, hashes)
