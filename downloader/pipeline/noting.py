"""With which proof parts may be continued, kept as soon as it is known: a run may be killed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from downloader.errors import LocalError
from downloader.models import Job, ResumePoint
from downloader.pipeline.context import RunContext


def noting(
    parts: RunContext,
    post: Callable[[Callable[[], None]], None],
    break_off: Callable[[LocalError], None],
) -> Callable[[Job, ResumePoint], None]:
    """Return what takes notes on any thread; `post` has a call run on the coordinator's.

    Where the coordinator itself fetches, what is posted would come too late.
    """

    def keep(job: Job, resume: ResumePoint) -> None:
        try:
            parts.ledger.note(job, resume)
        except LocalError as error:
            break_off(error)

    if parts.workers.inline:
        return keep
    return lambda job, resume: post(partial(keep, job, resume))
