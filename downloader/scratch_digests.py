"""A mapping from names to digests, of any length: in memory while it is small, else on disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from downloader.database import disk_errors
from downloader.models import Digest
from downloader.scratch import HELD, WHERE, digest_of, unnamed

# Digests that are given back for one name: more that differ say no more than these.
_MOST = 64

Row = tuple[bytes, str, bytes]  # the key's digest, the algorithm, the digest's bytes


class ScratchDigests:
    """Maps text to sets of digests in bounded memory, for one thread; nothing outlives it.

    A sibling of `Scratch`, which says more. Raises `errors.DiskFailed` where the temporary folder
    is full.
    """

    def __init__(self, held: int = HELD) -> None:
        self._most = held
        self._count = 0
        self._held: dict[bytes, dict[Digest, None]] = {}
        self._database: sqlite3.Connection | None = None

    def add(self, key: str, digest: Digest) -> None:
        """Keep one more digest under `key`."""
        self._held.setdefault(digest_of(key), {})[digest] = None
        self._count += 1
        if self._count > self._most:
            self._spill()

    def get(self, key: str) -> tuple[Digest, ...]:
        """Return the digests under `key`, each once."""
        mark = digest_of(key)
        found = dict.fromkeys([*self._spilled(mark), *self._held.get(mark, ())])
        return tuple(found)[:_MOST]

    def close(self) -> None:
        """Forget everything."""
        self._held.clear()
        if self._database:
            self._database.close()
            self._database = None

    def _spilled(self, mark: bytes) -> Iterator[Digest]:
        if self._database is None:
            return
        with disk_errors(WHERE):
            query = "SELECT algorithm, digest FROM digests WHERE key = ? LIMIT ?"
            rows = self._database.execute(query, (mark, _MOST)).fetchall()
        for algorithm, digest in rows:
            yield Digest(algorithm, digest.hex())

    def _spill(self) -> None:
        """Write what is held, in the order of the tree, so that each page is touched once."""
        with disk_errors(WHERE):
            database = self._database = self._database or unnamed(
                "CREATE TABLE digests (key BLOB, algorithm TEXT, digest BLOB, "
                "PRIMARY KEY (key, algorithm, digest)) WITHOUT ROWID"
            )
            database.execute("BEGIN")
            database.executemany("INSERT OR IGNORE INTO digests VALUES (?, ?, ?)", self._rows())
            database.execute("COMMIT")
        self._held.clear()
        self._count = 0

    def _rows(self) -> Iterator[Row]:
        for mark, digests in sorted(self._held.items(), key=lambda item: item[0]):
            for digest in digests:
                yield mark, digest.algorithm, bytes.fromhex(digest.hexdigest)
