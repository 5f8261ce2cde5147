"""What the flow is plugged together from, and what it asks of the parts that are this run's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from downloader.models import (
    Digest,
    DownloadResult,
    FileStat,
    HashResult,
    Job,
    Outcome,
    ResumePoint,
)
from downloader.pipeline.hash_stage import Occupied
from downloader.pipeline.host_limits import HostLimits
from downloader.planning.server_names import Named, as_planned
from downloader.protocols import Fetcher, Reporter, Storage, Workers
from downloader.shared import LoadMeter, Stop


class Account(Protocol):
    """Takes note of what the run does. Raises `LocalError` where it cannot be kept."""

    @property
    def fetching(self) -> Occupied:
        """The fetch lane's clock."""
        ...

    @property
    def hashing(self) -> Occupied:
        """The hash lane's clock."""
        ...

    def fetched(self, result: DownloadResult, *, alone: bool) -> None:
        """One job left the fetch lane; `alone` if no other was on it all the time."""
        ...

    def held_back(self, is_so: bool) -> None:
        """Say whether threads are free while every item's host is to be left alone."""
        ...

    def hashed(self, results: Sequence[HashResult]) -> None:
        """One batch left the hash lane."""
        ...

    def finished(self, outcome: Outcome, *, again: bool = False) -> None:
        """One item is done; `again` where an earlier line's file serves it too."""
        ...


class Ledger(Protocol):
    """Keeps each item's outcome, and gives it back for a line that repeats its URL.

    Raises `LocalError` where it cannot be written.
    """

    def announce(
        self, files: Iterable[tuple[DownloadResult, FileStat, tuple[Digest, ...]]]
    ) -> None:
        """Keep, before they appear at their final paths, which files are this tool's."""
        ...

    def record(
        self, outcome: Outcome, result: DownloadResult | None, stamp: FileStat | None, key: str
    ) -> None:
        """Keep one outcome."""
        ...

    def note(self, job: Job, resume: ResumePoint) -> None:
        """Keep with which proof a job's part may be continued."""
        ...

    def recall(self, key: str) -> Outcome | None:
        """Return what this run kept under `key`."""
        ...

    def tick(self) -> None:
        """Write what is due."""
        ...


class Pace(Protocol):
    """Says how many fetches may be under way, so that the run can learn what one alone takes."""

    def allowed(self) -> int:
        """Return how many jobs may be in flight now."""
        ...

    def begun(self) -> None:
        """One fetch was handed to the workers."""
        ...

    def landed(self) -> bool:
        """One fetch has ended; say whether it was by itself from its beginning to its end."""
        ...

    def observe(self) -> None:
        """Take a sample of the load and the bytes received."""
        ...

    def interval(self) -> float:
        """Return the seconds after which `observe` wants to be called again."""
        ...


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the flow is plugged together from; `named` gives what has landed its final path."""

    workers: Workers
    fetcher: Fetcher
    storage: Storage
    ledger: Ledger
    reporter: Reporter
    account: Account
    pace: Pace
    meter: LoadMeter
    stop: Stop
    hosts: HostLimits = field(default_factory=HostLimits)
    named: Named = as_planned
