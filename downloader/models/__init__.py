"""The values that cross threads, processes and rooms, and the events that reporters are told.

Everything here is frozen and picklable: it may cross threads and processes as it is. Named tuples
are made five times faster than frozen dataclasses, and a run makes some ten an item; `replace`
returns a changed copy.
A list line becomes a `UrlItem`, a `Job` once its name is decided, a `DownloadResult` when its
bytes have landed, a `HashResult` when they were read again, an `Outcome` when all is said, and
the outcomes are summed up in a `Report`.
"""

from __future__ import annotations

from downloader.models.events import (
    Active,
    Advanced,
    Began,
    Ended,
    Event,
    FileHashed,
    Finished,
    Warned,
)
from downloader.models.items import (
    Digest,
    Expected,
    Failure,
    FileStat,
    Job,
    Kind,
    Moved,
    PathItem,
    ResumePoint,
    StoredFile,
    UrlItem,
    Verified,
)
from downloader.models.observations import Observations, Sample, Window
from downloader.models.replacing import replace
from downloader.models.reports import (
    Basis,
    Busy,
    Counts,
    HeldBackBy,
    Mode,
    Report,
    Saved,
    Sequential,
    Stages,
)
from downloader.models.results import WRONG, DownloadResult, HashResult, Outcome, Status
from downloader.models.spans import Span
from downloader.models.timing import Timing

__all__ = [
    "WRONG",
    "Active",
    "Advanced",
    "Basis",
    "Began",
    "Busy",
    "Counts",
    "Digest",
    "DownloadResult",
    "Ended",
    "Event",
    "Expected",
    "Failure",
    "FileHashed",
    "FileStat",
    "Finished",
    "HashResult",
    "HeldBackBy",
    "Job",
    "Kind",
    "Mode",
    "Moved",
    "Observations",
    "Outcome",
    "PathItem",
    "Report",
    "ResumePoint",
    "Sample",
    "Saved",
    "Sequential",
    "Span",
    "Stages",
    "Status",
    "StoredFile",
    "Timing",
    "UrlItem",
    "Verified",
    "Warned",
    "Window",
    "replace",
]
