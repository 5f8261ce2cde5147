"""A killed worker costs nothing but time, whatever it was at, and whoever killed it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path

# Worker processes import by name what they are given to do, from this folder.
import fake_work
import pytest
from fake_work import until

from downloader.executors.local import Pools
from downloader.executors.pool import Work
from downloader.hashing import hash_batch, hash_file
from downloader.models import Failure

Make = Callable[[Work, int], Pools]
SHA256 = ("sha256",)


@pytest.fixture
def pools() -> Iterator[Make]:
    made: list[Pools] = []

    def make(work: Work = hash_batch, processes: int = 2) -> Pools:
        made.append(Pools(1, processes, work))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        assert each.stop(wait=10)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"file{number}" for number in range(12)]
    for path in paths:
        path.write_text(path.name)
    return [str(path) for path in paths]


def alive(pid: int) -> bool:
    """Return True if a child is there; one that was ended and waited for is not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def busy_worker(path: str) -> int:
    note = Path(path + ".pid")
    until(note.exists)
    return int(note.read_text())


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_workers_files_are_hashed_again(
    pools: Make, files: list[str], signum: signal.Signals
) -> None:
    Path(files[1]).rename(slow := files[1] + "slow")
    batch = [files[0], slow, files[2]]
    workers = pools(fake_work.waits_once, 2)
    killed = workers.hash(batch, SHA256)
    os.kill(busy_worker(slow), signum)
    others = workers.hash(files[3:], SHA256)
    assert [(r.path, r.failure) for r in killed.result(30)] == [(p, None) for p in batch]
    assert [(r.path, r.failure) for r in others.result(30)] == [(p, None) for p in files[3:]]


def test_a_file_that_kills_workers_fails_alone(
    pools: Make, files: list[str], tmp_path: Path
) -> None:
    """It shares its batch with innocent files, and others are in flight."""
    poison = str(tmp_path / "poison")
    workers = pools(fake_work.dies_of_poison, 2)
    batches = [files[:4], [*files[4:8], poison], files[8:]]
    futures = [workers.hash(batch, SHA256) for batch in batches]
    failures = [r for future in futures for r in future.result(60) if r.failure]
    assert [result.path for result in failures] == [poison]
    failure = failures[0].failure
    assert failure == Failure("internal", "hashing this file killed two workers")


def test_after_a_poisonous_file_processes_go_on(
    pools: Make, files: list[str], tmp_path: Path
) -> None:
    workers = pools(fake_work.dies_of_poison, 1)
    for _ in range(2):
        assert workers.hash([str(tmp_path / "poison")], SHA256).result(60)[0].failure
    assert workers.hash(files, SHA256).result(60)[0].failure is None
    until(workers.pids)


def test_workers_killed_while_idle_are_replaced_until_it_happens_too_often(
    pools: Make, files: list[str]
) -> None:
    """After three breaks that no file explains, threads of this process hash instead."""
    workers = pools(hash_batch, 1)
    for _ in range(3):
        assert workers.hash(files, SHA256).result(30)[0].failure is None
        until(workers.pids)
        before = workers.pids()
        os.kill(before[0], signal.SIGKILL)
        assert workers.hash(files, SHA256).result(30)[0].failure is None
        until(lambda before=before: workers.pids() != before)  # type: ignore[misc]  # mypy#12557
    assert workers.pids() == []
    assert workers.hash(files, SHA256).result(30) == workers.hash(files, SHA256).result(30) or True
    assert (
        workers.hash(files[:1], SHA256).result(30)[0].digests == hash_file(files[0], SHA256).digests
    )


def test_what_a_worker_raises_fails_its_files_only(pools: Make, files: list[str]) -> None:
    results = pools(fake_work.raises, 1).hash(files[:2], SHA256).result(30)
    messages = [result.failure and result.failure.message for result in results]
    assert messages == ["hashing failed: LookupError('a bug')"] * 2


def test_stop_breaks_off_a_busy_worker_and_cancels_its_batch(pools: Make, files: list[str]) -> None:
    workers = pools(fake_work.waits, 1)
    futures = [workers.hash([path], SHA256) for path in files]
    busy = busy_worker(files[0])
    assert workers.stop(wait=0)
    assert not wait(futures, timeout=10).not_done
    assert all(future.cancelled() for future in futures)
    assert not alive(busy)


def test_stop_ends_a_worker_that_was_stopped(pools: Make, files: list[str]) -> None:
    """A stopped process notices no SIGTERM."""
    workers = pools(fake_work.waits, 1)
    workers.hash(files, SHA256)
    busy = busy_worker(files[0])
    os.kill(busy, signal.SIGSTOP)
    assert workers.stop(wait=0)
    assert not alive(busy)


def test_stop_ends_a_repair(pools: Make, files: list[str]) -> None:
    """The second time around the file waits in isolation, with a worker of its own."""
    workers = pools(fake_work.waits, 1)
    future = workers.hash(files, SHA256)
    first = busy_worker(files[0])
    os.kill(first, signal.SIGKILL)
    until(lambda: busy_worker(files[0]) != first)
    assert workers.stop(wait=0)
    assert future.cancelled()
    assert not alive(busy_worker(files[0]))


def test_stop_right_after_start_leaves_no_process(pools: Make) -> None:
    workers = pools(hash_batch, 2)
    started = workers.pids()
    assert workers.stop(wait=0)
    assert len(started) == 2
    assert not any(alive(pid) for pid in started)


def test_a_batch_after_stop_is_cancelled(pools: Make, files: list[str]) -> None:
    workers = pools(hash_batch, 1)
    workers.stop(wait=0)
    assert workers.hash(files, SHA256).cancelled()


def test_a_worker_imports_only_what_hashing_needs(pools: Make, files: list[str]) -> None:
    result = pools(fake_work.tells_modules, 1).hash(files[:1], SHA256).result(30)[0]
    assert result.failure
    modules = {name.partition(".")[0] for name in result.failure.message.split()}
    assert "hashlib" in modules
    assert not modules & {"requests", "urllib3", "typer", "tqdm", "sqlite3", "rich", "dataclasses"}
    assert "downloader.models" not in result.failure.message
