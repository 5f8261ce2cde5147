"""Files get their names by the batch: announced, then renamed, then told, and nothing lost."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest
from pipeline_rig import Book, Clock, Rig, url

from downloader.checksums.compare import Verdict
from downloader.errors import DiskFailed
from downloader.models import DownloadResult, FileStat, HashResult, Job, UrlItem
from downloader.pipeline.commit_stage import BATCH, LINGER, CommitStage
from downloader.pipeline.outcome_log import OutcomeLog
from downloader.storage.local import LocalStorage


class Slow(LocalStorage):
    """Writes down what appears and what is synced; `error` is what it says to a sync."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.appeared: list[str] = []
        self.synced: list[str] = []
        self.error: Exception | None = None

    def commit(
        self, part: str, path: str, replaces: FileStat | None, stat: FileStat | None = None
    ) -> FileStat:
        self.appeared.append(path)
        return super().commit(part, path, replaces, stat)

    def sync(self, paths: Iterable[str]) -> None:
        self.synced += paths
        if self.error:
            raise self.error


@pytest.fixture
def slow(tmp_path: Path) -> Slow:
    return Slow(str(tmp_path))


def rig_on(slow: Slow, tmp_path: Path) -> Rig:
    rig = Rig(tmp_path)
    rig.storage.close()
    rig.storage = rig.fetcher._storage = slow
    return rig


def test_files_are_told_after_they_were_synced(slow: Slow, tmp_path: Path) -> None:
    with closing(rig_on(slow, tmp_path)) as rig:
        unsynced: list[str] = []
        rig.told.on_finished = lambda done: unsynced.extend(set(slow.appeared) - set(slow.synced))
        rig.run(*"abcdef")
        assert sorted(slow.synced) == [*"abcdef"]
        assert unsynced == []


def test_file_that_cannot_be_synced_has_failed(slow: Slow, tmp_path: Path) -> None:
    slow.error = OSError(errno.EFBIG, "no")
    with closing(rig_on(slow, tmp_path)) as rig:
        assert rig.run("a", "b") == {1: "disk", 2: "disk"}
        assert set(rig.journal.stamps.values()) == {None}


def test_disk_that_fails_while_syncing_stops_the_run(slow: Slow, tmp_path: Path) -> None:
    slow.error = DiskFailed("the disk is broken")
    with closing(rig_on(slow, tmp_path)) as rig:
        with pytest.raises(DiskFailed, match="broken"):
            rig.run("a")
        assert rig.told.summary() == {1: "disk"}


