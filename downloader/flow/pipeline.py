"""The flow: fetch lane -> hash lane, bounded in flight, one item never waiting for another.

One thread runs it, the coordinator. It owns the plan, the journal and the reporters; workers hand
their results to it through one inbox. An item's part is hashed as soon as it has landed, while
other downloads go on, and only then appears at its final name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Protocol

from downloader import urls
from downloader.errors import DiskFailed, LocalError, UsageError
from downloader.flow import outcomes
from downloader.flow.hash_lane import HashLane, Landed, Occupied
from downloader.flow.plan import Planned, Refused, Repeat
from downloader.models import (
    Advanced,
    DownloadResult,
    Failure,
    Finished,
    HashResult,
    Job,
    Outcome,
    Stamp,
    UrlItem,
)
from downloader.protocols import Fetcher, Reporter, Storage, Workers
from downloader.shared import Meter, Stop

# Seconds between two Advanced events.
BEAT = 0.1
# Files that may have landed and not yet be hashed before fetching pauses: bounds disk and memory.
LANDED_AT_MOST = 512
# Seconds that running work gets to end after a stop request.
GRACE = 1.5


class Account(Protocol):
    """Takes note of what the run does."""

    @property
    def fetching(self) -> Occupied:
        """The fetch lane's clock."""
        ...

    @property
    def hashing(self) -> Occupied:
        """The hash lane's clock."""
        ...

    def fetched(self, result: DownloadResult, *, alone: bool) -> None:
        """One job left the fetch lane; `alone` if no other was on it all the time."""
        ...

    def hashed(self, results: Sequence[HashResult]) -> None:
        """One batch left the hash lane."""
        ...

    def finished(self, outcome: Outcome) -> None:
        """One item is done."""
        ...


class Ledger(Protocol):
    """Keeps each item's outcome, and gives it back for a line that repeats its URL."""

    def record(
        self, outcome: Outcome, result: DownloadResult | None, stamp: Stamp | None, key: str
    ) -> None:
        """Keep one outcome."""
        ...

    def recall(self, key: str) -> Outcome | None:
        """Return what this run kept under `key`."""
        ...

    def tick(self) -> None:
        """Write what is due."""
        ...


class Pace(Protocol):
    """Says how many fetches may be under way, so that the run can learn what one alone takes."""

    def allowed(self) -> int:
        """Return how many jobs may be in flight now."""
        ...

    def begun(self) -> None:
        """One fetch was handed to the workers."""
        ...

    def landed(self) -> bool:
        """One fetch has ended; say whether it was by itself from its beginning to its end."""
        ...

    def observe(self) -> None:
        """Take a sample of the load and the bytes received."""
        ...

    def interval(self) -> float:
        """Return the seconds after which `observe` wants to be called again."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What the flow is plugged together from."""

    workers: Workers
    fetcher: Fetcher
    storage: Storage
    ledger: Ledger
    reporter: Reporter
    account: Account
    pace: Pace
    meter: Meter
    stop: Stop


class Inbox:
    """What workers have done, handed to the one thread that runs the flow."""

    def __init__(self, stop: Stop) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        stop.on_request(lambda: self._queue.put(None))

    def put(self, call: Callable[[], None]) -> None:
        """Have `call` run on the flow's thread. May be called on any thread."""
        self._queue.put(call)

    def take(self, timeout: float) -> bool:
        """Run what has come, waiting up to `timeout` seconds for the first; false if none came."""
        try:
            call = self._queue.get(timeout=timeout) if timeout > 0 else self._queue.get_nowait()
        except Empty:
            return False
        if call:
            call()
        return True


