"""The record of items, files and runs of one target folder: `DIR/.dl/journal.sqlite3`.

`items` holds the last outcome of each URL, `files` what this tool put where (a later failure does
not change what stands there), `runs` one row a run. No login is stored. Deleting the journal loses
this history, never a file.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from downloader import journal_rows as rows
from downloader.database import disk_errors, is_damage, open_database, set_aside
from downloader.errors import DiskFailed
from downloader.models import Busy, Counts, DownloadResult, Mode, Outcome, Stages, Stamp

# A transaction is committed after so many records or seconds: a commit costs as much as dozens of
# records, and what a crash may lose stays small.
RECORDS = 500
SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class PastRun:
    """An earlier run that was completed; `at` is when it began (ISO 8601, UTC)."""

    at: str
    threads: int
    processes: int
    seconds: Stages
    busy: Busy
    stored: int
    failed: int
    bytes: int


class Journal:
    """An open journal, for one thread. `notice` tells the user if an older one was set aside.

    What is recorded is seen by every later call at once, and by other readers once it is
    committed. Every method raises `DiskFailed` where the journal cannot be written.
    """

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._closed = False
        self._run = 0
        self._pending = 0
        self._since = 0.0
        self._database, self.notice = open_database(path, rows.LAYOUT)
        with disk_errors(path):
            self._database.execute(rows.ANNOUNCED)

    @classmethod
    def open(cls, folder: str) -> Journal:
        """Open the journal in `folder` (the target's `.dl`), or begin one."""
        return cls(os.path.join(folder, "journal.sqlite3"))

    def begin_run(
        self, *, mode: Mode, threads: int, processes: int, algorithms: Sequence[str], version: str
    ) -> int:
        """Begin a run and return its number; what is recorded from now on belongs to it."""
        row = (rows.now(), version, mode, threads, processes, _names(algorithms))
        with self._errors():
            self._write(rows.BEGIN_RUN, row)
            (self._run,) = self._database.execute("SELECT last_insert_rowid()").fetchone()
        return self._run

    def announce(self, files: Iterable[tuple[str, Stamp]]) -> None:
        """Keep, committed, what is about to appear at which path.

        A run that is killed before it can record these files owns them all the same.
        """
        with self._errors():
            for path, stamp in files:
                self._write(rows.ANNOUNCE, (rows.text(path), stamp.size, stamp.mtime_ns))
            self._commit()

    def record(
        self, outcome: Outcome, result: DownloadResult | None, stamp: Stamp | None, key: str
    ) -> None:
        """Keep an item's outcome under `key`, and with a `stamp` the file that now stands.

        `key` is the URL as asked for, by which repeated ones are recognised.
        """
        with self._errors():
            self._write(rows.PUT_ITEM, rows.item_row(outcome, result, key, self._run))
            if result and stamp:
                self._write(rows.PUT_FILE, rows.file_row(outcome, result, stamp, key, self._run))
        self._pending += 1
        self.tick()

    def recall(self, key: str) -> Outcome | None:
        """Return this run's outcome of a URL, committed or not."""
        found = self._find(rows.RECALL, rows.url_text(key), self._run)
        return rows.outcome(found) if found else None

    def owns(self, path: str, stamp: Stamp) -> bool:
        """Say whether this tool put that very file there; `path` is relative to the target.

        The inode may differ: a folder that was moved or restored keeps sizes and times only.
        """
        with self._errors():
            found = self._database.execute(rows.FILES, (rows.text(path),)).fetchall()
        return (stamp.size, stamp.mtime_ns) in found

    def end_run(
        self,
        *,
        fingerprint: str,
        counts: Counts,
        bytes: int,
        seconds: Stages,
        busy: Busy,
        completed: bool,
    ) -> None:
        """Keep what the run came to and commit; `completed` means that it was not interrupted."""
        row = (
            *(fingerprint, counts.total, counts.stored, counts.unchanged, counts.kept),
            *(counts.failed, bytes, seconds.wall, seconds.fetch, seconds.hash),
            *(busy.fetch, busy.hash, completed, self._run),
        )
        with self._errors():
            self._write(rows.END_RUN, row)
            self._write(rows.FORGET_ANNOUNCED, ())
            self._commit()

    def past_run(
        self, *, fingerprint: str, mode: Mode, algorithms: Sequence[str], stored: int
    ) -> PastRun | None:
        """Return the newest other run that completed the same work in that mode.

        The same work is the same list, the same algorithms and as many `stored` items.
        """
        found = self._find(rows.PAST_RUN, fingerprint, mode, _names(algorithms), stored, self._run)
        if not found:
            return None
        at, threads, processes, wall, fetch, hash_, busy_fetch, busy_hash, *counts = found
        return PastRun(
            at, threads, processes, Stages(wall, fetch, hash_), Busy(busy_fetch, busy_hash), *counts
        )

    def tick(self) -> None:
        """Commit what is due."""
        due = self._pending >= RECORDS or self._clock() - self._since >= SECONDS
        if due and self._database.in_transaction:
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

    def _write(self, statement: str, row: tuple[object, ...]) -> None:
        if not self._database.in_transaction:
            self._database.execute("BEGIN IMMEDIATE")
            self._since = self._clock()
        self._database.execute(statement, row)

    def _commit(self) -> None:
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


def _names(algorithms: Sequence[str]) -> str:
    return " ".join(sorted(algorithms))
