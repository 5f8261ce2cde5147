from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from downloader.errors import DiskFailed
from downloader.models import (
    Busy,
    Counts,
    Digest,
    DownloadResult,
    Failure,
    FileStat,
    Job,
    Mode,
    Outcome,
    Stages,
    UrlItem,
    replace,
)
from downloader.state import journal_file
from downloader.state.journal import Journal
from downloader.state.run_records import PastRun

URL = "https://example.org/a.bin"
STAMP = FileStat(size=4, mtime_ns=1_700_000_000_123_456_789, inode=7)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def journal(path: Path, clock: Clock) -> Iterator[Journal]:
    with closing(Journal(str(path), clock)) as journal:
        begin(journal)
        yield journal


def begin(journal: Journal, mode: Mode = "parallel") -> int:
    return journal.begin_run(
        mode=mode, threads=8, processes=2, algorithms=["sha256", "md5"], version="1.0"
    )


def end(journal: Journal, *, stored: int = 1, completed: bool = True) -> None:
    journal.end_run(
        fingerprint="list",
        counts=Counts(total=stored + 1, stored=stored, failed=1),
        bytes=4096,
        seconds=Stages(3.0, 2.0, 1.0),
        busy=Busy(9.0, 1.5),
        completed=completed,
    )


def result(path: str = "a.bin", url: str = URL) -> DownloadResult:
    job = Job(UrlItem(url, 3, "urls.txt"), url, path)
    return DownloadResult(job, part="p", size=4, final_url=url, etag='"1"', last_modified="Mon")


def stored(url: str = URL, path: str = "downloads/a.bin") -> Outcome:
    return Outcome(
        status="stored",
        line=3,
        source="urls.txt",
        url=url,
        final_url=url,
        path=path,
        size=4,
        digests=(Digest("sha256", "ab"),),
        verified="given",
        http_status=200,
        attempts=2,
        resumed_from=1,
        fetch_seconds=0.1,
        hash_seconds=0.2,
    )


def failed(url: str = URL) -> Outcome:
    return Outcome(
        status="failed", url=url, error=Failure("http-status", "404 Not Found", retryable=False)
    )


def record(journal: Journal, number: int) -> None:
    url = f"https://example.org/{number}"
    journal.record(stored(url), result(f"{number}.bin", url), STAMP, url)


def committed(path: Path, query: str = "SELECT count(*) FROM items") -> object:
    """Return what another reader sees at this moment."""
    with closing(sqlite3.connect(path)) as reader:
        (value,) = reader.execute(query).fetchone()
    return value


# Items


@pytest.mark.parametrize("outcome", [stored(), failed()])
def test_an_outcome_is_recalled_as_it_was_before_it_is_committed(
    journal: Journal, path: Path, outcome: Outcome
) -> None:
    journal.record(outcome, result(), None, URL)
    assert journal.recall(URL) == outcome
    assert committed(path) == 0


def test_nothing_is_recalled_of_an_unknown_url_or_an_earlier_run(journal: Journal) -> None:
    journal.record(stored(), result(), STAMP, URL)
    begin(journal)
    assert journal.recall(URL) is None
    assert journal.recall("https://example.org/other") is None


def test_any_text_comes_back_as_it_was(journal: Journal) -> None:
    odd = "f\udcffü\0\u202e.bin"
    journal.record(stored(odd, path=odd), result(odd), STAMP, odd)
    assert journal.recall(odd) == stored(odd, path=odd)
    assert journal.owns(odd, STAMP)


def test_no_login_is_stored(path: Path, tmp_path: Path) -> None:
    secret = "https://user:hunter2@example.org/a.bin"
    with closing(Journal(str(path))) as journal:
        begin(journal)
        journal.record(stored(secret), result(url=secret), STAMP, secret)
        assert journal.recall(secret) == stored()
    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert not any(b"hunter2" in data for data in files)


# Files


def test_a_file_that_was_put_there_is_owned(journal: Journal) -> None:
    assert not journal.owns("a.bin", STAMP)
    journal.record(stored(), result(), STAMP, URL)
    assert journal.owns("a.bin", STAMP)


def test_a_restored_file_with_another_inode_is_owned(journal: Journal) -> None:
    journal.record(stored(), result(), STAMP, URL)
    assert journal.owns("a.bin", FileStat(STAMP.size, STAMP.mtime_ns, inode=8))


@pytest.mark.parametrize("changed", [FileStat(5, STAMP.mtime_ns, 7), FileStat(4, 1, 7)])
def test_a_changed_file_is_not_owned(journal: Journal, changed: FileStat) -> None:
    journal.record(stored(), result(), STAMP, URL)
    assert not journal.owns("a.bin", changed)


def test_a_later_failure_leaves_the_standing_file_owned(journal: Journal, path: Path) -> None:
    journal.record(stored(), result(), STAMP, URL)
    begin(journal)
    journal.record(failed(), result(), None, URL)
    end(journal)
    assert journal.owns("a.bin", STAMP)
    assert committed(path, "SELECT etag || digests FROM files") == '"1"{"sha256": "ab"}'


