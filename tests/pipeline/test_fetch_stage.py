"""The fetch stage: jobs of a host that is to be left alone come back from the workers' queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from host_rig import BUSY, jobs
from pipeline_rig import Rig as PipelineRig
from plans import OneByOne

from downloader.errors import LocalError
from downloader.models import DownloadResult, HashResult, Job
from downloader.pipeline.fetch_stage import FetchStage
from downloader.pipeline.job_queue import JobQueue, Ticket
from downloader.pipeline.mailbox import Mailbox
from downloader.pipeline.messages import Fetched


class Manual:
    """Workers whose futures a test completes."""

    threads = 2
    processes = 1
    inline = False

    def __init__(self) -> None:
        self.futures: dict[str, Future[Any]] = {}

    def start(self) -> None:
        """Start nothing."""

    def fetch(self, call: Callable[[Job], Any], job: Job) -> Future[Any]:
        """Keep a future."""
        return self.futures.setdefault(job.key, Future())

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Hash nothing."""
        raise NotImplementedError

    def stop(self, *, wait: float) -> bool:
        """Have nothing running."""
        return True


class Rig:
    """A stage on workers that do nothing by themselves; `come_to_rest` reads what they post."""

    def __init__(self, pipeline: PipelineRig, workers: Manual, hosts: Sequence[str]) -> None:
        self.context = pipeline.context()
        self.futures = workers.futures
        self.mailbox = Mailbox()
        self.landed: list[DownloadResult] = []
        self.broken_off: list[LocalError] = []
        self.queue = JobQueue(self.context.hosts, lambda key: None)
        self.queue.read_from(OneByOne(jobs(hosts)), lambda: True)
        self.stage = FetchStage(self.context, self.queue, self.mailbox)
        while isinstance(step := self.queue.next(), Ticket):
            self.stage.submit(step)

    def come_to_rest(self) -> None:
        """Take what was posted."""
        for message in self.mailbox.messages():
            assert isinstance(message, Fetched)
            self.take(message)

    def take(self, message: Fetched) -> None:
        """Take back one job."""
        try:
            returned = self.stage.back(message)
        except LocalError as error:
            self.broken_off.append(error)
            return
        if returned:
            self.landed.append(returned.result)

    def push_back(self, key: str) -> None:
        """Have the host of a job ask for a pause."""
        job = next(job for job in jobs(["a"] * 9) if job.key == key)
        self.futures[key].set_result(DownloadResult(job, failure=BUSY, again_in=50.0))
        self.come_to_rest()


MakeRig = Callable[..., Rig]


@pytest.fixture
def make_stage(make_rig: Callable[..., PipelineRig]) -> Iterator[MakeRig]:
    def make(*hosts: str) -> Rig:
        workers = Manual()
        made.append(Rig(make_rig(workers=workers), workers, hosts))
        return made[-1]

    made: list[Rig] = []
    yield make
    for rig in made:
        rig.mailbox.close()


def test_what_no_thread_has_begun_is_taken_back_where_the_host_is_the_same(
    make_stage: MakeRig,
) -> None:
    rig = make_stage("a", "a", "a", "b")
    rig.futures["1"].set_running_or_notify_cancel()
    rig.push_back("0")
    assert [key for key, future in rig.futures.items() if future.cancelled()] == ["2"]
    assert (rig.stage.in_flight, rig.queue.kept_back) == (2, 2)
    assert rig.landed == []


def test_what_is_taken_back_has_not_been_tried(make_stage: MakeRig) -> None:
    rig = make_stage("a", "a")
    rig.push_back("0")
    kept_back = sorted(ticket for tickets in rig.queue._by_host.values() for ticket in tickets)
    assert [ticket.job.attempts for ticket in kept_back] == [1, 0]


def test_a_stage_that_was_asked_to_stop_takes_no_note_of_what_broke_off(
    make_stage: MakeRig,
) -> None:
    rig = make_stage("a", "b")
    rig.context.stop.request()
    rig.futures["0"].cancel()
    rig.futures["1"].set_exception(LocalError("disk full"))
    rig.come_to_rest()
    assert (rig.stage.in_flight, rig.landed) == (0, [])
    assert [str(error) for error in rig.broken_off] == ["disk full"]


def test_what_the_workers_lose_by_themselves_is_a_failure(make_stage: MakeRig) -> None:
    rig = make_stage("a")
    rig.futures["0"].cancel()
    rig.come_to_rest()
    assert [result.failure.kind for result in rig.landed if result.failure] == ["internal"]
