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
from downloader.planning.planned import Kept, PassedOver
from downloader.protocols import Storage


class Record(Protocol):
    """What earlier runs wrote down."""

    def known(self, path: str, stamp: FileStat, key: str) -> tuple[StoredFile, bool] | None:
        """Return what is known of a file, and whether the last try to fetch it did not fail."""
        ...

    def has_failed(self, key: str) -> bool:
        """Return True if a URL's file was not to be had when it was tried last."""
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

    If both are asked for, no file is kept unasked. With `only_failed` nothing is to be fetched but
    what failed when it was tried last. It is made before this run notes any part.
    """

    record: Record
    storage: Storage
    algorithms: Sequence[str]
    continues: bool = False
    asks: bool = False
    only_failed: bool = False
    _begun: set[str] = field(default_factory=set, init=False)  # paths of which there is a part

    def __post_init__(self) -> None:
        if self.continues:
            self._begun.update(path for path, _ in self.record.parts())

    def used(self, job: Job) -> Job | Kept | PassedOver:
        """Return the job with what is left of it to do.

        A part comes before the file that stands: it is of a later version, or of the same.
        """
        if self.only_failed and not self.record.has_failed(job.key):
            return self._kept(job) or PassedOver(job.item)
        if job.path in self._begun:
            resume = self.record.resume(job.path, job.key, self._size_of(job))
            if resume:
                return replace(job, resume=resume)
        if not self.asks:
            return (self._kept(job) if self.continues else None) or job
        known, _ = self._known(job)
        is_told_apart = known is not None and (known.etag or known.last_modified)
        return replace(job, known=known) if is_told_apart else job

    def _kept(self, job: Job) -> Kept | None:
        """Return a job's file that stands and need not be asked for, `None` if there is none."""
        known, is_done = self._known(job)
        if known is None or not is_done:
            return None
        outcome = standing(job, known, self.algorithms, self.storage.shown(job.path))
        return Kept(job, outcome) if outcome else None

    def _known(self, job: Job) -> tuple[StoredFile | None, bool]:
        """Return what is known of a job's file, and whether its last try did not fail."""
        found = self.record.known(job.path, job.replaces, job.key) if job.replaces else None
        return found if found and _agrees(found[0], job.item) else (None, False)

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