class Pipeline:
    """Fetches and hashes every job of a plan; see the module's promise."""

    def __init__(self, parts: Parts, algorithms: Sequence[str]) -> None:
        self._parts = parts
        self._inbox = Inbox(parts.stop)
        self._hashes: HashLane[DownloadResult] = HashLane(
            parts.workers, algorithms, self._batch_done, parts.account.hashing
        )
        self._fetching = 0
        self._repeats: dict[str, list[UrlItem]] = {}
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
        while more or self._busy():
            if self._parts.stop.requested():
                break
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
        return True

    def _next(self, waiting: Iterator[Planned]) -> Planned | None:
        """Return the next line; a list that breaks off in the middle lets running work end."""
        try:
            return next(waiting, None)
        except UsageError as error:
            self._trouble = LocalError(str(error))
            return None

    def _room(self) -> bool:
        if self._parts.workers.inline:
            return not self._busy()
        if self._hashes.pending >= LANDED_AT_MOST:
            return False
        return self._fetching < self._parts.pace.allowed()

    def _begin(self, planned: Planned) -> None:
        match planned:
            case Job():
                self._fetch(planned)
            case Repeat(item, key) if key in self._repeats:
                self._repeats[key].append(item)
            case Repeat(item, key):
                self._repeat(item, key)
            case Refused(item, failure):
                self._finish(outcomes.refused(item, failure), None, None)

    def _fetch(self, job: Job) -> None:
        self._repeats[urls.masked(job.url)] = []
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
        if done.cancelled():
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
            self._finish(outcomes.lost(result, result.failure), result, None)
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
        if done.cancelled():
            return
        results = done.result()
        self._parts.account.hashed(results)
        for (owner, _, _), hashes in zip(batch, results, strict=True):
            self._hashed_bytes += hashes.size
            self._store(owner, hashes)

    def _store(self, result: DownloadResult, hashes: HashResult) -> None:
        storage, job = self._parts.storage, result.job
        failure = hashes.failure
        stamp = None
        if not failure:
            try:
                stamp = storage.commit(result.part, job.path, job.replaces)
            except DiskFailed as error:
                self._break_off(error)
                failure = Failure("disk", str(error))
            except FileExistsError as error:
                failure = Failure("exists", str(error))
            except OSError as error:
                failure = Failure("disk", f"{storage.shown(job.path)}: {error.strerror}")
        if failure:
            storage.discard(result.part)
            outcome = outcomes.lost(result, failure)
        else:
            outcome = outcomes.stored(result, hashes, storage.shown(job.path))
        self._finish(outcome, result, stamp)

    def _finish(self, outcome: Outcome, result: DownloadResult | None, stamp: Stamp | None) -> None:
        key = outcome.url or ""
        if result:
            key = urls.masked(result.job.url)
            self._parts.ledger.record(outcome, result, stamp, key)
        self._tell(outcome)
        for item in self._repeats.pop(key, ()):
            self._repeat(item, key, outcome)

    def _repeat(self, item: UrlItem, key: str, outcome: Outcome | None = None) -> None:
        outcome = outcome or self._parts.ledger.recall(key)
        if outcome is None:
            failure = Failure("internal", "the same URL on an earlier line left no record")
            self._tell(outcomes.refused(item, failure))
        else:
            self._tell(outcomes.again(outcome, item))

    def _tell(self, outcome: Outcome) -> None:
        self._parts.account.finished(outcome)
        self._parts.reporter.tell(Finished(outcome))

    def _beat(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        if now - self._beat_at < BEAT and not at_once:
            return
        self._beat_at = now
        meter = self._parts.meter
        self._parts.ledger.tick()
        self._parts.reporter.tell(
            Advanced(meter.received(), self._hashed_bytes, self._hashes.pending, meter.active())
        )

    def _break_off(self, error: LocalError) -> None:
        self._trouble = self._trouble or error
        self._parts.stop.request()

    def _wind_down(self) -> None:
        """Give running work a moment to end; what does not is left to the next run."""
        self._hashes.flush()
        end = time.monotonic() + GRACE
        while self._busy() and time.monotonic() < end:
            self._inbox.take(max(0.0, end - time.monotonic()))
