"""The end of the line: what has landed and is right gets its name, by the batch.

Each batch is announced in the journal, in one transaction with the records of the batch before it;
then each file appears by one rename; then all are told. So a run that is killed at any moment has
left no file that is nobody's, and no name whose file is not whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from downloader.checksums import compare
from downloader.checksums.compare import Verdict
from downloader.errors import LocalError
from downloader.models import (
    Digest,
    DownloadResult,
    Failure,
    FileStat,
    HashResult,
    Outcome,
    replace,
)
from downloader.pipeline.context import RunContext
from downloader.pipeline.outcome_log import OutcomeLog
from downloader.planning import outcomes

# Files of a batch: past these a transaction is no cheaper for each.
BATCH = 64
# Seconds that a file waits for company.
LINGER = 0.02


class Landed(NamedTuple):
    """A file that is whole and right: what brought it, its digests, by whose word it is right."""

    result: DownloadResult
    hashes: HashResult
    verdict: Verdict
    stat: FileStat


class CommitStage:
    """Gives files their names; for the coordinator's thread.

    Raises `LocalError` where this machine stops the run.
    """

    def __init__(
        self, context: RunContext, log: OutcomeLog, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._context = context
        self._storage = context.storage
        self._log = log
        self._clock = clock
        # One item after another: none is begun before the last one has its name.
        self._most = 1 if context.workers.inline else BATCH
        self._batch: list[Landed] = []
        self._since = 0.0

    @property
    def pending(self) -> int:
        """How many files wait for their names."""
        return len(self._batch)

    def due(self) -> float | None:
        """Return the seconds until the waiting files must go, `None` if none wait."""
        if not self._batch:
            return None
        return max(0.0, self._since + LINGER - self._clock())

    def add(self, result: DownloadResult, hashes: HashResult, verdict: Verdict) -> None:
        """Take a file that is right; it appears with its batch."""
        try:
            stat = result.stat or self._storage.stat_part(result.part)
        except OSError as error:
            self._lose(result, Failure("disk", f"{result.part}: {error.strerror}"))
            return
        if not self._batch:
            self._since = self._clock()
        self._batch.append(Landed(result, hashes, verdict, stat))
        if len(self._batch) >= self._most:
            self.flush()

    def flush(self) -> None:
        """Have all that wait appear, and tell of them."""
        batch, self._batch = self._batch, []
        if not batch:
            return
        self._context.journal.announce(
            (landed.result, landed.stat, landed.hashes.digests) for landed in batch
        )
        self._tell([(landed, self._appear(landed)) for landed in batch])

    def discard(self, result: DownloadResult) -> None:
        """Remove the part of an item that is lost."""
        with suppress(Exception):  # it has its failure already
            self._storage.discard(result.part)

    def _lose(self, result: DownloadResult, failure: Failure) -> None:
        self.discard(result)
        self._log.finish(outcomes.lost(result, failure), result.job.key, result)

    def _appear(self, landed: Landed) -> FileStat | Failure | LocalError:
        """Have one file appear at its final path; return its stat, or what went wrong."""
        job = landed.result.job
        try:
            return self._storage.commit(landed.result.part, job.path, job.replaces, landed.stat)
        except LocalError as error:
            return error
        except FileExistsError as error:
            return Failure("exists", str(error))
        except OSError as error:
            return Failure("disk", f"{self._storage.shown(job.path)}: {error.strerror or error}")
        except Exception as error:  # a part broke its promise: that item's failure, not the run's
            return Failure("internal", f"{error!r}")

    def _tell(self, batch: list[tuple[Landed, FileStat | Failure | LocalError]]) -> None:
        """Tell of a batch once its names are safe, if that is wanted; raise what stops the run."""
        trouble = next((end for _, end in batch if isinstance(end, LocalError)), None)
        unsafe = self._sync([landed for landed, end in batch if isinstance(end, FileStat)])
        if isinstance(unsafe, LocalError):
            trouble = trouble or unsafe
        for landed, end in batch:
            try:
                self._tell_one(landed, unsafe or end if isinstance(end, FileStat) else end)
            except LocalError as error:
                trouble = trouble or error
        if trouble:
            raise trouble

    def _tell_one(self, landed: Landed, end: FileStat | Failure | LocalError) -> None:
        result = landed.result
        match end:
            case FileStat():
                self._log.finish(self._stored(landed), result.job.key, result, end)
                for warning in compare.warnings(result, landed.verdict):
                    self._context.reporter.tell(warning)
            case Failure():
                self._lose(result, end)
            case LocalError():
                self._lose(result, Failure("disk", str(end)))

    def _sync(self, appeared: list[Landed]) -> Failure | LocalError | None:
        if not appeared:
            return None
        paths = [landed.result.job.path for landed in appeared]
        try:
            self._storage.sync(paths)
        except LocalError as error:
            return error
        except OSError as error:
            shown = self._storage.shown(paths[0])
            return Failure("disk", f"{shown}: {error.strerror or error}")
        return None

    def _stored(self, landed: Landed) -> Outcome:
        result, hashes = landed.result, landed.hashes
        asked: tuple[Digest, ...] = hashes.digests[: len(self._context.algorithms)]
        if len(asked) < len(hashes.digests):
            hashes = replace(hashes, digests=asked)
        shown = self._storage.shown(result.job.path)
        return outcomes.stored(result, hashes, shown, landed.verdict.verified)
