"""A clock that a test turns, and jobs and results on hosts of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from plans import OneByOne

from downloader.models import DownloadResult, Failure, Job, Timing, UrlItem, replace
from downloader.pipeline.host_limits import HostLimits
from downloader.pipeline.job_queue import JobQueue, Ticket
from downloader.planning.planner import Planned
from downloader.shared.rate_limiter import RateLimiter

BUSY = Failure("http-status", "429 Too Many Requests", retryable=True)
SOON = Failure("http-status", "not ready (202)", retryable=True)
REFUSED = Failure("connect", "connection refused", retryable=True)


class Clock:
    """Shows the time that it was set to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def site(host: str) -> str:
    """Return a host's name as the controller knows it."""
    return f"http://{host}"


def jobs(hosts: Sequence[str]) -> list[Job]:
    """Return a job for each host, in their order; keys count from 0."""
    urls = [f"{site(host)}/{number}" for number, host in enumerate(hosts)]
    return [Job(UrlItem(url), url, str(n), key=str(n)) for n, url in enumerate(urls)]


class Rig:
    """A queue with its hosts, on a clock; `under_way` are the tickets that were handed out."""

    def __init__(
        self, connections: int = 8, per_host: int | None = None, rate: float | None = None
    ) -> None:
        self.clock = Clock()
        self.pauses: list[tuple[str, float]] = []
        self.hosts = HostLimits(
            connections,
            per_host=per_host,
            limiter=RateLimiter(rate, self.clock) if rate else None,
            note_pause=lambda site, seconds: self.pauses.append((site, seconds)),
            clock=self.clock,
        )
        self.expected: list[str] = []
        self.queue = JobQueue(self.hosts, self.expected.append)
        self.under_way: list[Ticket] = []
        self.read = 0
        self._asked_at: dict[str, float] = {}

    def lines(self, *hosts: str) -> None:
        """Have the queue read a list of these hosts."""
        self.plan(self._counted(jobs(hosts)))

    def plan(self, lines: Iterable[Planned]) -> None:
        """Have the queue read these lines, all of which are there."""
        self.queue.read_from(OneByOne(lines), lambda: True)

    def _counted(self, lines: Sequence[Planned]) -> Iterator[Planned]:
        for line in lines:
            self.read += 1
            yield line

    def take(self) -> str | None:
        """Take what comes next; return its key, with its failure where it has one."""
        step = self.queue.next()
        if isinstance(step, Ticket):
            self.under_way.append(step)
            self._asked_at[step.job.key] = self.clock.now
            return step.job.key
        if isinstance(step, DownloadResult):
            assert step.failure is not None
            return f"{step.job.key}: {step.failure.message}"
        assert step is None
        return None

    def take_all(self) -> list[str]:
        """Take all that may begin now."""
        return list(iter(lambda: self.take() or "", ""))

    def land(self, key: str, **result: Any) -> None:
        """Have a job come back, well where nothing else is said."""
        ticket = next(ticket for ticket in self.under_way if ticket.job.key == key)
        self.under_way.remove(ticket)
        values: dict[str, Any] = {"timing": Timing(requested=self._asked_at[key]), **result}
        self.queue.landed(ticket, replace(DownloadResult(ticket.job), **values))

    def room(self) -> int:
        """Return how many may begin now; none of them does."""
        number = len(self.take_all())
        for ticket in self.under_way[-number:]:
            self.queue.landed(ticket, None)
        del self.under_way[-number:]
        return number

    def push_back(self, key: str, seconds: float) -> None:
        """Have a job come back with a 429."""
        self.land(key, failure=BUSY, http_status=429, again_in=seconds)

    def rest(self, key: str, seconds: float, **result: Any) -> None:
        """Have a job come back with a 202."""
        self.land(key, failure=SOON, http_status=202, again_in=seconds, waits_alone=True, **result)

    def refuse(self, key: str, again_in: float | None = 0.0) -> None:
        """Have a job come back without a connection."""
        self.land(key, failure=REFUSED, unreached=REFUSED.message, again_in=again_in)
