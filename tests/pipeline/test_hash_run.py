"""Files are hashed in parallel and told in the order in which they were given."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
from pipeline_rig import LONG, Threaded, Told, counted

from downloader.errors import LocalError, UsageError
from downloader.executors.local import Sequential
from downloader.models import Advanced, HashResult, PathItem
from downloader.pipeline import hash_run
from downloader.pipeline.hash_run import HashRun
from downloader.pipeline.hash_stage import BATCH_FILES
from downloader.pipeline.stats import RunStats
from downloader.protocols import Workers
from downloader.shared.stop import Stop


class Run:
    """A run over files of a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = Told()
        self.stats = RunStats()
        self.stop = Stop()
        self.workers: list[Workers] = []

    def files(self, count: int) -> list[PathItem]:
        paths = [self.folder / f"{number:05}" for number in range(count)]
        for path in paths:
            path.write_text(path.name)
        return [PathItem(str(path), 5, line) for line, path in enumerate(paths, start=1)]

    def run(
        self,
        items: Iterator[PathItem] | list[PathItem],
        workers: Workers,
        ready: Callable[[], bool] = lambda: True,
    ) -> list[int]:
        self.workers.append(workers)
        HashRun(workers, ["sha256"], self.told, self.stats, self.stop).run(items, ready)
        return [outcome.line for outcome in self.told.outcomes]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    run = Run(tmp_path)
    yield run
    for workers in run.workers:
        workers.stop(wait=LONG)


class Delaying(Threaded):
    """Gives no answer for the first file before a number of batches was asked for."""

    def __init__(self, batches: int) -> None:
        super().__init__()
        self.asked = 0
        self._batches = batches
        self._first: tuple[Sequence[str], Sequence[str], Future[list[HashResult]]] | None = None

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        self.asked += 1
        if self._first is None:
            self._first = paths, algorithms, Future()
            return self._first[2]
        answer = super().hash(paths, algorithms)
        if self.asked == self._batches:
            paths, names, future = self._first
            super().hash(paths, names).add_done_callback(
                lambda done: future.set_result(done.result())
            )
        return answer


@pytest.mark.parametrize("workers", [Sequential, Threaded])
def test_every_file_has_its_digest_and_its_place(run: Run, workers: Callable[[], Workers]) -> None:
    items = run.files(120)
    assert run.run(items, workers()) == list(range(1, 121))
    last = run.told.outcomes[-1]
    assert last.digests[0].hexdigest == hashlib.sha256(b"00119").hexdigest()
    assert (last.status, last.size, last.path, last.url) == ("stored", 5, items[-1].path, None)
    assert (run.stats.counts.stored, run.stats.bytes) == (120, 600)


def test_what_is_done_early_waits_for_what_is_before_it(run: Run) -> None:
    assert run.run(run.files(150), Delaying(batches=3)) == list(range(1, 151))


def test_no_descriptor_is_left(run: Run) -> None:
    before = os.listdir("/proc/self/fd")
    run.run(run.files(3), Sequential())
    assert os.listdir("/proc/self/fd") == before


def test_what_is_read_ahead_is_bounded(run: Run) -> None:
    workers = Delaying(batches=hash_run.AHEAD)
    room = BATCH_FILES * hash_run.AHEAD
    read: list[PathItem] = []
    ahead: list[int] = []
    run.told.on_finished = lambda _: ahead.append(len(read) - len(run.told.outcomes))
    assert len(run.run(counted(run.files(1000), read), workers)) == 1000
    assert max(ahead) < room


@pytest.mark.parametrize("workers", [Sequential, Threaded])
def test_a_file_is_told_while_the_next_path_is_still_to_come(
    run: Run, workers: Callable[[], Workers]
) -> None:
    """Each path comes after the one before it was told."""
    read: list[PathItem] = []
    items = counted(run.files(3), read)
    assert run.run(items, workers(), lambda: len(read) == len(run.told.outcomes)) == [1, 2, 3]


def test_a_missing_file_is_its_own_failure(run: Run) -> None:
    items = run.files(3)
    Path(items[1].path).unlink()
    assert run.run(items, Sequential()) == [1, 2, 3]
    kinds = [outcome.error and outcome.error.kind for outcome in run.told.outcomes]
    assert kinds == [None, "disk", None]
    assert run.told.outcomes[1].path == items[1].path
    assert run.told.outcomes[1].size is None


def test_workers_that_break_their_promise_fail_their_files_only(run: Run) -> None:
    class Breaking(Threaded):
        def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
            done: Future[list[HashResult]] = Future()
            done.set_exception(ValueError("a bug"))
            return done

    assert run.run(run.files(2), Breaking()) == [1, 2]
    assert {outcome.error.kind for outcome in run.told.outcomes if outcome.error} == {"internal"}


def test_a_stop_request_ends_the_run_although_a_worker_hangs(run: Run) -> None:
    class Hanging(Threaded):
        def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
            begun.set()
            return Future()

    def ask() -> None:
        begun.wait(LONG)
        run.stop.request()

    begun = threading.Event()
    asking = threading.Thread(target=ask)
    asking.start()
    assert run.run(run.files(1), Hanging()) == []
    asking.join()


def test_after_a_stop_request_no_file_is_read(run: Run) -> None:
    run.stop.request()
    read: list[PathItem] = []
    assert run.run(counted(run.files(1), read), Sequential()) == []
    assert read == []


@pytest.mark.parametrize("workers", [Sequential, Threaded])
def test_a_list_that_breaks_off_lets_running_work_end(
    run: Run, workers: Callable[[], Workers]
) -> None:
    def items() -> Iterator[PathItem]:
        yield from run.files(3)
        raise UsageError("the list cannot be read")

    with pytest.raises(LocalError, match="cannot be read"):
        run.run(items(), workers())
    assert [outcome.line for outcome in run.told.outcomes] == [1, 2, 3]


def test_the_last_word_on_progress_is_complete(run: Run) -> None:
    run.run(run.files(3), Sequential())
    assert run.told.events[-1] == Advanced(0, 15, 0)


def test_nothing_to_hash_is_done_at_once(run: Run) -> None:
    assert run.run([], Threaded()) == []
