"""Small files wait for company, but not for long; large ones for none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing

import pytest
from pipeline_rig import Clock

from downloader.models import HashResult
from downloader.pipeline.hash_stage import (
    BATCH_BYTES,
    BATCH_FILES,
    LINGER,
    HashStage,
    Landed,
    results_of,
)
from downloader.pipeline.mailbox import Mailbox
from downloader.pipeline.messages import Hashed
from downloader.pipeline.stats import BusyClock


class Hasher:
    """Workers that take note of each batch, and never finish one."""

    threads = processes = 1

    def __init__(self, inline: bool = False) -> None:
        self.inline = inline
        self.batches: list[list[str]] = []
        self.futures: list[Future[list[HashResult]]] = []

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        self.batches.append(list(paths))
        self.futures.append(Future())
        return self.futures[-1]

    def start(self) -> None: ...

    def fetch(self, call: object, job: object) -> Future[object]:
        raise NotImplementedError

    def stop(self, *, wait: float) -> bool:
        return True


class Batching:
    """A hash stage with its clock, its workers, and the mailbox to which they deliver."""

    def __init__(self, *, inline: bool = False) -> None:
        self.clock = Clock()
        self.workers = Hasher(inline)
        self.mailbox = Mailbox()
        self.occupied = BusyClock(self.clock)
        self.stage: HashStage[int] = HashStage(
            self.workers,  # type: ignore[arg-type]  # it fetches nothing
            ["sha256"],
            self.mailbox,
            self.occupied,
            self.clock,
        )

    def add(self, count: int, size: int = 1) -> None:
        for number in range(count):
            self.stage.add(number, f"file-{number}", size)

    def delivered(self) -> list[Sequence[Landed[int]]]:
        return [message.batch for message in self.mailbox.messages() if isinstance(message, Hashed)]

    def close(self) -> None:
        self.mailbox.close()


@pytest.fixture
def small() -> Iterator[Batching]:
    with closing(Batching()) as stage:
        yield stage


def test_small_files_go_in_one_batch_when_it_is_full(small: Batching) -> None:
    small.add(BATCH_FILES - 1)
    assert small.workers.batches == []
    small.add(1)
    assert [len(batch) for batch in small.workers.batches] == [BATCH_FILES]


def test_a_large_file_goes_at_once_with_those_that_wait(small: Batching) -> None:
    small.add(2)
    small.add(1, size=BATCH_BYTES)
    assert small.workers.batches == [["file-0", "file-1", "file-0"]]


def test_many_bytes_in_small_files_are_a_batch_too(small: Batching) -> None:
    small.add(4, size=BATCH_BYTES // 4)
    assert len(small.workers.batches) == 1


def test_a_file_waits_for_company_no_longer_than_it_pays(small: Batching) -> None:
    assert small.stage.due() is None
    small.add(1)
    assert small.stage.due() == pytest.approx(LINGER)
    small.clock.now += LINGER / 2
    small.add(1)
    assert small.stage.due() == pytest.approx(LINGER / 2)
    small.clock.now += LINGER
    assert small.stage.due() == 0.0


def test_after_a_flush_nothing_is_due(small: Batching) -> None:
    small.add(3)
    small.stage.flush()
    small.stage.flush()
    assert small.stage.due() is None
    assert len(small.workers.batches) == 1


def test_in_one_thread_no_file_waits() -> None:
    with closing(Batching(inline=True)) as inline:
        inline.add(2)
    assert inline.workers.batches == [["file-0"], ["file-1"]]


def test_what_waits_and_what_is_with_a_worker_is_pending(small: Batching) -> None:
    small.add(3)
    small.stage.flush()
    small.add(2)
    assert (small.stage.pending, small.stage.in_flight) == (5, 3)
    small.stage.landed_back([(0, "", 0)] * 3)
    assert (small.stage.pending, small.stage.in_flight) == (2, 0)


def test_a_batch_is_delivered_with_its_owners_in_order(small: Batching) -> None:
    small.add(3)
    small.stage.flush()
    assert small.delivered() == []
    small.workers.futures[0].set_result([])
    assert [owner for owner, _, _ in small.delivered()[0]] == [0, 1, 2]


def test_time_counts_while_a_batch_is_with_a_worker(small: Batching) -> None:
    small.add(1)
    small.clock.now += 1
    small.stage.flush()
    small.clock.now += 2
    small.stage.landed_back([(0, "", 0)])
    small.clock.now += 4
    assert small.occupied.seconds == 2.0


def test_results_are_those_of_the_workers() -> None:
    done: Future[list[HashResult]] = Future()
    done.set_result([HashResult("a"), HashResult("b")])
    assert results_of([(0, "a", 1), (1, "b", 1)], done) == done.result()


@pytest.mark.parametrize("answer", [[HashResult("a")], RuntimeError("a bug")])
def test_a_broken_promise_is_each_files_failure(answer: list[HashResult] | Exception) -> None:
    done: Future[list[HashResult]] = Future()
    if isinstance(answer, Exception):
        done.set_exception(answer)
    else:
        done.set_result(answer)
    results = results_of([(0, "a", 1), (1, "b", 1)], done)
    assert [result.path for result in results] == ["a", "b"]
    assert {result.failure.kind for result in results if result.failure} == {"internal"}
