"""What every row of the table of executors promises."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest

from downloader.errors import LocalError, UsageError
from downloader.executors import EXECUTORS, make
from downloader.models import Digest, Job, UrlItem
from downloader.protocols import Workers

JOB = Job(UrlItem("http://example.org/a"), "http://example.org/a", "a")


@pytest.fixture(params=sorted(EXECUTORS))
def workers(request: pytest.FixtureRequest) -> Iterator[Workers]:
    made = make(request.param, 2, 1)
    made.start()
    yield made
    assert made.stop(wait=10)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / name for name in "abc"]
    for path in paths:
        path.write_text(path.name)
    return [str(path) for path in paths]


def test_a_fetch_returns_what_the_call_returns(workers: Workers) -> None:
    assert workers.fetch(lambda job: job.path, JOB).result(30) == "a"


def test_a_fetch_carries_what_stops_the_run(workers: Workers) -> None:
    def fails(job: Job) -> None:
        raise LocalError("the disk is full")

    with pytest.raises(LocalError, match="full"):
        workers.fetch(fails, JOB).result(30)


def test_inline_says_whose_thread_fetches(workers: Workers) -> None:
    thread = workers.fetch(lambda _: threading.current_thread(), JOB).result(30)
    assert (thread is threading.current_thread()) == workers.inline
    assert workers.inline or thread.name == "fetch-1"


def test_numbers_are_those_in_use(workers: Workers) -> None:
    assert (workers.threads, workers.processes) == ((1, 1) if workers.inline else (2, 1))


def test_hashes_come_in_the_order_of_the_paths(workers: Workers, files: list[str]) -> None:
    results = workers.hash(files[::-1], ["md5"]).result(30)
    assert [result.path for result in results] == files[::-1]
    expected = [Digest("md5", hashlib.md5(name).hexdigest()) for name in (b"c", b"b", b"a")]
    assert [result.digests[0] for result in results] == expected


def test_several_algorithms_share_one_result(workers: Workers, files: list[str]) -> None:
    result = workers.hash(files[:1], ("sha256", "md5")).result(30)[0]
    assert [digest.algorithm for digest in result.digests] == ["sha256", "md5"]


def test_a_file_that_cannot_be_read_is_data(workers: Workers, files: list[str]) -> None:
    results = workers.hash([files[0], files[0] + "none", files[1]], ["md5"]).result(30)
    failures = [result.failure and result.failure.kind for result in results]
    assert failures == [None, "disk", None]


def test_even_an_unknown_algorithm_does_not_raise(workers: Workers, files: list[str]) -> None:
    failure = workers.hash(files[:1], ["nonsense"]).result(30)[0].failure
    assert failure
    assert failure.kind == "internal"


def test_no_files_are_no_results(workers: Workers) -> None:
    assert workers.hash([], ["md5"]).result(30) == []


def test_all_that_was_promised_is_done_after_stop(workers: Workers, files: list[str]) -> None:
    futures = [workers.hash(files, ["md5"]) for _ in range(50)]
    assert workers.stop(wait=10)
    assert not wait(futures, timeout=10).not_done
    assert all(future.cancelled() or not future.exception() for future in futures)


def test_an_unknown_executor_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError, match="did you mean 'pools'"):
        make("pool", 1, 1)


def test_sequential_work_is_interrupted_at_once() -> None:
    def interrupted(job: Job) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make("sequential", 1, 1).fetch(interrupted, JOB)


def test_stop_tells_of_a_thread_that_still_runs() -> None:
    """What waits behind it is cancelled; `wait()` sees that."""
    begun, go_on = threading.Event(), threading.Event()

    def hangs(job: Job) -> None:
        begun.set()
        go_on.wait()

    workers = make("pools", 1, 1)
    workers.start()
    workers.fetch(hangs, JOB)
    waiting = [workers.fetch(lambda _: None, JOB) for _ in range(3)]
    begun.wait()
    assert not workers.stop(wait=0.01)
    assert not wait(waiting, timeout=10).not_done
    go_on.set()
    assert workers.stop(wait=10)
