"""The fetch stage: usual jobs on the coordinator's own thread, all others on the fetch threads.

A job whose host wants peace goes back into the queue.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import NamedTuple

from downloader.errors import LocalError
from downloader.models import DownloadResult, Failure, Job
from downloader.pipeline.context import RunContext
from downloader.pipeline.job_queue import JobQueue, Ticket
from downloader.pipeline.mailbox import Mailbox
from downloader.pipeline.messages import Fetched
from downloader.transfer.usual import Done, UsualExchanges


class Returned(NamedTuple):
    """A job that is done with, and whether no other was under way beside it."""

    result: DownloadResult
    alone: bool


class FetchStage:
    """Begins jobs and takes them back; for the coordinator's thread."""

    def __init__(self, context: RunContext, queue: JobQueue, mailbox: Mailbox) -> None:
        self._context = context
        self._workers = context.workers
        self._concurrency = context.concurrency
        self._usual: UsualExchanges | None = context.usual
        self._queue = queue
        self._mailbox = mailbox
        self._on_threads: dict[Future[DownloadResult], Ticket] = {}
        self._begun: set[Future[DownloadResult]] = set()
        self._recalled: set[Future[DownloadResult]] = set()
        if self._usual:
            self._usual.watch(mailbox.descriptor)

    @property
    def in_flight(self) -> int:
        """How many jobs are under way, or wait for a thread."""
        return len(self._on_threads) + (self._usual.busy if self._usual else 0)

    def room(self) -> int:
        """Return how many jobs more may begin before this is asked again.

        Jobs may wait for a thread, so that none runs dry, but not where they would be done here:
        those that wait are let go one by one, since a connection may have become free meanwhile.
        """
        allowed, usual = self._concurrency.allowed(), self._usual
        if usual and usual.is_shared:
            return usual.room if len(self._on_threads) < allowed else 0
        if usual and usual.has_connections:
            return min(allowed, self._workers.threads) - self.in_flight
        return 1 if self.in_flight < allowed else 0

    def submit(self, ticket: Ticket) -> None:
        """Begin a job."""
        self._context.stats.fetching.enter()
        self._concurrency.begun()
        usual = self._usual
        if usual:
            usual.leave(len(self._on_threads))
        is_free = usual and (usual.is_shared or self.in_flight < self._workers.threads)
        if usual and is_free and usual.start(ticket, ticket.job, ticket.site):
            return
        if usual:
            usual.make_room(ticket.job)
        self._send(ticket, self._context.fetcher.fetch)

    def wait(self, timeout: float) -> list[Returned]:
        """Wait for up to `timeout` seconds for post or usual jobs; return those that ended."""
        if self._usual is None:
            self._mailbox.wait(timeout)
            return []
        self._usual.leave(len(self._on_threads))
        done = self._usual.poll(self._mailbox.fall_asleep(timeout))
        self._mailbox.wake_up()
        self._context.stats.exchange_cpu = self._usual.cpu
        return [returned for each in done if (returned := self._ended(each))]

    def back(self, message: Fetched) -> Returned | None:
        """Take back a job from its thread; `None` if it goes on, or is nobody's any more."""
        ticket = self._on_threads.pop(message.done)
        self._begun.discard(message.done)
        self._context.stats.fetching.leave()
        alone = self._concurrency.landed()
        if message.done in self._recalled:
            self._recalled.remove(message.done)
            self._queue.landed(ticket, None)
            return None
        is_over = self._context.stop.requested()
        if message.done.cancelled() and is_over:
            return None
        result = _result(ticket, message.done)
        if result.failure and is_over:
            return None
        is_back = self._queue.landed(ticket, result)
        if (is_back and not result.waits_alone) or result.unreached:
            self._recall(ticket.site)
        return None if is_back else Returned(result, alone)

    def share_if_it_helps(self) -> None:
        """Have processes take a share of usual jobs, where this thread is what holds them up."""
        choice, usual = self._context.choice, self._usual
        if choice is None or usual is None or usual.is_shared or self._concurrency.allowed() == 1:
            return
        size = choice.size(usual.landed, self._context.stats.items)
        if size:
            usual.share(size)
            self._concurrency.open_for_good()

    def close(self) -> None:
        """Break off what is under way on this thread."""
        if self._usual:
            self._usual.close()

    def _send(
        self, ticket: Ticket, call: Callable[[Job], DownloadResult]
    ) -> Future[DownloadResult]:
        future = self._workers.fetch(call, ticket.job)
        self._on_threads[future] = ticket
        future.add_done_callback(self._post)
        return future

    def _post(self, done: Future[DownloadResult]) -> None:
        self._mailbox.post(Fetched(done))

    def _ended(self, done: Done) -> Returned | None:
        ticket = done.owner
        assert isinstance(ticket, Ticket)
        assert self._usual is not None
        if done.is_recalled:
            self._context.stats.fetching.leave()
            self._concurrency.landed()
            self._queue.landed(ticket, None)
            return None
        if done.result is None:
            if done.begun and done.begun.says_not_now:
                self._context.hosts.pause(ticket.site)
                self._recall(ticket.site)
            self._begun.add(self._send(ticket, partial(self._usual.take_over, begun=done.begun)))
            return None
        self._context.stats.fetching.leave()
        alone = self._concurrency.landed()
        self._queue.landed(ticket, done.result)
        return Returned(done.result, alone)

    def _recall(self, site: str) -> None:
        """Take back the jobs of a host that no thread has begun: it is to be left alone."""
        waiting = [
            future
            for future, ticket in self._on_threads.items()
            if ticket.site == site and future not in self._begun  # whose requests are sent
        ]
        self._recalled.update(future for future in waiting if future.cancel())
        if self._usual:
            self._usual.recall(site.partition("://")[2])


def _result(ticket: Ticket, done: Future[DownloadResult]) -> DownloadResult:
    """Return what a thread returned. Raises `LocalError` where the run must stop."""
    error = done.exception() if not done.cancelled() else RuntimeError("cancelled")
    if error is None:
        return done.result()
    if isinstance(error, LocalError):
        raise error
    # A part broke its promise: that item's failure, not the run's.
    return DownloadResult(ticket.job, failure=Failure("internal", f"{error!r}"))
