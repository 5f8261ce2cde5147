"""The account of a run: counts, time by stage, and the samples that the estimate is made from."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from downloader.errors import DiskFailed
from downloader.models import (
    WRONG,
    Counts,
    DownloadResult,
    HashResult,
    Observations,
    Outcome,
    Sample,
    Window,
)
from downloader.state.failure_log import FailureLog

T = TypeVar("T")
# Past this many, every other sample is dropped: enough for any quantile, bounded in memory.
KEPT_AT_MOST = 8192
# How items end whose bytes this run had in its hands.
_BROUGHT = frozenset({"stored", "ok"})


class OwnLimits(NamedTuple):
    """What the user allows: see `Observations`."""

    rate: float | None = None
    limit_rate: float | None = None
    per_host: int | None = None


NO_LIMITS = OwnLimits()


class BusyClock:
    """Sums the time during which at least one piece of work was under way."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._under_way = 0
        self._since = 0.0
        self._seconds = 0.0

    def enter(self) -> None:
        """One more piece of work is under way."""
        if not self._under_way:
            self._since = self._clock()
        self._under_way += 1

    def leave(self) -> None:
        """One piece of work has ended."""
        self._under_way -= 1
        if not self._under_way:
            self._seconds += self._clock() - self._since

    @property
    def seconds(self) -> float:
        """Return the seconds until now."""
        return self._seconds + (self._clock() - self._since if self._under_way else 0.0)


class Thinned(Generic[T]):
    """Keeps an evenly spread selection of a long series: each kept one stands for `stride`."""

    def __init__(self, at_most: int = KEPT_AT_MOST) -> None:
        self._at_most = at_most
        self._count = 0
        self.stride = 1
        self.kept: list[T] = []

    def wants_next(self) -> bool:
        """Return True if the next value is one of those that are kept."""
        return self._count % self.stride == 0

    def pass_over(self) -> None:
        """Take the next value, which is not kept, as seen."""
        self._count += 1

    def add(self, value: T) -> None:
        """Take the next value of the series."""
        if self.wants_next():
            self.kept.append(value)
        self._count += 1
        if len(self.kept) >= self._at_most:
            self.kept = self.kept[::2]
            self.stride *= 2


@dataclass
class Tally:
    """Plain sums over the outcomes."""

    by_status: dict[str, int] = field(default_factory=dict)
    bytes: int = 0

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.by_status[outcome.status] = self.by_status.get(outcome.status, 0) + 1

    @property
    def counts(self) -> Counts:
        """Return the counts by status."""
        return Counts(total=sum(self.by_status.values()), **self.by_status)


