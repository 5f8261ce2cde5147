"""A mapping for lists of any length: in memory while it is small, on disk beyond that."""

from __future__ import annotations

import hashlib
import sqlite3

from downloader.state.sqlite import disk_errors

# Entries held in memory between two writes: about 8 MB.
HELD = 50_000

WHERE = "the temporary folder (TMPDIR)"
_SETTINGS = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-8192",  # KiB of pages in memory
)
_TABLE = "CREATE TABLE entries (digest BLOB PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID"


class SpillDict:
    """Maps text to 64-bit integers in bounded memory, for one thread; nothing outlives it.

    Beyond `held` entries it spills into a database without a name, which SQLite removes when it
    is closed. Of a key only a 128-bit BLAKE2b digest is kept, so long keys cost no more.
    Raises `errors.DiskFailed` where the temporary folder is full.
    """

    def __init__(self, held: int = HELD) -> None:
        self._most = held
        self._held: dict[bytes, int] = {}
        self._database: sqlite3.Connection | None = None

    def get(self, key: str) -> int | None:
        """Return what was last put under `key`."""
        digest = digest_of(key)
        value = self._held.get(digest)
        if value is not None or self._database is None:
            return value
        with disk_errors(WHERE):
            row = self._database.execute(
                "SELECT value FROM entries WHERE digest = ?", (digest,)
            ).fetchone()
        return None if row is None else int(row[0])

    def put(self, key: str, value: int) -> None:
        """Keep `value` under `key`, in place of an earlier one."""
        self._held[digest_of(key)] = value
        if len(self._held) > self._most:
            self._spill()

    def close(self) -> None:
        """Forget everything."""
        self._held.clear()
        if self._database:
            self._database.close()
            self._database = None

    def _spill(self) -> None:
        """Write what is held, in the order of the tree, so that each page is touched once."""
        with disk_errors(WHERE):
            database = self._database = self._database or unnamed(_TABLE)
            database.execute("BEGIN")
            database.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?, ?)", sorted(self._held.items())
            )
            database.execute("COMMIT")
        self._held.clear()


def digest_of(key: str) -> bytes:
    """Return what stands for a key of any length."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def unnamed(table: str) -> sqlite3.Connection:
    """Open a database without a name, with one table; SQLite removes it when it is closed."""
    database = sqlite3.connect("", isolation_level=None)
    for statement in (*_SETTINGS, table):
        database.execute(statement)
    return database
