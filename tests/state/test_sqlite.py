from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from downloader.errors import DiskFailed
from downloader.state.sqlite import Layout, disk_errors, open_database, set_aside

LAYOUT = Layout(application=1, version=1, tables=("CREATE TABLE things (name TEXT)",))


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "things.sqlite3")


def test_a_new_database_has_its_tables_and_is_kept(path: str) -> None:
    for count in range(2):
        database, notice = open_database(path, LAYOUT)
        with closing(database):
            assert database.execute("SELECT count(*) FROM things").fetchone() == (count,)
            database.execute("INSERT INTO things VALUES ('a')")
        assert notice is None


def test_an_empty_file_is_a_new_database(path: str) -> None:
    Path(path).touch()
    database, notice = open_database(path, LAYOUT)
    database.close()
    assert notice is None


def test_setting_aside_keeps_the_files_of_a_database_together(path: str) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(path + suffix).write_text(suffix)
    aside = set_aside(path)
    assert aside == f"{path}.damaged-1"
    for suffix in ("", "-wal", "-shm"):
        assert Path(aside + suffix).read_text() == suffix


def test_a_link_beside_the_database_is_not_followed(path: str, tmp_path: Path) -> None:
    os.symlink(tmp_path / "precious", path + "-wal")
    database, notice = open_database(path, LAYOUT)
    database.close()
    assert notice
    assert "is not a plain file" in notice
    assert not (tmp_path / "precious").exists()


def test_a_database_that_another_program_holds_is_said_to_be_held(path: str) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("CREATE TABLE theirs (x)")
        database = sqlite3.connect(path, timeout=0)
        with closing(database), pytest.raises(DiskFailed, match="locked: another program"):
            read(database, path)


def read(database: sqlite3.Connection, path: str) -> None:
    with disk_errors(path):
        database.execute("SELECT * FROM sqlite_master").fetchall()


def test_a_mistake_of_the_program_is_not_blamed_on_the_disk(path: str) -> None:
    database, _ = open_database(path, LAYOUT)
    database.close()
    with pytest.raises(sqlite3.ProgrammingError):
        read(database, path)