def test_what_is_owned_outlives_the_run(journal: Journal, path: Path) -> None:
    journal.record(stored(), result(), STAMP, URL)
    journal.close()
    with closing(Journal(str(path))) as later:
        assert later.owns("a.bin", STAMP)


def test_what_was_announced_is_owned_by_the_run_after_a_crash(journal: Journal, path: Path) -> None:
    journal.announce([(result(), STAMP, ())])
    with closing(Journal(str(path))) as later:
        assert later.owns("a.bin", STAMP)
        assert not later.owns("a.bin", replace(STAMP, size=STAMP.size + 1))
        assert not later.owns("b.bin", STAMP)


def test_a_url_keeps_its_path_through_a_later_failure(journal: Journal) -> None:
    assert (journal.has_files(), journal.stored_at(URL), journal.holder("a.bin")) == (
        *(False, None, None),
    )
    journal.record(stored(), result(), STAMP, URL)
    begin(journal)
    journal.record(failed(), result("a-2.bin"), None, URL)
    assert (journal.has_files(), journal.stored_at(URL), journal.holder("a.bin")) == (
        *(True, "a.bin", URL),
    )


def test_a_url_that_only_failed_has_no_path(journal: Journal) -> None:
    journal.record(failed(), result(), None, URL)
    assert (journal.has_files(), journal.stored_at(URL)) == (False, None)


def test_a_url_whose_file_appeared_at_the_end_of_a_killed_run_has_its_path(
    journal: Journal, path: Path
) -> None:
    journal.announce(
        [
            (
                result("sub/a.bin")._replace(job=Job(UrlItem(URL), URL, "sub/a.bin", key=URL)),
                STAMP,
                (),
            )
        ]
    )
    with closing(Journal(str(path))) as later:
        later.adopt(lambda _: STAMP)
        assert (later.stored_at(URL), later.holder("sub/a.bin")) == ("sub/a.bin", URL)
        assert later.known("sub/a.bin", STAMP, URL)


def test_a_folder_of_an_earlier_runs_files_is_held_by_no_url(journal: Journal) -> None:
    for name in ("a/b/c", "a.x", "a-"):
        journal.record(stored(), result(name), STAMP, f"{URL}/{name}")
    end(journal)
    assert [journal.holder(each) for each in ("a", "a/b", "a/b/c", "a.x", "a/", "a/c")] == [
        *("", "", f"{URL}/a/b/c", f"{URL}/a.x", None, None)
    ]


def test_what_stood_before_stays_owned_until_it_is_replaced(journal: Journal) -> None:
    journal.record(stored(), result(), STAMP, URL)
    journal.announce([(result(), replace(STAMP, size=STAMP.size + 1), ())])
    assert journal.owns("a.bin", STAMP)


def test_announcements_are_forgotten_with_the_end_of_the_run(journal: Journal) -> None:
    journal.announce([(result(), STAMP, ())])
    end(journal)
    assert not journal.owns("a.bin", STAMP)


def test_a_journal_of_the_first_version_is_used(path: Path) -> None:
    with closing(Journal(str(path))) as earlier:
        begin(earlier)
        earlier.record(stored(), result(), STAMP, URL)
    with closing(sqlite3.connect(path)) as database:
        for statement in ("DROP TABLE announced", "DROP TABLE parts", "PRAGMA user_version=1"):
            database.execute(statement)
        database.execute("ALTER TABLE files DROP COLUMN verified")
    with closing(Journal(str(path))) as later:
        later.announce([(result("b.bin"), STAMP, ())])
        assert later.owns("a.bin", STAMP)
        assert later.owns("b.bin", STAMP)


# Writing


def test_records_are_committed_in_groups(journal: Journal, path: Path) -> None:
    for number in range(journal_file.RECORDS - 1):
        record(journal, number)
    assert committed(path) == 0
    record(journal, journal_file.RECORDS)
    assert committed(path) == journal_file.RECORDS


def test_a_second_after_its_first_record_a_group_is_committed(
    journal: Journal, path: Path, clock: Clock
) -> None:
    record(journal, 1)
    journal.tick()
    assert committed(path) == 0
    clock.now += journal_file.SECONDS
    journal.tick()
    assert committed(path) == 1


def test_the_end_of_a_run_commits(journal: Journal, path: Path) -> None:
    record(journal, 1)
    end(journal)
    assert committed(path) == 1


def test_closing_commits(journal: Journal, path: Path) -> None:
    record(journal, 1)
    journal.close()
    assert committed(path) == 1
    assert os.listdir(path.parent) == [path.name]


def test_others_can_read_while_a_group_is_written(journal: Journal, path: Path) -> None:
    record(journal, 1)
    end(journal)
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM items").fetchone() == (1,)
        record(journal, 2)
        end(journal)
        assert reader.execute("SELECT count(*) FROM items").fetchone() == (1,)


