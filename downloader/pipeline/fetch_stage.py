"""The fetch lane: jobs go to the workers, and back into the queue where their hosts want peace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

from downloader.errors import LocalError
from downloader.models import DownloadResult, Failure
from downloader.pipeline.context import RunContext
from downloader.pipeline.job_queue import JobQueue, Ticket

Landing = Future[DownloadResult]


class FetchStage:
    """Submits jobs; `landed` is told of each that is done with, and whether it was alone.

    `post` has a call run on the coordinator's thread, the only one that uses all the rest.
    """

    def __init__(
        self,
        parts: RunContext,
        queue: JobQueue,
        *,
        post: Callable[[Callable[[], None]], None],
        landed: Callable[[DownloadResult, bool], None],
        break_off: Callable[[LocalError], None],
    ) -> None:
        self._parts = parts
        self._queue = queue
        self._post = post
        self._landed = landed
        self._break_off = break_off
        self._under_way: dict[Landing, Ticket] = {}
        self._recalled: set[Landing] = set()

    @property
    def in_flight(self) -> int:
        """How many jobs wait for a thread or are with one."""
        return len(self._under_way)

    def submit(self, ticket: Ticket) -> None:
        """Hand a job to the workers."""
        self._parts.account.fetching.enter()
        self._parts.pace.begun()
        future = self._parts.workers.fetch(self._parts.fetcher.fetch, ticket.job)
        self._under_way[future] = ticket
        future.add_done_callback(lambda done: self._post(lambda: self._back(done)))

    def _back(self, done: Landing) -> None:
        ticket = self._under_way.pop(done)
        self._parts.account.fetching.leave()
        alone = self._parts.pace.landed()
        if done in self._recalled:
            self._recalled.remove(done)
            self._queue.landed(ticket, None)
            return
        is_over = self._parts.stop.requested()
        result = None if done.cancelled() and is_over else self._result(ticket, done)
        if result is None or (result.failure and is_over):
            return
        is_back = self._queue.landed(ticket, result)
        if is_back or result.unreached:
            self._recall(ticket.site)
        if not is_back:
            self._landed(result, alone)

    def _result(self, ticket: Ticket, done: Landing) -> DownloadResult | None:
        try:
            return done.result()
        except LocalError as error:
            self._break_off(error)
            return None
        except Exception as error:  # a part broke its promise: that item's failure, not the run's
            return DownloadResult(ticket.job, failure=Failure("internal", f"{error!r}"))

    def _recall(self, site: str) -> None:
        """Take back the jobs of a host that no thread has begun: it is to be left alone."""
        waiting = [future for future, ticket in self._under_way.items() if ticket.site == site]
        self._recalled.update(future for future in waiting if future.cancel())
