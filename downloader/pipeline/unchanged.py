"""Files that stay as they stand because their server says that they have not changed."""

from __future__ import annotations

from downloader.models import DownloadResult, Failure, HashResult, Outcome, replace
from downloader.pipeline.context import RunContext
from downloader.pipeline.hash_stage import HashStage
from downloader.pipeline.outcome_log import OutcomeLog
from downloader.planning import outcomes
from downloader.planning.previous_runs import standing


class UnchangedFiles:
    """Tells of them, hashed again where not all of their digests are known."""

    def __init__(
        self, context: RunContext, hashes: HashStage[DownloadResult], log: OutcomeLog
    ) -> None:
        self._context = context
        self._storage = context.storage
        self._hashes = hashes
        self._log = log

    def landed(self, result: DownloadResult) -> None:
        """Take a job whose file is still the server's."""
        job, shown = result.job, self._storage.shown(result.job.path)
        assert job.known is not None
        kept = standing(job, job.known, self._context.algorithms, shown)
        if kept:
            self._log.finish(outcomes.unchanged(result, kept), job.key, result)
        else:
            self._hashes.add(result, shown, result.size, self._context.algorithms)

    def hashed(self, result: DownloadResult, hashes: HashResult) -> None:
        """Take a file that was hashed where it stands, if it is still the same."""
        job = result.job
        failure = hashes.failure or self._change(result)
        if failure:
            self._log.finish(outcomes.lost(result, failure), job.key, result)
        else:
            self._log.finish(self._outcome(result, hashes), job.key, result, job.replaces)

    def _outcome(self, result: DownloadResult, hashes: HashResult) -> Outcome:
        job, shown = result.job, self._storage.shown(result.job.path)
        assert job.known is not None
        kept = outcomes.kept(job.item, job.known, hashes.digests, shown)
        return outcomes.unchanged(result, replace(kept, hash_seconds=hashes.seconds))

    def _change(self, result: DownloadResult) -> Failure | None:
        path = result.job.path
        try:
            if self._storage.stamp(path) == result.job.replaces:
                return None
        except (OSError, ValueError):
            pass  # something else stands there
        shown = self._storage.shown(path)
        return Failure("exists", f"{shown} was changed while it was being hashed")
