"""What workers post for the coordinator: a value each, never a call."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

from downloader.models import DownloadResult, HashResult, Job, ResumePoint


class Fetched(NamedTuple):
    """A job has come back from a fetch thread."""

    done: Future[DownloadResult]


class Hashed(NamedTuple):
    """A batch of files has come back from the hash workers; `batch` is what was submitted."""

    batch: Sequence[Any]
    done: Future[list[HashResult]]


class PartNoted(NamedTuple):
    """A part may be continued with this proof, should the run be killed."""

    job: Job
    resume: ResumePoint


Message = Fetched | Hashed | PartNoted
