"""SQLite files: opened, begun afresh if they are of no use, and their errors as sentences."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from downloader.errors import DiskFailed

# The database's own file and the two that stand beside it in WAL mode.
_FILES = ("", "-wal", "-shm")
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class Layout:
    """What a database of ours is recognised by, and the statements that make its tables.

    `upgrades` has for each version the statements that make it of the one before.
    """

    application: int
    version: int
    tables: tuple[str, ...]
    upgrades: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


class _UselessError(Exception):
    """The file is no database that this version can use; the text says why."""


def open_database(path: str, layout: Layout) -> tuple[sqlite3.Connection, str | None]:
    """Open or begin a database in WAL mode, for one thread, without implicit transactions.

    A file that is damaged, foreign or of a newer version is renamed, never removed; then a fresh
    one is begun and a sentence for the user returned. Raises `DiskFailed`.
    """
    with disk_errors(path):
        try:
            return _open(path, layout), None
        except _UselessError as error:
            aside = set_aside(path)
            notice = f"{path} {error}: it was set aside as {aside}, and a new one begun"
            return _open(path, layout), notice


def set_aside(path: str) -> str:
    """Rename the database, with the files that belong to it; return its new path."""
    number = 1
    while os.path.lexists(f"{path}.damaged-{number}"):
        number += 1
    aside = f"{path}.damaged-{number}"
    for suffix in _FILES:
        with contextlib.suppress(FileNotFoundError):
            os.rename(path + suffix, aside + suffix)
    return aside


@contextlib.contextmanager
def disk_errors(where: str) -> Iterator[None]:
    """Turn what the disk or SQLite reports into `DiskFailed`."""
    try:
        yield
    except sqlite3.ProgrammingError:  # a mistake of ours, such as a second thread
        raise
    except sqlite3.Error as error:
        raise DiskFailed(f"cannot use {where}: {error}: {_advice(error)}") from error
    except OSError as error:
        raise DiskFailed(f"cannot use {where}: {error.strerror}") from error


def is_damage(error: BaseException | None) -> bool:
    """Return True if SQLite found the file itself to be broken."""
    # The low byte is the code proper, the rest details (https://sqlite.org/rescode.html).
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _DAMAGED


def _advice(error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorname", "").split("_")[1:2]:
        case ["FULL"]:
            return "free some space and run again"
        case ["BUSY"] | ["LOCKED"]:
            return "another program holds it, run again when it has ended"
    return "check that its folder can be written"


def _open(path: str, layout: Layout) -> sqlite3.Connection:
    _refuse_odd_files(path)
    database = sqlite3.connect(path, isolation_level=None)
    try:
        _prepare(database, layout)
    except BaseException as error:
        database.close()
        if is_damage(error):
            raise _UselessError("is damaged") from error
        raise
    return database


def _refuse_odd_files(path: str) -> None:
    for suffix in _FILES:
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(os.lstat(path + suffix).st_mode):
                raise _UselessError("is not a plain file")


def _prepare(database: sqlite3.Connection, layout: Layout) -> None:
    application = _number(database, "PRAGMA application_id")
    version = _number(database, "PRAGMA user_version")
    if application == version == _number(database, "SELECT count(*) FROM sqlite_master") == 0:
        _begin(database, layout)
    elif application != layout.application:
        raise _UselessError("was made by another program")
    elif version > layout.version:
        raise _UselessError("was written by a newer version")
    else:
        _upgrade(database, layout, version)
    database.execute("PRAGMA synchronous=NORMAL")


def _begin(database: sqlite3.Connection, layout: Layout) -> None:
    database.execute("PRAGMA journal_mode=WAL")
    _execute(database, layout, layout.tables)


def _upgrade(database: sqlite3.Connection, layout: Layout, version: int) -> None:
    for made in range(version + 1, layout.version + 1):
        _execute(database, replace(layout, version=made), layout.upgrades[made])


def _execute(database: sqlite3.Connection, layout: Layout, statements: tuple[str, ...]) -> None:
    """Make the tables and mark the database with the layout's numbers, or change nothing."""
    database.execute("BEGIN IMMEDIATE")
    for statement in statements:
        database.execute(statement)
    database.execute(f"PRAGMA application_id={layout.application}")
    database.execute(f"PRAGMA user_version={layout.version}")
    database.execute("COMMIT")


def _number(database: sqlite3.Connection, query: str) -> int:
    (value,) = database.execute(query).fetchone()
    return int(value)
