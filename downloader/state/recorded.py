"""What a folder's journal says of its files, read without changing anything there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote

from downloader.errors import UsageError
from downloader.models import Digest, FileStat
from downloader.state import rows, schema

# A file's path below the folder, its size and digests.
Recorded = tuple[str, int | None, tuple[Digest, ...]]

_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


class RecordedFiles:
    """The files that a journal knows, in the order of their paths; can be read again and again.

    All reading sees the journal as it was at first. `standing` says what stands at a path. Raises
    `UsageError` for a journal that cannot be read.
    """

    def __init__(self, path: str, standing: Callable[[str], FileStat | None]) -> None:
        self._path = path
        self._database = _opened(path)
        try:
            self._announced = self._appeared(standing)
            [(total,)] = self._rows(schema.COUNT_FILES)
            self._total = int(total)
        except BaseException:
            self._database.close()
            raise

    def __len__(self) -> int:
        return self._total + sum(not known for _, known in self._announced.values())

    def __iter__(self) -> Iterator[Recorded]:
        for path, size, digests in self._rows(schema.ALL_FILES):
            row = self._announced[path][0] if path in self._announced else (path, size, digests)
            yield _recorded(*row)
        for row, is_known in self._announced.values():
            if not is_known:
                yield _recorded(*row)

    def stored_at(self, url: str) -> str | None:
        """Return the path where a URL's file was put last, `None` if it never was."""
        with _errors(self._path):
            found = self._database.execute(schema.STORED_AT, (rows.url_text(url),)).fetchone()
        return rows.read(found[0]) if found else None

    def urls_of(self, path: str) -> tuple[str, ...]:
        """Return where a file came from: its URL, then where that led or the mirror that served."""
        with _errors(self._path):
            found = self._database.execute(schema.URLS, (rows.text(path),)).fetchall()
        listed = [(url or _url(key), final) for key, url, final in found]
        urls = [rows.read(each) for pair in listed for each in pair]
        return tuple(dict.fromkeys(filter(None, urls)))

    def close(self) -> None:
        """Close the journal."""
        self._database.close()

    def _appeared(
        self, standing: Callable[[str], FileStat | None]
    ) -> dict[object, tuple[tuple[Any, ...], bool]]:
        """Return the rows of files that appeared at the very end of a run that was killed.

        With each comes whether an older file is known at its path.
        """
        appeared: dict[object, tuple[tuple[Any, ...], bool]] = {}
        if ("announced",) not in set(self._rows(_TABLES)):
            return appeared
        for path, size, mtime_ns, digests, is_known in list(self._rows(schema.ALL_ANNOUNCED)):
            stamp = standing(rows.read(path) or "")
            if stamp and (stamp.size, stamp.mtime_ns) == (size, mtime_ns):
                appeared[path] = ((path, size, digests), bool(is_known))
        return appeared

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        with _errors(self._path), closing(self._database.execute(query)) as found:
            yield from found


def _url(key: str | bytes) -> str:
    """Return the URL that is known by a key: what tells logins apart stands after a "#"."""
    return (rows.read(key) or "").partition("#")[0]


def _recorded(path: str | bytes, size: int | None, digests: str | None) -> Recorded:
    return rows.read(path) or "", size, rows.read_digests(digests or "{}")


def _opened(path: str) -> sqlite3.Connection:
    """Open a journal of ours for reading alone, as it is now."""
    with _errors(path):
        database = _connected(path)
        [(application,)] = database.execute("PRAGMA application_id")
        [(version,)] = database.execute("PRAGMA user_version")
    if application == schema.LAYOUT.application and version <= schema.LAYOUT.version:
        return database
    database.close()
    is_ours = application == schema.LAYOUT.application
    why = "it was written by a newer version" if is_ours else "it is no journal of dl"
    raise UsageError(f"{path}: {why}")


def _connected(path: str) -> sqlite3.Connection:
    uri = f"file:{quote(os.fsencode(os.path.abspath(path)))}?mode=ro"
    try:
        return _begun(uri)
    except sqlite3.OperationalError:
        log = f"{path}-wal"
        if os.path.exists(log) and os.path.getsize(log):
            raise
        return _begun(f"{uri}&immutable=1")  # nobody can write here, SQLite neither


def _begun(uri: str) -> sqlite3.Connection:
    database = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        database.execute("BEGIN")
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def _errors(path: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise UsageError(f"{path}: the journal cannot be read: {error}") from error
