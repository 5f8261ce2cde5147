"""What follows when a URL of an item fails for good: its next mirror, or the end (pure functions).

Mirrors are asked in the order of the list, each once. What one has sent is never continued, nor
compared, with what another has: their validators say nothing of each other.
"""

from __future__ import annotations

from downloader.models import DownloadResult, Failure, Job, Kind, Moved, replace

# Failures of this machine: another URL would fare no better.
_LOCAL: frozenset[Kind] = frozenset({"disk", "exists", "name", "internal"})


def following(result: DownloadResult, failure: Failure) -> Job | None:
    """Return the job that goes on with the next mirror, `None` if there is none to be asked."""
    job, moved = result.job, result.job.moved
    left = moved.urls if moved else 0
    if left >= len(job.item.mirrors) or failure.kind in _LOCAL:
        return None
    return replace(
        job,
        url=job.item.mirrors[left],
        resume=None,
        known=None,
        attempts=0,
        mismatches=0,
        earlier=result.timing if result.timing.began else job.earlier,
        moved=Moved(
            left + 1,
            result.attempts + (moved.tries if moved else 0),
            moved.first if moved else failure,
        ),
    )


def last_words(job: Job, failure: Failure) -> Failure:
    """Return the failure of an item of which no mirror is left, with why the first URL failed."""
    if job.moved is None:
        return failure
    before = f"of {job.moved.urls + 1} URLs the last one; the first: {job.moved.first.message}"
    return replace(failure, message=f"{failure.message} ({before})")
