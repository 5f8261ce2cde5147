"""The story of a run: fetch -> hash -> commit, bounded in flight, no item waiting for another.

One thread runs it. It owns the plan, the journal and the reporters, and runs usual exchanges
itself; workers post what they have done (`messages`), and one `match` says what follows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from downloader.checksums import compare
from downloader.checksums.compare import Verdict
from downloader.errors import LocalError, UsageError
from downloader.models import (
    Advanced,
    DownloadResult,
    Failure,
    FileHashed,
    HashResult,
    Job,
    ResumePoint,
)
from downloader.pipeline import mirrors
from downloader.pipeline.commit_stage import CommitStage
from downloader.pipeline.context import RunContext
from downloader.pipeline.fetch_stage import FetchStage, Returned
from downloader.pipeline.hash_stage import HashStage, results_of
from downloader.pipeline.job_queue import JobQueue, Plan, Step, Ticket
from downloader.pipeline.mailbox import Mailbox
from downloader.pipeline.messages import Fetched, Hashed, Message, PartNoted
from downloader.pipeline.outcome_log import OutcomeLog
from downloader.pipeline.unchanged import UnchangedFiles
from downloader.planning import outcomes
from downloader.planning.planner import Kept, PassedOver, Refused, Repeat

# Files that may have landed and not yet be hashed before fetching pauses: bounds disk and memory.
LANDED_AT_MOST = 512
# Seconds that running work gets to end after a stop request.
GRACE = 1.5
# Seconds between two Advanced events.
BEAT = 0.1


def _at_once() -> bool:
    return True


class Coordinator:
    """Fetches, hashes and commits every job of a plan; see the module's promise."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._stop = context.stop
        self._mailbox = Mailbox()
        self._log = OutcomeLog(context.journal, context.stats, context.reporter, context.limit)
        self._queue = JobQueue(context.hosts, self._log.expect)
        self._fetches = FetchStage(context, self._queue, self._mailbox)
        self._hashes: HashStage[DownloadResult] = HashStage(
            context.workers, context.algorithms, self._mailbox, context.stats.hashing
        )
        self._commits = CommitStage(context, self._log)
        self._unchanged = UnchangedFiles(context, self._hashes, self._log)
        self._hashed_bytes = 0
        self._beat_at = 0.0
        self._trouble: LocalError | None = None
        self._stop.on_request(context.fetcher.abort)
        self._stop.on_request(self._mailbox.ring)
        context.fetcher.on_part(self._note)
        context.meter.beat = self._beat if context.workers.inline else None

    def run(self, plan: Plan, ready: Callable[[], bool] = _at_once) -> None:
        """Bring every item of the plan to its end.

        A line that is not `ready` yet is not waited for: others go on meanwhile. Returns early,
        with running work ended, when a stop is requested. Raises `LocalError` where this machine
        stops the run; what is done by then is recorded.
        """
        self._queue.read_from(plan, ready)
        while self._has_work() and not self._stop.requested():
            self._attempt(self._submit)
            self._attempt(self._work)
        if self._stop.requested():
            self._wind_down()
        self._attempt(self._commits.flush)
        self._fetches.close()
        self._beat(at_once=True)
        self._mailbox.close()
        if self._trouble:
            raise self._trouble

    def _attempt(self, step: Callable[[], None]) -> None:
        """Do a step of the run; what stops the run is kept until the rest has ended."""
        try:
            step()
        except LocalError as error:
            self._trouble = self._trouble or error
            self._stop.request()

    def _has_work(self) -> bool:
        return self._queue.has_more or self._is_busy() or bool(self._commits.pending)

    def _is_busy(self) -> bool:
        return bool(self._fetches.in_flight or self._hashes.pending)

    def _submit(self) -> None:
        """Begin what may begin while there is room."""
        while (room := self._room()) > 0 and self._begin_some(room):
            pass
        self._context.stats.held_back(self._is_held_back())

    def _begin_some(self, room: int) -> bool:
        """Begin so many jobs, and what needs no room; return False if no more is to begin now."""
        while room > 0:
            step = None if self._stop.requested() else self._next()
            if step is None:
                return False
            self._begin(step)
            self._beat()
            if isinstance(step, Ticket):
                room -= 1
            elif self._is_waited_for():
                return False  # lines that need no room would keep files waiting
        return True

    def _is_waited_for(self) -> bool:
        return self._mailbox.has_post() or 0.0 in (self._hashes.due(), self._commits.due())

    def _next(self) -> Step | None:
        """Return what comes next; a list that breaks off in the middle lets running work end."""
        try:
            return self._queue.next(read=not self._log.is_full)
        except UsageError as error:
            self._trouble = self._trouble or LocalError(str(error))
            self._queue.read_no_further()
        return None

    def _room(self) -> int:
        """Return how many jobs more may begin."""
        if self._context.workers.inline:
            return 0 if self._is_busy() else 1
        return self._fetches.room() if self._hashes.pending < LANDED_AT_MOST else 0

    def _is_held_back(self) -> bool:
        """Return True if a thread is free and no host may be asked."""
        is_free = self._fetches.in_flight < self._context.workers.threads
        return bool(self._queue.kept_back) and is_free and self._room() > 0

    def _begin(self, step: Step) -> None:
        match step:
            case Ticket():
                self._fetches.submit(step)
            case Repeat(item, key):
                self._log.repeat(item, key)
            case Refused(item, failure, key):
                self._log.finish(outcomes.refused(item, failure), key)
            case Kept(job, outcome):
                self._log.finish(outcome, job.key, DownloadResult(job, attempts=0))
            case PassedOver():
                self._context.stats.passed_over += 1
            case DownloadResult(failure=Failure() as failure):
                self._give_up(step, failure)

    def _work(self) -> None:
        """Wait for what comes next, and do what is due."""
        if not self._fetches.in_flight:
            self._hashes.flush()
        if not self._is_busy():
            self._commits.flush()
        if not self._has_work():
            return
        for returned in self._fetches.wait(self._patience()):
            self._attempt(partial(self._landed, returned))
        for message in self._mailbox.messages():
            self._attempt(partial(self._handle, message))
        if self._hashes.due() == 0.0:
            self._hashes.flush()
        if self._commits.due() == 0.0:
            self._commits.flush()
        self._context.concurrency.observe()
        self._fetches.share_if_it_helps()
        self._beat()

    def _patience(self) -> float:
        """Return the seconds for which nothing is to be done but to wait."""
        soon = self._queue.wait() if self._room() else None
        dues = (self._hashes.due(), self._commits.due(), soon)
        return min(BEAT, self._context.concurrency.interval(), *(d for d in dues if d is not None))

    def _handle(self, message: Message) -> None:
        match message:
            case Fetched():
                returned = self._fetches.back(message)
                if returned:
                    self._landed(returned)
            case Hashed(batch, done):
                self._hashes.landed_back(batch)
                if not (done.cancelled() and self._stop.requested()):
                    self._hashed([owner for owner, *_ in batch], results_of(batch, done))
            case PartNoted(job, resume):
                self._context.journal.note(job, resume)

    def _note(self, job: Job, resume: ResumePoint) -> None:
        """Keep, at once, with which proof a part may be continued; called on any thread.

        Where the coordinator itself fetches, what is posted would come too late.
        """
        if self._context.workers.inline:
            self._context.journal.note(job, resume)
        else:
            self._mailbox.post(PartNoted(job, resume))

    def _landed(self, returned: Returned) -> None:
        result = returned.result
        self._context.stats.fetched(result, alone=returned.alone)
        if result.failure:
            self._give_up(result, result.failure)
            return
        if result.unchanged:
            self._unchanged.landed(result)
            return
        named = self._context.named(result)
        if isinstance(named, Failure):
            self._lose(result, named)
            return
        needed = compare.algorithms(self._context.algorithms, named)
        if [each.algorithm for each in named.digests] == list(needed):
            hashes = HashResult(
                named.part, named.size, named.digests, named.hash_seconds, named.hash_cpu
            )
            self._context.stats.hashed_while_landing(hashes)
            self._hashed_bytes += hashes.size
            self._judge(named, hashes)
        else:
            self._hashes.add(named, named.part, named.size, needed)

    def _hashed(self, owners: Sequence[DownloadResult], results: Sequence[HashResult]) -> None:
        self._context.stats.hashed(results)
        for result, hashes in zip(owners, results, strict=True):
            self._context.reporter.tell(FileHashed(result.job.path, hashes))
            self._hashed_bytes += hashes.size
            self._judge(result, hashes)

    def _judge(self, result: DownloadResult, hashes: HashResult) -> None:
        """Commit a file that is right; one that is not is fetched once more, from zero."""
        if result.unchanged:
            self._unchanged.hashed(result, hashes)
            return
        verdict = Verdict() if hashes.failure else compare.judge(result, hashes.digests)
        failure = hashes.failure or verdict.failure
        if failure is None:
            self._commits.add(result, hashes, verdict)
        elif verdict.failure and self._may_come_right(result.job, verdict):
            self._commits.discard(result)
            self._queue.again(result)
        else:
            self._lose(result, failure)

    def _may_come_right(self, job: Job, verdict: Verdict) -> bool:
        """Return True if a URL that brought wrong bytes is asked again: the only one, once."""
        return not (verdict.is_final or job.mismatches or job.item.mirrors)

    def _lose(self, result: DownloadResult, failure: Failure) -> None:
        self._commits.discard(result)
        self._give_up(result, failure)

    def _give_up(self, result: DownloadResult, failure: Failure) -> None:
        """Go on with the item's next mirror; if there is none, the item has failed."""
        job = mirrors.following(result, failure) if result.job.item.mirrors else None
        if job is not None:
            self._queue.put_back(job)
            return
        said = mirrors.last_words(result.job, failure)
        self._log.finish(outcomes.lost(result, said), result.job.key, result)

    def _beat(self, *, at_once: bool = False) -> None:
        """Write and tell what is due, or all that there is."""
        now = time.monotonic()
        if now - self._beat_at < BEAT and not at_once:
            return
        self._beat_at = now
        self._attempt(self._context.journal.tick)
        meter = self._context.meter
        told = Advanced(meter.received(), self._hashed_bytes, self._hashes.pending, meter.active())
        self._context.reporter.tell(told)

    def _wind_down(self) -> None:
        """Give running work a moment to end; what does not is left to the next run."""
        self._fetches.close()
        end = time.monotonic() + GRACE
        while self._is_busy() and (left := end - time.monotonic()) > 0:
            self._hashes.flush()
            self._mailbox.wait(left)
            for message in self._mailbox.messages():
                self._attempt(partial(self._handle, message))
