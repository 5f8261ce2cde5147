"""Files that a run needs before it begins: fetched in parallel, each host asked as it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice

from downloader.models import DownloadResult, Job
from downloader.pipeline.host_limits import HostLimits
from downloader.pipeline.job_queue import JobQueue, Ticket
from downloader.planning.planned import Planned
from downloader.protocols import Fetcher, Workers
from downloader.shared.stop import Stop

# Seconds after which a request to stop is noticed.
BEAT = 0.1


class _Plan:
    """Jobs that wait for nothing."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs = iter(jobs)
        self.is_read = False

    def take(self, most: int, ready: Callable[[], bool], /) -> list[Planned]:
        """Return the next ones."""
        taken: list[Planned] = list(islice(self._jobs, most))
        self.is_read = len(taken) < most
        return taken


def fetched(
    jobs: Iterable[Job], fetcher: Fetcher, workers: Workers, hosts: HostLimits, stop: Stop
) -> Iterator[DownloadResult]:
    """Yield what becomes of each job, as soon as it is known; no more once a stop is requested.

    Raises `LocalError` if this machine stops the run.
    """
    queue = JobQueue(hosts, lambda key: None)
    queue.read_from(_Plan(jobs), lambda: True)
    under_way: dict[Future[DownloadResult], Ticket] = {}
    while (queue.has_more or under_way) and not stop.requested():
        if len(under_way) < workers.threads and (step := queue.next()) is not None:
            if isinstance(step, Ticket):
                under_way[workers.fetch(fetcher.fetch, step.job)] = step
            elif isinstance(step, DownloadResult):  # its host is down
                yield step
        elif under_way:
            yield from _landed(under_way, queue)
        else:
            stop.sleep(min(BEAT, queue.wait() or 0.0))


def _landed(
    under_way: dict[Future[DownloadResult], Ticket], queue: JobQueue
) -> Iterator[DownloadResult]:
    """Wait a moment for jobs to end; yield those that are not to be tried again."""
    for future in wait(under_way, BEAT, FIRST_COMPLETED).done:
        ticket, result = under_way.pop(future), future.result()
        if not queue.landed(ticket, result):
            yield result
