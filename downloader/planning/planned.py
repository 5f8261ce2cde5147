"""What a line of the list becomes: a job, or what is known of it without one."""

from __future__ import annotations

from dataclasses import dataclass

from downloader.models import Failure, Job, Outcome, UrlItem


@dataclass(frozen=True, slots=True)
class Repeat:
    """A line whose URL stood on an earlier line: fetched once, reported for both.

    The item's checksums are those that the earlier line did not give.
    """

    item: UrlItem
    key: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that fails before any request; `key` is that of its URL, `None` if it is none."""

    item: UrlItem
    failure: Failure
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A line that nothing has to be done for: its file stands since an earlier run."""

    job: Job
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A line that is not to be fetched in this run, and whose file is not known to stand."""

    item: UrlItem


Planned = Job | Repeat | Refused | Kept | PassedOver