class Stage:
    """A commit stage on a folder; `log` has what happens, in its order; time stands still."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.clock = Clock()
        self.log: list[str] = []
        rig.journal.close()
        rig.journal = Book(str(rig.root / ".dl"), self.clock)
        rig.journal._database.set_trace_callback(self._note)
        rig.told.on_finished = lambda outcome: self.log.append(f"told {outcome.line}")
        commit = rig.storage.commit
        rig.storage.commit = lambda *given: self.log.append("renamed") or commit(*given)  # type: ignore[method-assign,func-returns-value]
        outcomes = OutcomeLog(rig.journal, rig.stats, rig.told)
        self.stage = CommitStage(rig.context(), outcomes, self.clock)

    def _note(self, statement: str) -> None:
        if statement == "COMMIT":
            self.log.append("committed")

    def add(self, line: int, *, part: str = "", stat: FileStat | None = None) -> None:
        """Have one file land."""
        if not part:
            part, stat = self.rig.storage.write_part(str(line), memoryview(b"data"))
        item = UrlItem(url(str(line)), line)
        job = Job(item, item.url, str(line), key=item.url)
        self.stage.add(DownloadResult(job, part=part, stat=stat), HashResult(part, 4), Verdict())

    def recorded(self) -> tuple[int, int]:
        """Return how many items another process finds recorded, and how many announced."""
        path = self.rig.root / ".dl" / "journal.sqlite3"
        with closing(sqlite3.connect(path)) as database:
            count = "SELECT (SELECT count(*) FROM items), (SELECT count(*) FROM announced)"
            items, announced = database.execute(count).fetchone()
        return items, announced


@pytest.fixture
def stage(make_rig: Callable[..., Rig]) -> Stage:
    return Stage(make_rig())


def test_a_batch_is_announced_then_renamed_then_told(stage: Stage) -> None:
    for line in (1, 2, 3):
        stage.add(line)
    assert stage.log == []
    stage.stage.flush()
    assert stage.log == ["committed", *["renamed"] * 3, "told 1", "told 2", "told 3"]
    assert stage.rig.files() == ["1", "2", "3"]


def test_a_batch_is_recorded_in_the_transaction_that_announces_the_next(stage: Stage) -> None:
    for line in range(20):
        stage.add(line)
    stage.stage.flush()
    assert stage.recorded() == (0, 20)
    for line in range(20, 25):
        stage.add(line)
    stage.stage.flush()
    assert stage.recorded() == (20, 5)
    assert stage.log.count("committed") == 2


def test_what_has_a_name_when_a_run_dies_is_owned(stage: Stage) -> None:
    stage.add(1)
    seen: list[tuple[int, int]] = []
    stage.rig.told.on_finished = lambda _: seen.append(stage.recorded())
    stage.stage.flush()
    assert seen == [(0, 1)]
    assert stage.rig.files() == ["1"]


def test_a_full_batch_waits_for_nothing(stage: Stage) -> None:
    for line in range(BATCH - 1):
        stage.add(line)
    assert (stage.stage.pending, stage.rig.files()) == (BATCH - 1, [])
    stage.add(BATCH)
    assert (stage.stage.pending, len(stage.rig.files())) == (0, BATCH)
    assert stage.log.count("committed") == 1


def test_a_file_waits_for_company_but_not_for_long(stage: Stage) -> None:
    assert stage.stage.due() is None
    stage.add(1)
    assert stage.stage.due() == pytest.approx(LINGER)
    stage.clock.now += LINGER / 2
    stage.add(2)
    assert stage.stage.due() == pytest.approx(LINGER / 2)
    stage.clock.now += LINGER
    assert stage.stage.due() == 0.0
    stage.stage.flush()
    assert stage.stage.due() is None


def test_in_one_thread_no_file_waits(make_rig: Callable[..., Rig]) -> None:
    stage = Stage(make_rig(sequential=True))
    for line in (1, 2):
        stage.add(line)
        assert stage.log[-2:] == ["renamed", f"told {line}"]


def test_where_nothing_waits_nothing_is_written(stage: Stage) -> None:
    stage.stage.flush()
    assert stage.log == []


def test_a_part_that_is_gone_before_its_batch_fails_its_item_only(stage: Stage) -> None:
    stage.add(1, part=str(stage.rig.root / "none"))
    stage.add(2)
    stage.stage.flush()
    assert stage.rig.told.summary() == {1: "disk", 2: "stored"}
    assert stage.recorded()[1] == 1


def test_a_part_that_vanishes_in_its_batch_fails_its_item_only(stage: Stage) -> None:
    part, stat = stage.rig.storage.write_part("1", memoryview(b"data"))
    stage.add(1, part=part, stat=stat)
    stage.add(2)
    os.unlink(part)
    stage.stage.flush()
    assert stage.rig.told.summary() == {1: "disk", 2: "stored"}
    assert stage.rig.journal.stamps[url("1")] is None


def test_an_unknown_stat_is_asked_for_at_the_part(stage: Stage) -> None:
    part, stat = stage.rig.storage.write_part("1", memoryview(b"data"))
    stage.add(1, part=part)
    stage.stage.flush()
    assert stage.rig.journal.announced == {"1": stat}
    assert stage.rig.journal.stamps == {url("1"): stat}


def test_a_disk_that_refuses_one_name_stops_the_run_when_the_batch_is_told(stage: Stage) -> None:
    commit = stage.rig.storage.commit

    def refuse_two(
        part: str, path: str, replaces: FileStat | None, stat: FileStat | None = None
    ) -> FileStat:
        if path == "2":
            raise DiskFailed("read-only")
        return commit(part, path, replaces, stat)

    stage.rig.storage.commit = refuse_two  # type: ignore[method-assign]
    for line in (1, 2, 3):
        stage.add(line)
    with pytest.raises(DiskFailed, match="read-only"):
        stage.stage.flush()
    assert stage.rig.told.summary() == {1: "stored", 2: "disk", 3: "stored"}
    assert stage.rig.files() == ["1", "3"]
    assert stage.rig.parts_left() == []


def test_what_cannot_be_announced_gets_no_name(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(files: object) -> None:
        raise DiskFailed("the journal is full")

    monkeypatch.setattr(stage.rig.journal, "announce", fail)
    stage.add(1)
    with pytest.raises(DiskFailed, match="journal"):
        stage.stage.flush()
    assert (stage.rig.files(), stage.rig.told.outcomes) == ([], [])


def test_what_cannot_be_recorded_is_told_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DiskFailed("the journal is full")

    monkeypatch.setattr(stage.rig.journal, "record", fail)
    stage.add(1)
    stage.add(2)
    with pytest.raises(DiskFailed, match="journal"):
        stage.stage.flush()
    assert stage.rig.told.summary() == {1: "stored", 2: "stored"}


def test_discarding_a_part_never_raises(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(part: str) -> None:
        raise OSError("no")

    monkeypatch.setattr(stage.rig.storage, "discard", fail)
    stage.stage.discard(DownloadResult(Job(UrlItem(url("a")), url("a"), "a"), part="a"))
