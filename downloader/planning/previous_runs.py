"""What earlier runs left that this one may use: files that stand, parts that can be continued."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from downloader.models import (
    FileStat,
    Job,
    Outcome,
    ResumePoint,
    StoredFile,
    UrlItem,
    replace,
)
from downloader.planning import outcomes
from downloader.planning.planned import Kept
from downloader.protocols import Storage


class Record(Protocol):
    """What earlier runs wrote down."""

    def known(self, path: str, stamp: FileStat, key: str) -> tuple[StoredFile, bool] | None:
        """Return what is known of a file, and whether the last try to fetch it did not fail."""
        ...

    def parts(self) -> Sequence[tuple[str, str]]:
        """Return the path and version of every part that is noted."""
        ...

    def resume(self, path: str, key: str, size_of: Callable[[str], int]) -> ResumePoint | None:
        """Return with which proof a part may be continued."""
        ...


@dataclass(frozen=True, slots=True)
class PreviousRuns:
    """Finishes what was interrupted (`continues`), asks whether files have changed (`asks`).

    If both are asked for, no file is kept unasked. It is made before this run notes any part.
    """

    record: Record
    storage: Storage
    algorithms: Sequence[str]
    continues: bool = False
    asks: bool = False
    _begun: set[str] = field(default_factory=set, init=False)  # paths of which there is a part

    def __post_init__(self) -> None:
        if self.continues:
            self._begun.update(path for path, _ in self.record.parts())

    def used(self, job: Job) -> Job | Kept:
        """Return the job with what is left of it to do.

        A part comes before the file that stands: it is of a later version, or of the same.
        """
        if job.path in self._begun:
            resume = self.record.resume(job.path, job.key, self._size_of(job))
            if resume:
                return replace(job, resume=resume)
        found = self.record.known(job.path, job.replaces, job.key) if job.replaces else None
        if found is None or not _agrees(found[0], job.item):
            return job
        known, is_done = found
        if self.asks:
            return replace(job, known=known) if known.etag or known.last_modified else job
        outcome = standing(job, known, self.algorithms, self.storage.shown(job.path))
        return Kept(job, outcome) if self.continues and is_done and outcome else job

    def _size_of(self, job: Job) -> Callable[[str], int]:
        return lambda version: self.storage.part_size(job.path, version)


def standing(job: Job, known: StoredFile, algorithms: Sequence[str], shown: str) -> Outcome | None:
    """Return the outcome of a file that stays, `None` if not all of its digests are known."""
    digests = {each.algorithm: each for each in known.digests}
    if not digests.keys() >= set(algorithms):
        return None
    return outcomes.kept(job.item, known, [digests[name] for name in algorithms], shown)


def _agrees(known: StoredFile, item: UrlItem) -> bool:
    """Return True if the file is known to be what it should be."""
    has_size = item.size is None or item.size == known.size
    return has_size and set(known.digests) >= set(item.checksums)
