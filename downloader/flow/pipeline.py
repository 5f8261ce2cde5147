"""The flow: fetch lane -> hash lane, bounded in flight, one item never waiting for another.

One thread runs it, the coordinator. It owns the plan, the journal and the reporters; workers hand
their results to it through one inbox. An item's part is hashed as soon as it has landed, while
other downloads go on, and only then appears at its final name.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress

from downloader.errors import LocalError, UsageError
from downloader.flow import outcomes
from downloader.flow.hash_lane import HashLane, Landed, results_of
from downloader.flow.inbox import Inbox
from downloader.flow.parts import Parts
from downloader.flow.plan import Planned, Refused, Repeat
from downloader.flow.telling import Telling
from downloader.models import (
    Advanced,
    DownloadResult,
    Failure,
    HashResult,
    Job,
    Stamp,
)

# Seconds between two Advanced events.
BEAT = 0.1
# Files that may have landed and not yet be hashed before fetching pauses: bounds disk and memory.
LANDED_AT_MOST = 512
# Seconds that running work gets to end after a stop request.
GRACE = 1.5


class Pipeline:
    """Fetches and hashes every job of a plan; see the module's promise."""

    def __init__(self, parts: Parts, algorithms: Sequence[str]) -> None:
        self._parts = parts
        self._inbox = Inbox(parts.stop)
        self._hashes: HashLane[DownloadResult] = HashLane(
            parts.workers, algorithms, self._batch_done, parts.account.hashing
        )
        self._fetching = 0
        self._telling = Telling(parts.ledger, parts.account, parts.reporter, self._break_off)
        self._hashed_bytes = 0
        self._beat_at = 0.0
        self._trouble: LocalError | None = None
        parts.stop.on_request(parts.fetcher.abort)
        parts.meter.beat = self._beat if parts.workers.inline else None

    def run(self, plan: Iterable[Planned]) -> None:
        """Bring every item of the plan to its end.

        Returns early, with running work ended, when a stop is requested. Raises `LocalError`
        where this machine stops the run; what is done by then is recorded.
        """
        waiting = iter(plan)
        more = True
        while (more or self._busy()) and not self._parts.stop.requested():
            more = more and self._submit(waiting)
            if not more and not self._fetching:
                self._hashes.flush()
            if self._busy():
                self._work()
        if self._parts.stop.requested():
            self._wind_down()
        self._beat(at_once=True)
        if self._trouble:
            raise self._trouble

    def _busy(self) -> bool:
        return bool(self._fetching or self._hashes.pending)

    def _submit(self, waiting: Iterator[Planned]) -> bool:
        """Take lines of the plan while there is room; false when there is none left."""
        while self._room() and not self._parts.stop.requested():
            planned = self._next(waiting)
            if planned is None:
                return False
            self._begin(planned)
            self._beat()
            if not isinstance(planned, Job) and (self._inbox.waits() or self._hashes.due() == 0.0):
                return True  # lines that need no room would keep files waiting
        return True

    def _next(self, waiting: Iterator[Planned]) -> Planned | None:
        """Return the next line; a list that breaks off in the middle lets running work end."""
        try:
            return next(waiting, None)
        except UsageError as error:
            self._trouble = self._trouble or LocalError(str(error))
        except LocalError as error:
            self._break_off(error)
        return None

    def _room(self) -> bool:
        if self._parts.workers.inline:
            return not self._busy()
        if self._hashes.pending >= LANDED_AT_MOST or self._telling.is_full:
            return False
        return self._fetching < self._parts.pace.allowed()

    def _begin(self, planned: Planned) -> None:
        match planned:
            case Job():
                self._fetch(planned)
            case Repeat(item, key):
                self._telling.repeat(item, key)
            case Refused(item, failure, key):
                self._telling.finish(outcomes.refused(item, failure), key)

    def _fetch(self, job: Job) -> None:
        self._telling.expect(job.key)
        self._fetching += 1
        self._parts.account.fetching.enter()
        self._parts.pace.begun()
        future = self._parts.workers.fetch(self._parts.fetcher.fetch, job)
        future.add_done_callback(lambda done: self._inbox.put(lambda: self._landed(job, done)))

    def _work(self) -> None:
        """Wait for results and handle all that have come; beat, sample and flush when due."""
        pace = self._parts.pace
        due = self._hashes.due()
        timeout = min(BEAT, pace.interval(), BEAT if due is None else due)
        while self._inbox.take(timeout):
            timeout = 0.0
            if self._room():
                break
        if self._hashes.due() == 0.0:
            self._hashes.flush()
        pace.observe()
        if pace.allowed() > 1:
            self._parts.workers.start()
        self._beat()

    def _landed(self, job: Job, done: Future[DownloadResult]) -> None:
        self._fetching -= 1
        self._parts.account.fetching.leave()
        alone = self._parts.pace.landed()
        if done.cancelled() and self._parts.stop.requested():
            return
        try:
            result = done.result()
        except LocalError as error:
            self._break_off(error)
            return
        except Exception as error:  # a part broke its promise: that item's failure, not the run's
            result = DownloadResult(job, failure=Failure("internal", f"{error!r}"))
        if result.failure and self._parts.stop.requested():
            return
        self._parts.account.fetched(result, alone=alone)
        if result.failure:
            self._telling.finish(outcomes.lost(result, result.failure), job.key, result)
        else:
            self._hashes.add(result, result.part, result.size)

    def _batch_done(
        self, batch: Sequence[Landed[DownloadResult]], done: Future[list[HashResult]]
    ) -> None:
        self._inbox.put(lambda: self._hashed(batch, done))

    def _hashed(
        self, batch: Sequence[Landed[DownloadResult]], done: Future[list[HashResult]]
    ) -> None:
        self._hashes.landed_back(batch)
        if done.cancelled() and self._parts.stop.requested():
            return
        results = results_of(batch, done)
        self._parts.account.hashed(results)
        for (owner, _, _), hashes in zip(batch, results, strict=True):
            self._hashed_bytes += hashes.size
            self._store(owner, hashes)

    def _store(self, result: DownloadResult, hashes: HashResult) -> None:
        storage, job = self._parts.storage, result.job
        stamp = hashes.failure or self._commit(result)
        if isinstance(stamp, Failure):
            with suppress(Exception):  # the item has its failure already
                storage.discard(result.part)
            self._telling.finish(outcomes.lost(result, stamp), job.key, result)
        else:
            outcome = outcomes.stored(result, hashes, storage.shown(job.path))
            self._telling.finish(outcome, job.key, result, stamp)

    def _commit(self, result: DownloadResult) -> Stamp | Failure:
        storage, job = self._parts.storage, result.job
        try:
            return storage.commit(result.part, job.path, job.replaces)
        except LocalError as error:
            self._break_off(error)
            return Failure("disk", str(error))
        except FileExistsError as error:
            return Failure("exists", str(error))
        except OSError as error:
            return Failure("disk", f"{storage.shown(job.path)}: {error.strerror or error}")
        except Exception as error:  # as in _landed
            return Failure("internal", f"{error!r}")

    def _beat(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if now - self._beat_at < BEAT and not at_once:
            return
        self._beat_at = now
        meter = self._parts.meter
        try:
            self._parts.ledger.tick()
        except LocalError as error:
            self._break_off(error)
        self._parts.reporter.tell(
            Advanced(meter.received(), self._hashed_bytes, self._hashes.pending, meter.active())
        )

    def _break_off(self, error: LocalError) -> None:
        self._trouble = self._trouble or error
        self._parts.stop.request()

    def _wind_down(self) -> None:
        """Give running work a moment to end; what does not is left to the next run."""
        end = time.monotonic() + GRACE
        while self._busy() and (left := end - time.monotonic()) > 0:
            self._hashes.flush()
            self._inbox.take(left)
