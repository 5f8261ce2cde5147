"""What the journal proves of parts and of files that earlier runs left."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from downloader.models import (
    Digest,
    DownloadResult,
    Failure,
    FileStat,
    Job,
    Outcome,
    ResumePoint,
    StoredFile,
    UrlItem,
    replace,
)
from downloader.state import partials
from downloader.state.journal import Journal

URL = "https://example.org/a.bin"
JOB = Job(UrlItem(URL), URL, "a.bin", key=URL)
PROOF = ResumePoint(
    0, 1000, '"1"', "Sun, 06 Nov 1994 12:00:00 GMT", "Sun, 06 Nov 1994 12:00:09 GMT"
)
STAMP = FileStat(4, 1_700_000_000_000_000_001, 7)
SHA = Digest("sha256", "ab")
MD5 = Digest("md5", "cd")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal(str(path))) as journal:
        begin(journal)
        yield journal


def begin(journal: Journal) -> None:
    journal.begin_run(mode="parallel", threads=8, processes=2, algorithms=["sha256"], version="1")


def resumed(journal: Journal, size: int, key: str = URL) -> ResumePoint | None:
    return journal.resume("a.bin", key, lambda version: size if version == PROOF.version else 0)


@pytest.fixture
def reboot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partials, "boot", lambda: "another")


# Parts


def test_a_note_is_committed_at_once(journal: Journal, path: Path) -> None:
    journal.note(JOB, PROOF)
    with closing(Journal(str(path))) as later:
        assert resumed(later, 600) == replace(PROOF, offset=600)


def test_all_that_a_part_holds_outlives_the_process(journal: Journal) -> None:
    journal.note(JOB, replace(PROOF, offset=300))
    assert resumed(journal, 600) == replace(PROOF, offset=600)


def test_parts_are_told_with_their_urls(journal: Journal) -> None:
    assert journal.begun() == []
    journal.note(JOB, PROOF)
    assert journal.begun() == [("a.bin", URL)]


@pytest.mark.parametrize(("synced", "size", "offset"), [(300, 600, 300), (300, 300, 300)])
def test_only_what_reached_the_disk_outlives_the_machine(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, synced: int, size: int, offset: int
) -> None:
    journal.note(JOB, replace(PROOF, offset=synced))
    monkeypatch.setattr(partials, "boot", lambda: "another")
    assert resumed(journal, size) == replace(PROOF, offset=offset)


@pytest.mark.usefixtures("reboot")
@pytest.mark.parametrize(("synced", "size"), [(0, 600), (300, 299), (300, 0)])
def test_bytes_that_are_not_surely_there_prove_nothing(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, synced: int, size: int
) -> None:
    journal.note(JOB, replace(PROOF, offset=synced))
    monkeypatch.setattr(partials, "boot", lambda: "a third")
    assert resumed(journal, size) is None


def test_a_system_that_does_not_tell_its_boot_is_not_trusted(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partials, "boot", lambda: "")
    journal.note(JOB, PROOF)
    assert resumed(journal, 600) is None


@pytest.mark.parametrize("size", [0, 1001])
def test_a_part_that_is_empty_or_too_long_proves_nothing(journal: Journal, size: int) -> None:
    journal.note(JOB, PROOF)
    assert resumed(journal, size) is None


def test_a_part_belongs_to_one_url(journal: Journal) -> None:
    journal.note(JOB, PROOF)
    assert resumed(journal, 600, key=URL + "?other") is None
    assert journal.resume("b.bin", URL, lambda version: 600) is None


@pytest.mark.parametrize("change", ["etag = '\"2\"'", "total = NULL", "offset = 9", "boot = 'x'"])
def test_an_odd_row_is_ignored(journal: Journal, path: Path, change: str) -> None:
    journal.note(JOB, PROOF)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"UPDATE parts SET {change}")
        database.commit()
    assert resumed(journal, 600) is None
    assert journal.parts() == []


def test_noted_parts_are_named_until_they_are_forgotten(journal: Journal) -> None:
    journal.note(JOB, PROOF)
    assert journal.parts() == [("a.bin", PROOF.version)]
    journal.forget_parts()
    assert (journal.parts(), resumed(journal, 600)) == ([], None)


def test_any_text_comes_back(journal: Journal) -> None:
    odd = replace(PROOF, etag='"\xff\xe9"', last_modified=None)
    journal.note(replace(JOB, path="f\udcff.bin"), odd)
    found = journal.resume("f\udcff.bin", URL, lambda version: 600)
    assert found == replace(odd, offset=600)
    assert journal.parts() == [("f\udcff.bin", odd.version)]


def test_what_is_stored_has_no_part_any_more(journal: Journal) -> None:
    journal.note(JOB, PROOF)
    journal.record(stored(), DownloadResult(JOB), STAMP, URL)
    assert journal.parts() == []


@pytest.mark.parametrize(("kept", "left"), [(PROOF, 1), (None, 0)])
def test_what_failed_has_its_part_if_it_was_kept(
    journal: Journal, kept: ResumePoint | None, left: int
) -> None:
    journal.note(JOB, PROOF)
    failure = Failure("incomplete", "short body")
    journal.record(failed(), DownloadResult(JOB, failure=failure, resume=kept), None, URL)
    assert len(journal.parts()) == left


# Files


def stored(*digests: Digest) -> Outcome:
    return Outcome("stored", url=URL, path="d/a.bin", size=4, digests=digests, verified="given")


def failed() -> Outcome:
    return Outcome("failed", url=URL, error=Failure("incomplete", "short body"))


def test_a_stored_file_is_known_with_what_was_said_of_it(journal: Journal) -> None:
    result = DownloadResult(JOB, etag='"1"', last_modified="Mon")
    journal.record(stored(SHA), result, STAMP, URL)
    assert journal.known("a.bin", STAMP, URL) == (
        StoredFile(4, (SHA,), '"1"', "Mon", "given"),
        True,
    )


def test_a_file_is_known_by_its_path_stamp_and_url(journal: Journal) -> None:
    journal.record(stored(SHA), DownloadResult(JOB), STAMP, URL)
    assert journal.known("b.bin", STAMP, URL) is None
    assert journal.known("a.bin", replace(STAMP, size=5), URL) is None
    assert journal.known("a.bin", replace(STAMP, mtime_ns=5), URL) is None
    assert journal.known("a.bin", STAMP, URL + "?other") is None


def test_a_later_failure_is_told_with_the_file(journal: Journal) -> None:
    journal.record(stored(SHA), DownloadResult(JOB), STAMP, URL)
    journal.record(failed(), DownloadResult(JOB), None, URL)
    found = journal.known("a.bin", STAMP, URL)
    assert found is not None
    assert not found[1]


def test_all_digests_that_were_computed_are_known(journal: Journal) -> None:
    """Also those that only a check needed: the next run can rely on them."""
    journal.announce([(DownloadResult(JOB), STAMP, (SHA, MD5))])
    journal.record(stored(SHA), DownloadResult(JOB), STAMP, URL)
    found = journal.known("a.bin", STAMP, URL)
    assert found is not None
    assert set(found[0].digests) == {SHA, MD5}


def test_digests_add_up_where_a_file_is_unchanged(journal: Journal) -> None:
    result = DownloadResult(replace(JOB, known=StoredFile(4, (SHA,))), unchanged=True)
    journal.record(stored(MD5), result, STAMP, URL)
    found = journal.known("a.bin", STAMP, URL)
    assert found is not None
    assert set(found[0].digests) == {SHA, MD5}


def test_what_appeared_before_a_crash_is_known_to_the_next_run(
    journal: Journal, path: Path
) -> None:
    journal.record(failed(), DownloadResult(JOB), None, URL)  # in an earlier run
    journal.note(JOB, PROOF)
    journal.announce([(DownloadResult(JOB, etag='"1"'), STAMP, (SHA,))])
    with closing(Journal(str(path))) as later:
        later.adopt(lambda path: STAMP)
        assert later.known("a.bin", STAMP, URL) == (StoredFile(4, (SHA,), '"1"'), True)
        assert later.parts() == []


def test_what_did_not_appear_before_a_crash_is_forgotten(journal: Journal, path: Path) -> None:
    journal.announce([(DownloadResult(JOB), STAMP, (SHA,))])
    with closing(Journal(str(path))) as later:
        later.adopt(lambda path: replace(STAMP, size=5))
        assert later.known("a.bin", STAMP, URL) is None
        assert not later.owns("a.bin", STAMP)
