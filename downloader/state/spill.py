"""A mapping for lists of any length: in memory while it is small, on disk beyond that."""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from collections.abc import Mapping

from downloader.state.sqlite import disk_errors

# Entries held in memory between two writes: about 8 MB.
IN_MEMORY = 40_000
# Characters of a key that is held as it is; of a longer one only a digest is.
LONGEST_KEY = 128
# Bytes of the filter that tells what was never spilled: one bit of 8 a key. One in 30 new keys
# passes it wrongly after a million, one in 4 after 10 million: each costs a look-up on disk.
FILTER = 1 << 22

WHERE = "the temporary folder (TMPDIR)"
# Of a database that nothing outlives.
SETTINGS = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-2048",  # KiB of pages in memory
)
_TABLE = "CREATE TABLE entries (digest BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
_GET = "SELECT value FROM entries WHERE digest = ?"
# Takes entries apart that come in one piece: four times as fast as one statement an entry.
_PUT = """WITH RECURSIVE at(n) AS (SELECT 1 UNION ALL SELECT n + 24 FROM at WHERE n + 24 < ?2)
    INSERT OR REPLACE INTO entries SELECT substr(?1, n, 16), substr(?1, n + 16, 8) FROM at"""
_pack, _unpack = struct.Struct("=q").pack, struct.Struct("=q").unpack


class SpillDict:
    """Maps text to 64-bit integers in bounded memory, for one thread; nothing outlives it.

    Beyond `most` entries it spills into a database without a name, which SQLite removes when it
    is closed. What is spilled is told apart by 128-bit BLAKE2b digests. Raises
    `errors.DiskFailed` if the temporary folder is full.
    """

    def __init__(self, most: int = IN_MEMORY) -> None:
        self._most = most
        self._in_memory: dict[str | bytes, int] = {}
        self._spilled: _SpilledEntries | None = None

    def get(self, key: str) -> int | None:
        """Return what was last put under `key`."""
        short = _short(key)
        value = self._in_memory.get(short)
        if value is not None or self._spilled is None:
            return value
        return self._spilled.get(short)

    def put(self, key: str, value: int) -> None:
        """Keep `value` under `key`, in place of an earlier one."""
        self._in_memory[_short(key)] = value
        if len(self._in_memory) > self._most:
            self._spill()

    def add(self, key: str, value: int) -> bool:
        """Keep `value` under `key` and return True, or False if there is a value already."""
        short = _short(key)
        if short in self._in_memory:
            return False
        if self._spilled is not None and self._spilled.get(short) is not None:
            return False
        self._in_memory[short] = value
        if len(self._in_memory) > self._most:
            self._spill()
        return True

    def close(self) -> None:
        """Forget everything."""
        self._in_memory.clear()
        if self._spilled:
            self._spilled.close()
            self._spilled = None

    def _spill(self) -> None:
        self._spilled = self._spilled or _SpilledEntries()
        self._spilled.put_all(self._in_memory)
        self._in_memory.clear()


class _SpilledEntries:
    """What was spilled, in a database, behind a filter of what surely was not.

    The filter has a bit for each value of Python's own hash of a key, so that a list of distinct
    lines costs hardly a look-up on disk.
    """

    def __init__(self) -> None:
        self._filter = bytearray(FILTER)
        with disk_errors(WHERE):
            self._database = unnamed(_TABLE)

    def get(self, short: str | bytes) -> int | None:
        mark = hash(short)
        if not self._filter[(mark >> 3) % FILTER] >> (mark & 7) & 1:
            return None
        with disk_errors(WHERE):
            row = self._database.execute(_GET, (_digest(short),)).fetchone()
        return None if row is None else int(_unpack(row[0])[0])

    def put_all(self, entries: Mapping[str | bytes, int]) -> None:
        """Write in the order of the tree, so that each page is touched once."""
        for mark in map(hash, entries):
            self._filter[(mark >> 3) % FILTER] |= 1 << (mark & 7)
        packed = b"".join(sorted([_digest(short) + _pack(each) for short, each in entries.items()]))
        with disk_errors(WHERE):
            self._database.execute(_PUT, (packed, len(packed)))

    def close(self) -> None:
        self._database.close()


def _short(key: str) -> str | bytes:
    """Return what is held for a key of any length: itself, or what stands for it."""
    return key if len(key) <= LONGEST_KEY else digest_of(key)


def _digest(short: str | bytes) -> bytes:
    return digest_of(short) if isinstance(short, str) else short


def digest_of(key: str) -> bytes:
    """Return what stands for a key of any length."""
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def unnamed(table: str) -> sqlite3.Connection:
    """Open a database without a name, with one table; SQLite removes it when it is closed."""
    database = sqlite3.connect("", isolation_level=None)
    for statement in (*SETTINGS, table):
        database.execute(statement)
    return database
