"""The record of items, files and runs of one target folder: `DIR/.dl/journal.sqlite3`.

`items` holds the last outcome of each URL, `files` what this tool put where (a later failure does
not change what stands there), `runs` one row a run. No login is stored. Deleting the journal loses
this history, never a file.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from downloader.models import (
    Digest,
    DownloadResult,
    FileStat,
    Job,
    Outcome,
    ResumePoint,
    StoredFile,
    Verified,
)
from downloader.state import partials as parts
from downloader.state import rows, schema
from downloader.state.run_records import RunRecords

# A file whose part is about to get its name: its result, its stamp, all its digests.
Announced = tuple[DownloadResult, FileStat, tuple[Digest, ...]]


class Journal(RunRecords):
    """An open journal, for one thread. Every method raises `DiskFailed` as `JournalFile` says."""

    def __init__(self, path: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(path, schema.LAYOUT, clock)
        self._announced: dict[str, tuple[object, ...]] = {}  # rows, by their paths
        # Records that no statement has been made of yet, and the keys and paths they are of.
        self._items: list[tuple[object, ...]] = []
        self._files: list[tuple[object, ...]] = []
        self._ended_parts: list[tuple[object, ...]] = []
        self._unwritten: set[str | None] = set()
        self._has_parts = True  # until it is known that there are none

    @classmethod
    def open(cls, folder: str) -> Journal:
        """Open the journal in `folder` (the target's `.dl`), or begin one."""
        return cls(os.path.join(folder, "journal.sqlite3"))

    def announce(self, files: Iterable[Announced]) -> None:
        """Keep, committed with all records so far, what is about to appear at which path.

        A run that is killed before it can record these files owns them all the same. What was
        announced before is recorded by now, and announced no more.
        """
        announced = {each[0].job.path: self._announced_row(*each) for each in files}
        with self._errors():
            self._flush()
            self._write(schema.FORGET_ANNOUNCED)
            self._write_all(schema.ANNOUNCE, list(announced.values()))
            self._commit()
        self._announced = announced

    def _announced_row(
        self, result: DownloadResult, stat: FileStat, known: tuple[Digest, ...]
    ) -> tuple[object, ...]:
        verified: Verified = "given" if result.job.item.checksums else "none"
        return rows.file_row(
            result, stat, result.job.key, self._run, known=known, verified=verified
        )

    def adopt(self, standing: Callable[[str], FileStat | None]) -> None:
        """Know the files that appeared at the very end of a run that was killed.

        `standing` says what stands at a path.
        """
        with self._errors():
            for path, size, mtime_ns, key in self._find_all(schema.ANNOUNCED):
                stamp = standing(rows.read(path) or "")
                if stamp and (stamp.size, stamp.mtime_ns) == (size, mtime_ns):
                    self._write(schema.APPEARED, (path,))
                    self._write(schema.STANDS, (key, path))  # the rest tells of an earlier try
                    self._write(parts.DROP, (path,))
            self._write(schema.FORGET_ANNOUNCED)
            self._commit()

    def record(
        self, outcome: Outcome, result: DownloadResult | None, stamp: FileStat | None, key: str
    ) -> None:
        """Keep an item's outcome under `key`, and with a `stamp` the file that now stands.

        `key` is the URL as asked for, by which repeated ones are recognised. Records are written
        in groups: with the next announcement, or when they are due.
        """
        self._items.append(rows.item_row(outcome, result, key, self._run))
        self._unwritten.add(key)
        if result and stamp:
            self._files.append(self._file_row(outcome, result, stamp, key))
            self._unwritten.add(result.job.path)
        if result and result.resume is None and self._has_parts:
            self._ended_parts.append((result.job.path,))
            self._unwritten.add(result.job.path)
        self._count()
        self.tick()

    def _file_row(
        self, outcome: Outcome, result: DownloadResult, stamp: FileStat, key: str
    ) -> tuple[object, ...]:
        announced = self._announced.get(result.job.path)
        if announced and announced[rows.STAT] == (stamp.size, stamp.mtime_ns):
            return (*announced[:-1], outcome.verified)
        known = outcome.digests
        if result.unchanged and result.job.known:
            known = (*result.job.known.digests, *known)
        return rows.file_row(result, stamp, key, self._run, known=known, verified=outcome.verified)

    def _flush(self) -> None:
        items, files, ended_parts = self._items, self._files, self._ended_parts
        # What cannot be written is not tried again: it is the run that ends then.
        self._items, self._files, self._ended_parts = [], [], []
        self._unwritten.clear()
        self._write_all(schema.PUT_ITEM, items)
        self._write_all(schema.PUT_FILE, files)
        self._write_all(parts.DROP, ended_parts)

    def _show_to_readers(self, name: str) -> None:
        """Write what is held if it tells of this key or path."""
        if name in self._unwritten:
            with self._errors():
                self._flush()

    def note(self, job: Job, resume: ResumePoint) -> None:
        """Keep, committed, the proof with which a job's part may be continued.

        Its offset counts the bytes that outlive the machine, not all that are there.
        """
        with self._errors():
            self._flush()
            self._write(parts.PUT, parts.row(job.path, job.key, resume))
            self._commit()
        self._has_parts = True

    def resume(self, path: str, key: str, size_of: Callable[[str], int]) -> ResumePoint | None:
        """Return the proof with which the part of `path` may be continued, if there is one.

        `size_of` gives the bytes of the part that holds a version.
        """
        self._show_to_readers(path)
        found = self._find(parts.FIND, rows.text(path)) if self._has_parts else None
        return parts.resume(found, key, size_of) if found else None

    def parts(self) -> list[tuple[str, str]]:
        """Return the path and version of every part that is noted."""
        with self._errors():
            self._flush()
        return [found for row in self._find_all(parts.ALL) if (found := parts.version(row))]

    def begun(self) -> list[tuple[str, str]]:
        """Return the path and the URL's key of every part that is noted."""
        with self._errors():
            self._flush()
        return [found for row in self._find_all(parts.ALL) if (found := parts.owner(row))]

    def forget_parts(self) -> None:
        """Forget every part."""
        with self._errors():
            self._write(parts.DROP_ALL)
            self._commit()
        self._has_parts = False

    def recall(self, key: str) -> Outcome | None:
        """Return this run's outcome of a URL, committed or not."""
        self._show_to_readers(key)
        found = self._find(schema.RECALL, rows.url_text(key), self._run)
        return rows.outcome(found) if found else None

    def owns(self, path: str, stamp: FileStat) -> bool:
        """Return True if this tool put that very file there; `path` is relative to the target.

        The inode may differ: a folder that was moved or restored keeps sizes and times only.
        """
        self._show_to_readers(path)
        with self._errors():
            found = self._database.execute(schema.FILES, (rows.text(path),)).fetchall()
        return (stamp.size, stamp.mtime_ns) in found

    def known(self, path: str, stamp: FileStat, key: str) -> tuple[StoredFile, bool] | None:
        """Return what is known of the file that stands at `path`, if it is this URL's.

        With it comes whether the last try to fetch it did not fail.
        """
        self._show_to_readers(path)
        self._show_to_readers(key)
        file = (rows.text(path), stamp.size, stamp.mtime_ns, rows.url_text(key))
        found = self._find(schema.KNOWN, *file)
        return (rows.known(found, stamp.size), found[-1] != "failed") if found else None

    def has_failed(self, key: str) -> bool:
        """Return True if a URL's file was not to be had when it was tried last."""
        self._show_to_readers(key)
        return self._find(schema.HAS_FAILED, rows.url_text(key)) is not None

    def has_files(self) -> bool:
        """Return True if this tool has put any file there."""
        with self._errors():
            self._flush()
        return self._find(schema.ANY_FILE) is not None

    def stored_at(self, key: str) -> str | None:
        """Return the path where a URL's file was put last, `None` if it never was."""
        self._show_to_readers(key)
        found = self._find(schema.STORED_AT, rows.url_text(key))
        return rows.read(found[0]) if found else None

    def holder(self, path: str) -> str | None:
        """Return the key of the URL whose file this tool put at a path last.

        It is "" for a folder in which earlier runs put files.
        """
        self._show_to_readers(path)
        found = self._find(schema.HOLDER, rows.text(path))
        return rows.read(found[0]) if found else None
