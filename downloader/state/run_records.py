"""The runs of a journal: one row a run, by which runs of the same work are compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from downloader.models import Busy, Counts, Mode, Stages
from downloader.state import schema
from downloader.state.journal_file import JournalFile
from downloader.state.rows import now
from downloader.state.sqlite import Layout


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


class RunRecords(JournalFile):
    """The part of a journal that knows runs; `_run` is the number of the one under way."""

    def __init__(
        self, path: str, layout: Layout, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(path, layout, clock)
        self._run = 0

    def begin_run(
        self, *, mode: Mode, threads: int, processes: int, algorithms: Sequence[str], version: str
    ) -> int:
        """Begin a run and return its number; what is recorded from now on belongs to it."""
        row = (now(), version, mode, threads, processes, _names(algorithms))
        with self._errors():
            self._write(schema.BEGIN_RUN, row)
            (self._run,) = self._database.execute("SELECT last_insert_rowid()").fetchone()
        return self._run

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
        """Keep what the run came to and commit; `completed` means that it did all the work."""
        row = (
            *(fingerprint, counts.total, counts.stored, counts.unchanged, counts.kept),
            *(counts.failed, bytes, seconds.wall, seconds.fetch, seconds.hash),
            *(busy.fetch, busy.hash, completed, self._run),
        )
        with self._errors():
            self._write(schema.END_RUN, row)
            self._write(schema.FORGET_ANNOUNCED)
            self._commit()

    def past_run(
        self, *, fingerprint: str, mode: Mode, algorithms: Sequence[str], stored: int
    ) -> PastRun | None:
        """Return the newest other run that completed the same work in that mode.

        The same work is the same list, the same algorithms and as many `stored` items.
        """
        found = self._find(
            schema.PAST_RUN, fingerprint, mode, _names(algorithms), stored, self._run
        )
        if not found:
            return None
        at, threads, processes, wall, fetch, hash_, busy_fetch, busy_hash, *counts = found
        return PastRun(
            at, threads, processes, Stages(wall, fetch, hash_), Busy(busy_fetch, busy_hash), *counts
        )


def _names(algorithms: Sequence[str]) -> str:
    return " ".join(sorted(algorithms))
