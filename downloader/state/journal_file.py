"""The journal's file: written in groups, by one thread, its errors as sentences."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from downloader.errors import DiskFailed
from downloader.state.rows import storable
from downloader.state.sqlite import Layout, disk_errors, is_damage, open_database, set_aside

# A transaction is committed after so many records or seconds: a commit costs as much as dozens of
# records, and what a crash may lose stays small.
RECORDS = 500
SECONDS = 1.0


class JournalFile:
    """An open database. `notice` tells the user if an older one was set aside.

    What is written is seen by every later call at once, and by other readers once it is
    committed. Every method raises `DiskFailed` if the file cannot be written.
    """

    def __init__(
        self, path: str, layout: Layout, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._clock = clock
        self._closed = False
        self._pending = 0
        self._since = 0.0
        self._database, self.notice = open_database(path, layout)

    def tick(self) -> None:
        """Commit what is due."""
        is_due = self._pending >= RECORDS or self._clock() - self._since >= SECONDS
        if is_due and (self._pending or self._database.in_transaction):
            with self._errors():
                self._commit()

    def close(self) -> None:
        """Commit what is left and close the file. Twice is no error."""
        if self._closed:
            return
        self._closed = True
        try:
            with self._errors():
                self._commit()
        finally:
            self._database.close()

    def _find(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with self._errors():
            found: tuple[Any, ...] | None = self._database.execute(query, values).fetchone()
        return found

    def _find_all(self, query: str) -> list[tuple[Any, ...]]:
        with self._errors():
            return self._database.execute(query).fetchall()

    def _write(self, statement: str, row: tuple[object, ...] = ()) -> None:
        self._begin()
        self._database.execute(statement, row)

    def _write_all(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return
        self._begin()
        try:
            self._database.executemany(statement, rows)
        except UnicodeEncodeError:  # lone surrogates: rare, so they are looked for only now
            self._database.executemany(statement, map(storable, rows))

    def _begin(self) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN IMMEDIATE")
            if not self._pending:
                self._since = self._clock()

    def _count(self, count: int = 1) -> None:
        """Note that so many records wait to be written."""
        if not self._pending and not self._database.in_transaction:
            self._since = self._clock()
        self._pending += count

    def _flush(self) -> None:
        """Write what is held in memory, within the transaction under way."""

    def _commit(self) -> None:
        self._flush()
        if self._database.in_transaction:
            self._database.execute("COMMIT")
        self._pending = 0

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        """Raise `DiskFailed` for errors; a file found to be damaged is out of the way next time."""
        try:
            with disk_errors(self._path):
                yield
        except DiskFailed as error:
            if not is_damage(error.__cause__):
                raise
            aside = set_aside(self._path)
            raise DiskFailed(
                f"{self._path} is damaged: it was set aside as {aside}: run again"
            ) from error
