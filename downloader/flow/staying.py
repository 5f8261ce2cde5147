"""Files that stay as they stand because their server says that they have not changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from downloader.flow import outcomes
from downloader.flow.earlier import standing
from downloader.models import DownloadResult, Failure, HashResult, Outcome
from downloader.protocols import Storage


def unchanged(
    result: DownloadResult, algorithms: Sequence[str], storage: Storage
) -> Outcome | None:
    """Return the outcome of a file whose digests are all known, else `None`."""
    job = result.job
    assert job.known is not None
    kept = standing(job, job.known, algorithms, storage.shown(job.path))
    return outcomes.unchanged(result, kept) if kept else None


def rehashed(result: DownloadResult, hashes: HashResult, storage: Storage) -> Outcome:
    """Return the outcome of a file that was hashed where it stands, if it is still the same."""
    job = result.job
    assert job.known is not None
    failure = hashes.failure or _changed(result, storage)
    if failure:
        return outcomes.lost(result, failure)
    kept = outcomes.kept(job.item, job.known, hashes.digests, storage.shown(job.path))
    return outcomes.unchanged(result, replace(kept, hash_seconds=hashes.seconds))


def _changed(result: DownloadResult, storage: Storage) -> Failure | None:
    path = result.job.path
    try:
        if storage.stamp(path) == result.job.replaces:
            return None
    except (OSError, ValueError):
        pass  # something else stands there
    return Failure("exists", f"{storage.shown(path)} was changed while it was being hashed")
