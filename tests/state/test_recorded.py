"""A journal is read as it is, and nothing of it is changed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from downloader.errors import UsageError
from downloader.models import Digest, DownloadResult, FileStat, Job, Outcome, UrlItem
from downloader.state.journal import Journal
from downloader.state.recorded import Recorded, RecordedFiles

STAMP = FileStat(4, 1_700_000_000_000_000_000, 7)
DIGESTS = (Digest("sha256", "ab" * 32),)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal.open(str(tmp_path))) as journal:
        journal.begin_run(mode="parallel", threads=1, processes=1, algorithms=(), version="0")
        yield journal


def result(path: str) -> DownloadResult:
    url = f"https://example.org/{path}"
    return DownloadResult(Job(UrlItem(url), url, path, key=url), size=4)


def record(journal: Journal, path: str) -> None:
    done = result(path)
    outcome = Outcome("stored", url=done.job.key, path=path, size=4, digests=DIGESTS)
    journal.record(outcome, done, STAMP, done.job.key)


def nothing(_: str) -> FileStat | None:
    return None


def read(journal: Journal, standing: Callable[[str], FileStat | None] = nothing) -> list[Recorded]:
    with closing(RecordedFiles(str(Path(journal._path)), standing)) as files:
        found = list(files)
        assert len(files) == len(found)
        assert list(files) == found
    return found


def test_files_come_in_the_order_of_their_paths(journal: Journal) -> None:
    for path in ("b", "a\udcff", "sub/c"):
        record(journal, path)
    journal.close()
    assert sorted(read(journal)) == [(path, 4, DIGESTS) for path in ("a\udcff", "b", "sub/c")]


def test_a_file_that_a_killed_run_had_announced_counts_if_it_stands(journal: Journal) -> None:
    record(journal, "a")
    journal.announce([(result("a"), STAMP, ()), (result("b"), STAMP, DIGESTS)])
    assert read(journal) == [("a", 4, DIGESTS)]
    assert read(journal, lambda path: STAMP) == [("a", 4, ()), ("b", 4, DIGESTS)]


def test_a_journal_that_nobody_can_write_is_read(journal: Journal, tmp_path: Path) -> None:
    record(journal, "a")
    journal.close()
    os.chmod(tmp_path, 0o555)
    try:
        assert read(journal) == [("a", 4, DIGESTS)]
    finally:
        os.chmod(tmp_path, 0o755)


@pytest.mark.parametrize("content", [b"", b"no database, but long enough" * 40])
def test_what_is_no_journal_is_refused_and_stays(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal.sqlite3"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"journal\.sqlite3: "):
        RecordedFiles(str(path), nothing)
    assert path.read_bytes() == content


def test_a_newer_versions_journal_is_refused(journal: Journal) -> None:
    journal.close()
    with closing(sqlite3.connect(journal._path)) as database:
        database.execute("PRAGMA user_version=99")
    with pytest.raises(UsageError, match="newer version"):
        read(journal)