class RunStats:
    """Takes note of what a run does; used by the coordinator's thread only."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, own: OwnLimits = NO_LIMITS
    ) -> None:
        self._clock = clock
        self._own = own
        self._held_back = BusyClock(clock)
        self._is_held_back = False
        self._pauses: dict[str, float] = {}
        self._began = clock()
        self._process_cpu = time.process_time()
        self._thread_cpu = time.thread_time()
        self._tally = Tally()
        self._samples: Thinned[Sample] = Thinned()
        self._windows: Thinned[Window] = Thinned()
        self._alone: Thinned[Window] = Thinned()  # few, and never thinned out with the many
        self._busy_fetch = 0.0
        self._busy_hash = 0.0
        self._hash_cpu = 0.0
        self.items = 0
        self.passed_over = 0  # lines that were not to be fetched, and have no file
        self.exchange_cpu = 0.0  # of the coordinator's thread, in exchanges: they have samples
        self.hashed_by_workers = self.hashed_landing = 0
        self.fetching = BusyClock(clock)
        self.hashing = BusyClock(clock)
        self.failures = FailureLog()

    def fetched(self, result: DownloadResult, *, alone: bool) -> None:
        """One job left the fetch stage; `alone` if no other was on it all the time."""
        self.items += 1
        self._busy_fetch += result.timing.seconds - result.timing.paused
        if self._samples.wants_next():
            self._samples.add(_sample(result, self._began, alone=alone))
        else:
            self._samples.pass_over()

    def held_back(self, is_so: bool) -> None:
        """Note whether threads are free while every item's host is to be left alone."""
        if is_so != self._is_held_back:
            self._is_held_back = is_so
            (self._held_back.enter if is_so else self._held_back.leave)()

    def paused(self, site: str, seconds: float) -> None:
        """One host asked to be left alone, for so many seconds more."""
        host = site.partition("://")[2]
        if host in self._pauses or len(self._pauses) < KEPT_AT_MOST:
            self._pauses[host] = self._pauses.get(host, 0.0) + seconds

    def hashed(self, results: Sequence[HashResult]) -> None:
        """One batch has come back from the hash workers."""
        for result in results:
            self._busy_hash += result.seconds
            self._hash_cpu += result.cpu
        self.hashed_by_workers += len(results)

    def hashed_while_landing(self, result: HashResult) -> None:
        """One file was hashed by who received it; the time is that of its transfer, too."""
        self._busy_hash += result.seconds
        self.hashed_landing += 1

    def window(self, window: Window) -> None:
        """One short span of the run was observed."""
        (self._alone if window.alone else self._windows).add(window)

    def finished(self, outcome: Outcome, *, again: bool = False) -> None:
        """One item is done; the bytes of one that was told `again` were counted before.

        Raises `DiskFailed` where the temporary folder is full.
        """
        self._tally.add(outcome)
        if outcome.status in _BROUGHT and outcome.size and not again:
            self._tally.bytes += outcome.size
        if outcome.status in WRONG:
            self._keep(outcome)

    def _keep(self, failed: Outcome) -> None:
        try:
            self.failures.append(failed)
        except OSError as error:
            why = f"cannot keep failures in the temporary folder (TMPDIR): {error.strerror}"
            raise DiskFailed(why) from error

    @property
    def counts(self) -> Counts:
        """Return how many items ended in which way, so far."""
        return self._tally.counts

    @property
    def bytes(self) -> int:
        """Return the bytes of stored items, so far."""
        return self._tally.bytes

    def observations(self, threads: int, processes: int) -> Observations:
        """Return what the run knows about its own time, as of now."""
        return Observations(
            wall=self._clock() - self._began,
            fetch=self.fetching.seconds,
            hash=self.hashing.seconds,
            busy_fetch=self._busy_fetch,
            busy_hash=self._busy_hash,
            hash_cpu=self._hash_cpu,
            cpu=time.process_time() - self._process_cpu,
            coordinator_cpu=time.thread_time() - self._thread_cpu - self.exchange_cpu,
            threads=threads,
            processes=processes,
            items=self.items,
            bytes=self._tally.bytes,
            samples=tuple(self._samples.kept),
            stride=self._samples.stride,
            windows=(*self._alone.kept, *self._windows.kept),
            host_wait=self._held_back.seconds,
            pauses=tuple(self._pauses.items()),
            rate=self._own.rate,
            limit_rate=self._own.limit_rate,
            per_host=self._own.per_host,
        )


def _sample(result: DownloadResult, began: float, *, alone: bool) -> Sample:
    timing = result.timing
    before = max(0.0, timing.requested - timing.began) if result.attempts > 1 else 0.0
    return Sample(
        host=result.job.host,
        size=0 if result.unchanged else result.size - result.resumed_from,
        waiting=max(0.0, timing.answered - timing.began - timing.connecting - before),
        reading=max(0.0, timing.ended - timing.answered),
        connecting=timing.connecting,
        earlier=max(0.0, before - timing.parked),  # all items wait for one pause of their host
        cpu=timing.cpu,
        load_waiting=timing.load_waiting,
        load_reading=timing.load_reading,
        rank=timing.rank,
        at=timing.began - began,
        alone=alone,
    )
