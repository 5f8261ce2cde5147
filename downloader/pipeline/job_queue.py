"""The queue before the fetch stage: it keeps the jobs that may not go yet, host by host.

Jobs go in list order. Only while those that were read may not go, because their hosts have enough
connections or are to be left alone, is the plan read ahead for others; a host's own jobs are never
reordered, but for one that waits alone, since its file is not ready. Where no host is held back,
nothing else is held.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from downloader import urls
from downloader.models import DownloadResult, Job, replace
from downloader.pipeline.host_limits import NEVER, HostLimits
from downloader.planning.planner import Kept, PassedOver, Planned, Refused, Repeat

# Jobs that are held before the plan is read no further.
KEPT_BACK_AT_MOST = 1000
# Lines that are planned at once.
BATCH = 32


class Plan(Protocol):
    """Decided lines, by the batch."""

    @property
    def is_read(self) -> bool:
        """Return True if nothing more is to be taken."""
        ...

    def take(self, most: int, ready: Callable[[], bool], /) -> list[Planned]:
        """Return up to `most` lines, those that are there."""
        ...


class Ticket(NamedTuple):
    """A job that may be fetched now: its number in the list, and its host."""

    number: int
    site: str
    job: Job


Step = Ticket | Repeat | Refused | Kept | PassedOver | DownloadResult


class JobQueue:
    """Hands out what may begin; `expect` is told the key of every job as it is read."""

    def __init__(self, hosts: HostLimits, expect: Callable[[str], None]) -> None:
        self._plan: Plan | None = None
        self._planned: deque[Planned] = deque()
        self._is_line_ready: Callable[[], bool] = bool
        self._hosts = hosts
        self._expect = expect
        self._read = 0
        self._returned = 0
        self._is_read = False
        self._by_host: dict[str, list[Ticket]] = {}  # heaps: what is held, by host
        self._ready: list[tuple[int, str]] = []  # a heap: hosts that may go, by their first job
        self._timed: list[tuple[float, str]] = []  # a heap: hosts that may go later, by time
        self._resting: list[tuple[float, Ticket]] = []  # a heap: jobs that wait alone, by time
        self.kept_back = 0

    def read_from(self, plan: Plan, ready: Callable[[], bool]) -> None:
        """Take this plan's lines, in their order; one that is not `ready` is not waited for."""
        self._plan, self._is_line_ready = plan, ready

    def read_no_further(self) -> None:
        """Take no more lines: the list has broken off."""
        self._is_read = True

    @property
    def has_more(self) -> bool:
        """Return True if anything is still to be handed out."""
        return self.kept_back > 0 or bool(self._planned) or not self._is_read

    def next(self, *, read: bool = True) -> Step | None:
        """Return what comes next, `None` while nothing may begin, or nothing is left.

        A job whose host is down comes as its failure. The plan is not read where `read` is false.
        """
        now = self._hosts.clock()
        if self.kept_back:
            ticket = self._first_ready(now)
            if ticket is not None:
                return self._begun(ticket, now)
        while read and self.kept_back < KEPT_BACK_AT_MOST:
            planned = self._next_planned()
            if not isinstance(planned, Job):
                return planned
            ticket = self._ticket(planned)
            if ticket.site not in self._by_host and self._hosts.opens(ticket.site, now) <= now:
                return self._begun(ticket, now)
            self._hold(ticket)
            self._consider(ticket.site, now)
        return None

    def landed(self, ticket: Ticket, result: DownloadResult | None) -> bool:
        """Take note of what became of a job, `None` where it was not tried.

        True where the job is back in the queue, with the tries that it has had.
        """
        self._hosts.end(ticket.site, result)
        if result is None:
            self._hold(ticket)
        elif result.again_in is not None:
            self._take_back(ticket._replace(job=_tried(result)), result)
        if self.kept_back:
            self._consider(ticket.site, self._hosts.clock())
        return result is None or result.again_in is not None

    def again(self, result: DownloadResult) -> None:
        """Take back a job that had landed: it goes before all others of its host, from zero."""
        self.put_back(replace(_tried(result), resume=None, mismatches=result.job.mismatches + 1))

    def put_back(self, job: Job) -> None:
        """Take a job that has been under way: it goes before all others of its host."""
        self._returned += 1
        site = urls.site(job.url)
        self._hold(Ticket(-self._returned, site, job))
        self._consider(site, self._hosts.clock())

    def wait(self) -> float | None:
        """Return the seconds until a held job may go, `None` where no time is known."""
        times = [heap[0][0] for heap in (self._timed, self._resting) if heap]
        if not self.kept_back or not times:
            return None
        return max(0.0, min(times) - self._hosts.clock())

    def _next_planned(self) -> Planned | None:
        if not self._planned and self._plan is not None and not self._is_read:
            self._planned.extend(self._plan.take(BATCH, self._is_line_ready))
            self._is_read = self._plan.is_read
        return self._planned.popleft() if self._planned else None

    def _ticket(self, job: Job) -> Ticket:
        self._expect(job.key)
        self._read += 1
        return Ticket(self._read, urls.site(job.url), job)

    def _begun(self, ticket: Ticket, now: float) -> Ticket | DownloadResult:
        failure = self._hosts.down(ticket.site, now)
        if failure is not None:
            return DownloadResult(ticket.job, attempts=ticket.job.attempts, failure=failure)
        self._hosts.begin(ticket.site)
        return ticket

    def _first_ready(self, now: float) -> Ticket | None:
        """Take the first job, in list order, of the hosts that may go."""
        while self._resting and self._resting[0][0] <= now:
            self._wake(heappop(self._resting)[1], now)
        while self._timed and self._timed[0][0] <= now:
            self._consider(heappop(self._timed)[1], now)
        while self._ready:
            number, site = heappop(self._ready)
            tickets = self._by_host.get(site)
            if tickets is None or tickets[0].number != number:
                continue  # its first job has gone, or another came before it, since
            if self._hosts.opens(site, now) > now:
                self._consider(site, now)
                continue
            return self._pop(tickets)
        return None

    def _pop(self, tickets: list[Ticket]) -> Ticket:
        ticket = heappop(tickets)
        self.kept_back -= 1
        if tickets:
            heappush(self._ready, (tickets[0].number, ticket.site))
        else:
            del self._by_host[ticket.site]
        return ticket

    def _take_back(self, ticket: Ticket, result: DownloadResult) -> None:
        """Hold a job that has been tried; its host is looked at afterwards."""
        if not result.waits_alone:
            self._hold(ticket)
            return
        assert result.again_in is not None
        heappush(self._resting, (self._hosts.clock() + result.again_in, ticket))
        self.kept_back += 1

    def _wake(self, ticket: Ticket, now: float) -> None:
        """Let a job that has waited alone go when its host may."""
        self.kept_back -= 1
        self._hold(ticket)
        self._consider(ticket.site, now)

    def _hold(self, ticket: Ticket) -> None:
        heappush(self._by_host.setdefault(ticket.site, []), ticket)
        self.kept_back += 1

    def _consider(self, site: str, now: float) -> None:
        """Note when a host may go; one that is full is looked at again when a job has landed."""
        tickets = self._by_host.get(site)
        if tickets is None:
            return
        opens = self._hosts.opens(site, now)
        if opens <= now:
            heappush(self._ready, (tickets[0].number, site))
        elif opens < NEVER:
            heappush(self._timed, (opens, site))


def _tried(result: DownloadResult) -> Job:
    """Return the job with what its tries so far have come to."""
    return replace(
        result.job, attempts=result.attempts, resume=result.resume, earlier=result.timing
    )
