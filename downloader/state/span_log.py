"""Spans of time in any number, given back in the order in which they began; bounded in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from downloader.models import Span
from downloader.state.spill import SETTINGS, WHERE
from downloader.state.sqlite import disk_errors

# Spans that are written together.
BATCH = 512
_COLUMNS = len(Span._fields)
_TABLE = f"CREATE TABLE spans ({', '.join(Span._fields)})"
_PUT = f"INSERT INTO spans VALUES ({', '.join('?' * _COLUMNS)})"
_GET = "SELECT * FROM spans ORDER BY began, rowid"
_COUNT = "SELECT count(*) FROM spans WHERE stage = ?"


class SpanLog:
    """Keeps spans in a database without a name, which goes when it is closed; for one thread.

    Raises `errors.DiskFailed` if the temporary folder is full.
    """

    def __init__(self) -> None:
        self._waiting: list[Span] = []
        with disk_errors(WHERE):
            self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            for setting in SETTINGS:
                self._database.execute(setting)
            self._database.execute(_TABLE)

    def add(self, span: Span) -> None:
        """Keep one more."""
        self._waiting.append(span)
        if len(self._waiting) >= BATCH:
            self._write()

    def count(self, stage: str) -> int:
        """Return how many spans of a stage there are."""
        self._write()
        with disk_errors(WHERE):
            (number,) = self._database.execute(_COUNT, (stage,)).fetchone()
        return int(number)

    def __iter__(self) -> Iterator[Span]:
        """Yield all, the one that began first before all others."""
        self._write()
        with disk_errors(WHERE):
            yield from map(Span._make, self._database.execute(_GET))

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def _write(self) -> None:
        waiting, self._waiting = self._waiting, []
        with disk_errors(WHERE):
            self._database.execute("BEGIN")
            self._database.executemany(_PUT, waiting)
            self._database.execute("COMMIT")
