"""A mapping from names to digests, of any length: in memory while it is small, else on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from downloader.models import Digest
from downloader.state.spill import IN_MEMORY, WHERE, digest_of, unnamed
from downloader.state.sqlite import disk_errors

# Digests that are given back for one name: more that differ say no more than these.
_MOST = 64
_TABLE = "CREATE TABLE digests (key BLOB, algorithm TEXT, digest BLOB)"
_INDEX = "CREATE INDEX IF NOT EXISTS by_key ON digests (key)"  # made at once, by sorting: faster
_GET = "SELECT DISTINCT algorithm, digest FROM digests WHERE key = ? LIMIT ?"


class SpillDigests:
    """Maps text to sets of digests in bounded memory, for one thread; nothing outlives it.

    A sibling of `SpillDict`, which says more. Raises `errors.DiskFailed` if the temporary folder
    is full.
    """

    def __init__(self, most: int = IN_MEMORY) -> None:
        self._most = most
        self._in_memory: list[tuple[bytes, Digest]] = []
        self._found: dict[bytes, dict[Digest, None]] | None = None
        self._database: sqlite3.Connection | None = None

    def add(self, key: str, digest: Digest) -> None:
        """Keep one more digest under `key`."""
        self._in_memory.append((digest_of(key), digest))
        self._found = None
        if len(self._in_memory) > self._most:
            self._spill()

    def get(self, key: str) -> tuple[Digest, ...]:
        """Return the digests under `key`, each once."""
        mark = digest_of(key)
        found = dict.fromkeys([*self._spilled(mark), *self._by_key().get(mark, ())])
        return tuple(found)[:_MOST]

    def close(self) -> None:
        """Forget everything."""
        self._in_memory.clear()
        self._found = None
        if self._database:
            self._database.close()
            self._database = None

    def _by_key(self) -> dict[bytes, dict[Digest, None]]:
        """Return what is held, in a form that is made when it is first asked for."""
        if self._found is None:
            self._found = {}
            for mark, digest in self._in_memory:
                self._found.setdefault(mark, {})[digest] = None
        return self._found

    def _spilled(self, mark: bytes) -> Iterator[Digest]:
        if self._database is None:
            return
        with disk_errors(WHERE):
            if self._found is None:  # nothing was asked since something was added
                self._database.execute(_INDEX)
            rows = self._database.execute(_GET, (mark, _MOST)).fetchall()
        for algorithm, digest in rows:
            yield Digest(algorithm, digest.hex())

    def _spill(self) -> None:
        entries = self._in_memory
        rows = [(mark, each.algorithm, bytes.fromhex(each.hexdigest)) for mark, each in entries]
        with disk_errors(WHERE):
            database = self._database = self._database or unnamed(_TABLE)
            database.execute("BEGIN")
            database.executemany("INSERT INTO digests VALUES (?, ?, ?)", rows)
            database.execute("COMMIT")
        self._in_memory.clear()
