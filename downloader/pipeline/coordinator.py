"""The flow: fetch lane -> hash lane, bounded in flight, one item never waiting for another.

One thread runs it, the coordinator. It owns the plan, the journal and the reporters; workers hand
their results to it through one inbox. An item's part is hashed as soon as it has landed, while
other downloads go on, and only then appears at its final name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future

from downloader.checksums import compare
from downloader.errors import LocalError, UsageError
from downloader.models import (
    DownloadResult,
    Failure,
    FileStat,
    HashResult,
    Outcome,
    Warned,
    replace,
)
from downloader.pipeline.announcing import announce
from downloader.pipeline.context import RunContext
from downloader.pipeline.fetch_stage import FetchStage
from downloader.pipeline.hash_stage import HashStage, Landed, results_of
from downloader.pipeline.inbox import Inbox
from downloader.pipeline.job_queue import JobQueue, Step, Ticket
from downloader.pipeline.noting import noting
from downloader.pipeline.pulse import BEAT, Pulse
from downloader.pipeline.shelf import Shelf
from downloader.pipeline.staying import Staying
from downloader.pipeline.telling import Telling
from downloader.planning import outcomes
from downloader.planning.planner import Kept, Planned, Refused, Repeat

# Files that may have landed and not yet be hashed before fetching pauses: bounds disk and memory.
LANDED_AT_MOST = 512
# Seconds that running work gets to end after a stop request.
GRACE = 1.5


class Coordinator:
    """Fetches and hashes every job of a plan; see the module's promise."""

    def __init__(self, parts: RunContext, algorithms: Sequence[str]) -> None:
        self._parts = parts
        self._algorithms = tuple(algorithms)
        self._inbox = Inbox(parts.stop)
        self._hashes: HashStage[DownloadResult] = HashStage(
            parts.workers, algorithms, self._batch_done, parts.account.hashing
        )
        self._shelf = Shelf(parts.storage, self._break_off)
        self._stored: list[tuple[DownloadResult, FileStat, Outcome]] = []
        self._telling = Telling(parts.ledger, parts.account, parts.reporter, self._break_off)
        self._queue = JobQueue(parts.hosts, self._telling.expect)
        self._fetches = FetchStage(
            parts,
            self._queue,
            post=self._inbox.put,
            landed=self._landed,
            break_off=self._break_off,
        )
        self._staying = Staying(parts.storage, self._hashes, self._telling, self._algorithms)
        self._pulse = Pulse(parts, lambda: self._hashes.pending, self._break_off)
        self._trouble: LocalError | None = None
        parts.stop.on_request(parts.fetcher.abort)
        parts.fetcher.on_part(noting(parts, self._inbox.put, self._break_off))
        parts.meter.beat = self._pulse.beat if parts.workers.inline else None

    def run(self, plan: Iterable[Planned], ready: Callable[[], bool] = lambda: True) -> None:
        """Bring every item of the plan to its end.

        A line that is not `ready` yet is not waited for: others go on meanwhile. Returns early,
        with running work ended, when a stop is requested. Raises `LocalError` where this machine
        stops the run; what is done by then is recorded.
        """
        self._read_from(plan, ready)
        while (self._queue.has_more or self._busy()) and not self._parts.stop.requested():
            self._submit()
            if not self._fetches.in_flight:
                self._hashes.flush()
            if self._queue.has_more or self._busy():
                self._work()
        if self._parts.stop.requested():
            self._wind_down()
        self._pulse.beat(at_once=True)
        if self._trouble:
            raise self._trouble

    def _read_from(self, plan: Iterable[Planned], ready: Callable[[], bool]) -> None:
        self._queue.read_from(plan)
        self._is_line_ready = ready

    def _busy(self) -> bool:
        return bool(self._fetches.in_flight or self._hashes.pending)

    def _submit(self) -> None:
        """Begin what may begin while there is room."""
        while self._room() and not self._parts.stop.requested():
            step = self._next()
            if step is None:
                break
            self._begin(step)
            self._pulse.beat()
            if not isinstance(step, Ticket) and (self._inbox.waits() or self._hashes.due() == 0.0):
                break  # lines that need no room would keep files waiting
        self._parts.account.held_back(self._is_held_back())

    def _next(self) -> Step | None:
        """Return what comes next; a list that breaks off in the middle lets running work end."""
        try:
            return self._queue.next(read=not self._telling.is_full and self._is_line_ready())
        except UsageError as error:
            self._trouble = self._trouble or LocalError(str(error))
            self._read_from((), lambda: True)
        except LocalError as error:
            self._break_off(error)
        return None

    def _room(self) -> bool:
        if self._parts.workers.inline:
            return not self._busy()
        if self._hashes.pending >= LANDED_AT_MOST:
            return False
        return self._fetches.in_flight < self._parts.pace.allowed()

    def _is_held_back(self) -> bool:
        """Say whether a thread is free and no host may be asked."""
        is_free = self._fetches.in_flight < self._parts.workers.threads
        return bool(self._queue.held) and is_free and self._room()

    def _begin(self, step: Step) -> None:
        match step:
            case Ticket():
                self._fetches.submit(step)
            case Repeat(item, key):
                self._telling.repeat(item, key)
            case Refused(item, failure, key):
                self._telling.finish(outcomes.refused(item, failure), key)
            case Kept(job, outcome):
                self._telling.finish(outcome, job.key, DownloadResult(job, attempts=0))
            case DownloadResult(failure=Failure() as failure):
                self._telling.finish(outcomes.lost(step, failure), step.job.key, step)

    def _work(self) -> None:
        """Wait for results and handle all that have come; beat, sample and flush when due."""
        pace = self._parts.pace
        due = self._hashes.due()
        soon = self._queue.wait() if self._room() else None
        timeout = min(BEAT, pace.interval(), *(each for each in (due, soon) if each is not None))
        while self._inbox.take(timeout):
            timeout = 0.0
            if self._room():
                break
        if self._hashes.due() == 0.0:
            self._hashes.flush()
        pace.observe()
        if pace.allowed() > 1:
            self._parts.workers.start()
        self._pulse.beat()

    def _landed(self, result: DownloadResult, alone: bool) -> None:
        self._parts.account.fetched(result, alone=alone)
        if result.failure:
            self._telling.finish(outcomes.lost(result, result.failure), result.job.key, result)
            return
        if result.unchanged:
            self._staying.landed(result)
            return
        named = self._parts.named(result)
        if isinstance(named, Failure):
            self._shelf.discard(result.part)
            self._telling.finish(outcomes.lost(result, named), result.job.key, result)
            return
        needed = compare.algorithms(self._algorithms, named)
        self._hashes.add(named, named.part, named.size, needed)

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
        if not announce(self._parts.ledger, zip(batch, results, strict=True), self._break_off):
            return
        for (owner, _, _), hashes in zip(batch, results, strict=True):
            self._pulse.hashed_bytes += hashes.size
            self._store(owner, hashes)
        self._tell_stored()

    def _store(self, result: DownloadResult, hashes: HashResult) -> None:
        """Have the file appear if it is right; one that is not is fetched once more, from zero."""
        storage, job = self._parts.storage, result.job
        if result.unchanged:
            self._staying.hashed(result, hashes)
            return
        verdict = compare.Verdict() if hashes.failure else compare.judge(result, hashes.digests)
        if verdict.failure and not job.mismatches:
            self._shelf.discard(result.part)
            self._queue.again(result)
            return
        stamp = hashes.failure or verdict.failure or self._shelf.put(result)
        if isinstance(stamp, Failure):
            self._shelf.discard(result.part)
            self._telling.finish(outcomes.lost(result, stamp), job.key, result)
            return
        asked = replace(hashes, digests=hashes.digests[: len(self._algorithms)])
        outcome = outcomes.stored(result, asked, storage.shown(job.path), verdict.verified)
        self._stored.append((result, stamp, outcome))
        for warning in compare.warnings(result, verdict):
            self._parts.reporter.tell(Warned(warning))

    def _tell_stored(self) -> None:
        """Tell of the files that have appeared, once their names are as safe as is wanted."""
        stored, self._stored = self._stored, []
        failure = self._shelf.sync([result.job.path for result, _, _ in stored])
        for result, stamp, outcome in stored:
            if failure:
                self._telling.finish(outcomes.lost(result, failure), result.job.key, result)
            else:
                self._telling.finish(outcome, result.job.key, result, stamp)

    def _break_off(self, error: LocalError) -> None:
        self._trouble = self._trouble or error
        self._parts.stop.request()

    def _wind_down(self) -> None:
        """Give running work a moment to end; what does not is left to the next run."""
        end = time.monotonic() + GRACE
        while self._busy() and (left := end - time.monotonic()) > 0:
            self._hashes.flush()
            self._inbox.take(left)
