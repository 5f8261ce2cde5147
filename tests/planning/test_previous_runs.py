"""What a run takes over from earlier ones is decided line by line, before any request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pipeline_rig import Rig, items, url

from downloader.models import (
    Digest,
    DownloadResult,
    Failure,
    FileStat,
    HashResult,
    Job,
    Outcome,
    ResumePoint,
    StoredFile,
    UrlItem,
    replace,
)
from downloader.planning.names import Names
from downloader.planning.place import Place
from downloader.planning.planner import Kept, Planned, Planner
from downloader.planning.previous_runs import PreviousRuns
from downloader.state.spill import SpillDict

SHA = Digest("sha256", "ab")
MD5 = Digest("md5", "cd")
PART = ResumePoint(9, 10, '"1"')
STORED = StoredFile(4, (SHA, MD5), '"1"', None, "server")


@dataclass
class Remembered:
    """A record with one file and one part."""

    file: StoredFile | None = STORED
    is_done: bool = True
    part: ResumePoint | None = None

    def known(self, path: str, stamp: FileStat, key: str) -> tuple[StoredFile, bool] | None:
        return (self.file, self.is_done) if self.file else None

    def has_failed(self, key: str) -> bool:
        return False

    def parts(self) -> list[tuple[str, str]]:
        return [("a", self.part.version)] if self.part else []

    def resume(self, path: str, key: str, size_of: Callable[[str], int]) -> ResumePoint | None:
        return self.part


class Owning:
    """Owns all that stands."""

    def owns(self, path: str, stamp: FileStat) -> bool:
        return True


def planned(
    rig: Rig,
    record: Remembered,
    line: UrlItem | None = None,
    *,
    continues: bool = True,
    asks: bool = False,
) -> Planned:
    """Plan a single line whose file stands."""
    (rig.root / "a").write_bytes(b"ours")
    place = Place(Names(lambda asked_for, name: "a", SpillDict()), Owning(), rig.storage)
    earlier = PreviousRuns(record, rig.storage, ["sha256"], continues, asks)
    lines = [line] if line else items("a")
    [found] = Planner(lines, place, SpillDict(), earlier=earlier)
    return found


def test_a_file_that_is_stored_is_kept(rig: Rig) -> None:
    kept = planned(rig, Remembered())
    assert isinstance(kept, Kept)
    assert kept.outcome == Outcome(
        status="kept",
        source="list",
        url=url("a"),
        path=f"{rig.root}/a",
        size=4,
        digests=(SHA,),
        verified="server",
    )


@pytest.mark.parametrize(
    "record",
    [
        Remembered(file=None),
        Remembered(file=StoredFile(4, (MD5,))),
        Remembered(is_done=False),
    ],
)
def test_others_are_fetched(rig: Rig, record: Remembered) -> None:
    job = planned(rig, record)
    assert isinstance(job, Job)
    assert (job.resume, job.known) == (None, None)


def test_a_plain_run_takes_nothing_over(rig: Rig) -> None:
    job = planned(rig, Remembered(part=PART), continues=False)
    assert isinstance(job, Job)
    assert (job.resume, job.known) == (None, None)


def test_a_part_comes_before_the_file_that_stands(rig: Rig) -> None:
    job = planned(rig, Remembered(part=PART), asks=True)
    assert isinstance(job, Job)
    assert (job.resume, job.known) == (PART, None)


@pytest.mark.parametrize(
    ("expected", "is_kept"),
    [(MD5, True), (replace(MD5, hexdigest="ef"), False), (Digest("sha1", "ab"), False)],
)
def test_a_file_is_kept_where_its_checksums_are_known_to_be_right(
    rig: Rig, expected: Digest, is_kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("downloader.checksums.checked", tuple)
    found = planned(rig, Remembered(), UrlItem(url("a"), checksums=(expected,)))
    assert isinstance(found, Kept) is is_kept
    if isinstance(found, Kept):
        assert found.outcome.verified == "given"


@pytest.mark.parametrize("continues", [True, False])
def test_nothing_is_kept_unasked_where_changes_are_asked_for(rig: Rig, continues: bool) -> None:
    job = planned(rig, Remembered(), continues=continues, asks=True)
    assert isinstance(job, Job)
    assert job.known == STORED


def test_without_a_validator_there_is_nothing_to_ask_by(rig: Rig) -> None:
    job = planned(rig, Remembered(file=StoredFile(4, (SHA,))), asks=True)
    assert isinstance(job, Job)
    assert job.known is None


# Through the pipeline


def test_what_is_kept_is_told_and_recorded_without_a_fetch(rig: Rig) -> None:
    assert rig.run_plan([planned(rig, Remembered())]) == {1: "kept"}
    assert rig.fetcher.begun == []
    assert rig.journal.kept[url("a")].status == "kept"
    assert rig.stats.counts.kept == 1


def unchanged(rig: Rig, known: StoredFile) -> Outcome:
    """Run a job that its server says has not changed; return its outcome."""
    job = planned(rig, Remembered(file=known), asks=True)
    assert isinstance(job, Job)
    rig.fetcher.fetch = lambda job: DownloadResult(job, size=4, http_status=304, unchanged=True)  # type: ignore[method-assign]
    rig.run_plan([job])
    [outcome] = rig.told.outcomes
    return outcome


def test_an_unchanged_file_keeps_its_digests(rig: Rig) -> None:
    outcome = unchanged(rig, StoredFile(4, (MD5, SHA), '"1"', None, "given"))
    assert (outcome.status, outcome.digests, outcome.verified) == ("unchanged", (SHA,), "given")
    assert (outcome.path, outcome.size, outcome.http_status) == (f"{rig.root}/a", 4, 304)


def test_it_is_hashed_again_where_one_is_missing(rig: Rig) -> None:
    outcome = unchanged(rig, StoredFile(4, (MD5,), '"1"'))
    assert outcome.status == "unchanged"
    assert [each.algorithm for each in outcome.digests] == ["sha256"]
    assert (rig.root / "a").read_bytes() == b"ours"


def test_a_file_that_is_changed_while_it_is_hashed_fails(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hash_late(paths: list[str], algorithms: list[str]) -> list[HashResult]:
        (rig.root / "a").write_bytes(b"theirs")
        return [HashResult(path, 4, (SHA,)) for path in paths]

    submit = rig.workers._hasher.submit  # type: ignore[attr-defined]
    monkeypatch.setattr(rig.workers, "hash", lambda *expected: submit(hash_late, *expected))
    outcome = unchanged(rig, StoredFile(4, (), '"1"'))
    assert isinstance(outcome.error, Failure)
    assert outcome.error.kind == "exists"
    assert (rig.root / "a").read_bytes() == b"theirs"
