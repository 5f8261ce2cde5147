"""What reporters are told."""

from __future__ import annotations

from typing import NamedTuple

from downloader.models.reports import Report
from downloader.models.results import HashResult, Outcome
from downloader.models.timing import Timing


class Active(NamedTuple):
    """One transfer that is under way; `size` is `None` while it is unknown."""

    name: str
    done: int
    size: int | None
    seconds: float


class Began(NamedTuple):
    """The run began; `total` is the number of items, `None` while the list is still being read."""

    total: int | None
    fetching: bool = True


class Advanced(NamedTuple):
    """How far the run is, told about ten times a second: bytes so far, by stage, and who is active.

    `hashing` is the number of files that have landed and wait for, or are in, the hash stage.
    """

    fetched_bytes: int
    hashed_bytes: int
    hashing: int
    active: tuple[Active, ...] = ()


class Finished(NamedTuple):
    """One item is done; `timing` says when it was fetched, `None` if nothing was asked for it."""

    outcome: Outcome
    timing: Timing | None = None


class FileHashed(NamedTuple):
    """Hash workers read a landed file, whose final path is `name`; told before it is `Finished`."""

    name: str
    hashes: HashResult


class Warned(NamedTuple):
    """Something that the user should know and that is no item's failure: one sentence.

    `is_doubt` says that files are there that nothing has verified, though that was asked for.
    """

    message: str
    is_doubt: bool = False


class Ended(NamedTuple):
    """The run is over; the last event. `report` is `None` if the run broke off."""

    report: Report | None


Event = Began | Advanced | FileHashed | Finished | Warned | Ended