def test_a_full_disk_stops_the_run_in_one_sentence(journal: Journal) -> None:
    journal._database.execute("PRAGMA max_page_count=20")
    with pytest.raises(DiskFailed, match=r"journal\.sqlite3: .*disk is full: free some space"):
        fill(journal)


def fill(journal: Journal) -> None:
    for number in range(journal_file.RECORDS):
        record(journal, number)


def test_a_journal_that_cannot_be_made_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(DiskFailed, match=r"cannot use .*missing/journal\.sqlite3: .*check"):
        Journal.open(str(tmp_path / "missing"))


# Runs


def test_the_newest_completed_run_of_the_same_work_is_found(journal: Journal) -> None:
    for _ in range(2):
        end(journal)
        begin(journal)
    past = find(journal)
    assert past
    assert past == PastRun(past.at, 8, 2, Stages(3.0, 2.0, 1.0), Busy(9.0, 1.5), 1, 1, 4096)
    assert past.at.endswith("+00:00")


def find(
    journal: Journal,
    *,
    fingerprint: str = "list",
    mode: Mode = "parallel",
    algorithms: tuple[str, ...] = ("md5", "sha256"),
    stored: int = 1,
) -> PastRun | None:
    return journal.past_run(
        fingerprint=fingerprint, mode=mode, algorithms=algorithms, stored=stored
    )


def test_the_current_run_is_no_past_run(journal: Journal) -> None:
    end(journal)
    assert find(journal) is None


def test_a_run_that_was_not_completed_is_no_past_run(journal: Journal) -> None:
    end(journal, completed=False)
    begin(journal)
    assert find(journal) is None


def test_a_run_of_other_work_is_no_past_run(journal: Journal) -> None:
    end(journal)
    begin(journal)
    assert find(journal, fingerprint="other") is None
    assert find(journal, mode="sequential") is None
    assert find(journal, algorithms=("sha256",)) is None
    assert find(journal, stored=2) is None


# A journal that is of no use


def write_garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def write_cut_off(path: Path) -> None:
    Journal(str(path)).close()
    os.truncate(path, 1000)


def write_newer_version(path: Path) -> None:
    Journal(str(path)).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version=99")


def write_foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE theirs (x)")


def write_link(path: Path) -> None:
    path.symlink_to("precious")


def write_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (write_garbage, "is damaged"),
        (write_cut_off, "is damaged"),
        (write_newer_version, "was written by a newer version"),
        (write_foreign_database, "was made by another program"),
        (write_link, "is not a plain file"),
        (write_pipe, "is not a plain file"),
        (Path.mkdir, "is not a plain file"),
    ],
)
def test_a_useless_journal_is_set_aside_and_a_fresh_one_begun(
    path: Path, write: object, words: str
) -> None:
    assert callable(write)
    write(path)
    with closing(Journal.open(str(path.parent))) as journal:
        begin(journal)
        journal.record(stored(), result(), STAMP, URL)
    assert journal.notice
    assert f"{path} {words}: it was set aside as {path}.damaged-1" in journal.notice
    assert os.path.lexists(f"{path}.damaged-1")
    assert not (path.parent / "precious").exists()


def test_a_journal_in_order_needs_no_notice(path: Path) -> None:
    for _ in range(2):
        with closing(Journal(str(path))) as journal:
            assert journal.notice is None


def test_what_was_set_aside_earlier_stays(path: Path) -> None:
    for _ in range(2):
        write_garbage(path)
        Journal(str(path)).close()
    assert {"journal.sqlite3.damaged-1", "journal.sqlite3.damaged-2"} <= set(
        os.listdir(path.parent)
    )


def test_damage_found_in_mid_run_is_out_of_the_way_of_the_next_one(path: Path) -> None:
    Journal(str(path)).close()
    with path.open("r+b") as file:
        file.seek(4096)  # the first page, which describes the tables, stays
        file.write(b"\xff" * (path.stat().st_size - 4096))
    with closing(Journal(str(path))) as journal:
        assert journal.notice is None
        with pytest.raises(DiskFailed, match=r"is damaged: it was set aside as .*: run again"):
            journal.recall(URL)
    with closing(Journal(str(path))) as fresh:
        assert fresh.recall(URL) is None


def test_a_journal_that_was_left_by_a_crash_keeps_what_was_committed(path: Path) -> None:
    with closing(Journal(str(path))) as journal:
        begin(journal)
        record(journal, 1)
        end(journal)
        record(journal, 2)
        for suffix in ("", "-wal"):  # what the disk holds at this moment
            copy = Path(f"{path}.copy{suffix}")
            copy.write_bytes(Path(f"{path}{suffix}").read_bytes())
    with closing(Journal(f"{path}.copy")) as later:
        assert later.notice is None
        assert later.owns("1.bin", STAMP)
        assert not later.owns("2.bin", STAMP)
