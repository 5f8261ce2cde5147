"""Files that stay as they stand because their server says that they have not changed."""

from __future__ import annotations

from collections.abc import Sequence

from downloader.models import DownloadResult, Failure, HashResult, replace
from downloader.pipeline.hash_stage import HashStage
from downloader.pipeline.telling import Telling
from downloader.planning import outcomes
from downloader.planning.previous_runs import standing
from downloader.protocols import Storage


class Staying:
    """Tells of them, hashed again where not all of their digests are known."""

    def __init__(
        self,
        storage: Storage,
        hashes: HashStage[DownloadResult],
        telling: Telling,
        algorithms: Sequence[str],
    ) -> None:
        self._storage = storage
        self._hashes = hashes
        self._telling = telling
        self._algorithms = algorithms

    def landed(self, result: DownloadResult) -> None:
        """Take a job whose file is still the server's."""
        job, shown = result.job, self._storage.shown(result.job.path)
        assert job.known is not None
        kept = standing(job, job.known, self._algorithms, shown)
        if kept:
            self._telling.finish(outcomes.unchanged(result, kept), job.key, result)
        else:
            self._hashes.add(result, shown, result.size, self._algorithms)

    def hashed(self, result: DownloadResult, hashes: HashResult) -> None:
        """Take a file that was hashed where it stands, if it is still the same."""
        job, shown = result.job, self._storage.shown(result.job.path)
        assert job.known is not None
        failure = hashes.failure or _changed(result, self._storage)
        if failure:
            self._telling.finish(outcomes.lost(result, failure), job.key, result)
            return
        kept = outcomes.kept(job.item, job.known, hashes.digests, shown)
        told = outcomes.unchanged(result, replace(kept, hash_seconds=hashes.seconds))
        self._telling.finish(told, job.key, result, job.replaces)


def _changed(result: DownloadResult, storage: Storage) -> Failure | None:
    path = result.job.path
    try:
        if storage.stamp(path) == result.job.replaces:
            return None
    except (OSError, ValueError):
        pass  # something else stands there
    return Failure("exists", f"{storage.shown(path)} was changed while it was being hashed")
