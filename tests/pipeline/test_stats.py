"""The account of a run: counts, the time of each stage, samples in bounded memory."""

from __future__ import annotations

import pytest
from pipeline_rig import Clock

from downloader.errors import DiskFailed
from downloader.models import (
    DownloadResult,
    Failure,
    HashResult,
    Job,
    Outcome,
    Timing,
    UrlItem,
    Window,
    replace,
)
from downloader.pipeline.stats import BusyClock, RunStats, Thinned

JOB = Job(UrlItem("http://u:p@example.org:81/a"), "http://u:p@example.org:81/a", "a")
TIMING = Timing(
    began=101,
    requested=103,
    answered=104,
    ended=110,
    connecting=0.25,
    paused=1.5,
    cpu=0.1,
    load_waiting=2,
    load_reading=3,
    rank=4,
)
STORED = Outcome("stored", size=10)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def account(clock: Clock) -> RunStats:
    return RunStats(clock)


def test_a_stage_counts_the_time_in_which_anything_is_under_way(clock: Clock) -> None:
    busy = BusyClock(clock)
    for call, seconds in (("enter", 1), ("enter", 2), ("leave", 4), ("leave", 8), ("enter", 16)):
        getattr(busy, call)()
        clock.now += seconds
    assert busy.seconds == 1 + 2 + 4 + 16


def test_a_stage_that_was_never_used_took_no_time(clock: Clock) -> None:
    busy = BusyClock(clock)
    clock.now += 1
    assert busy.seconds == 0


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 1000])
def test_of_a_long_series_an_evenly_spread_selection_is_kept(length: int) -> None:
    series: Thinned[int] = Thinned(8)
    for value in range(length):
        series.add(value)
    assert series.kept == list(range(0, length, series.stride))
    assert len(series.kept) < 8 or length < 8


def test_outcomes_are_counted_by_status(account: RunStats) -> None:
    for status in ("stored", "failed", "stored", "kept", "unchanged"):
        account.finished(Outcome(status))
    counts = account.counts
    assert (counts.total, counts.stored, counts.failed) == (5, 2, 1)
    assert (counts.kept, counts.unchanged) == (1, 1)


def test_bytes_are_those_of_files_that_were_stored_in_this_run(account: RunStats) -> None:
    account.finished(STORED)
    account.finished(STORED, again=True)
    account.finished(replace(STORED, status="kept"))
    assert account.bytes == 10


def test_failures_can_be_read_again(account: RunStats) -> None:
    failed = Outcome("failed", line=3, error=Failure("dns", "unknown host"))
    account.finished(failed)
    account.finished(STORED)
    assert list(account.failures) == list(account.failures) == [failed]


def test_failures_that_find_no_room_stop_the_run(
    account: RunStats, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(outcome: Outcome) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(account.failures, "append", full)
    with pytest.raises(DiskFailed, match=r"TMPDIR.*No space left"):
        account.finished(Outcome("failed"))
    assert account.counts.failed == 1


def test_the_stages_work_is_summed_up_without_pauses(account: RunStats) -> None:
    account.fetched(DownloadResult(JOB, timing=TIMING), alone=False)
    account.hashed([HashResult("a", seconds=1, cpu=0.5), HashResult("b", seconds=2, cpu=0.25)])
    seen = account.observations(threads=8, processes=2)
    assert (seen.busy_fetch, seen.busy_hash, seen.hash_cpu) == (7.5, 3, 0.75)
    assert (seen.threads, seen.processes, seen.items) == (8, 2, 1)


def test_the_wall_goes_from_the_beginning_until_now(account: RunStats, clock: Clock) -> None:
    clock.now += 3
    assert account.observations(1, 1).wall == 3


def test_a_sample_says_what_each_part_of_an_item_took(account: RunStats) -> None:
    account.fetched(DownloadResult(JOB, size=7, timing=TIMING), alone=True)
    [sample] = account.observations(1, 1).samples
    assert (sample.host, sample.size, sample.alone) == ("example.org:81", 7, True)
    assert (sample.connecting, sample.reading, sample.earlier) == (0.25, 6, 0)
    assert (sample.load_waiting, sample.load_reading, sample.rank) == (2, 3, 4)
    assert sample.at == 1
    assert sample.seconds == TIMING.seconds


def test_earlier_tries_are_set_apart(account: RunStats) -> None:
    account.fetched(DownloadResult(JOB, attempts=2, timing=TIMING), alone=False)
    [sample] = account.observations(1, 1).samples
    assert (sample.earlier, sample.waiting) == (2, 0.75)
    assert sample.seconds == TIMING.seconds


def test_windows_are_kept(account: RunStats) -> None:
    window = Window(seconds=0.05, active=2, reading=1, bytes=5, items=0)
    account.window(window)
    assert account.observations(1, 1).windows == (window,)


def test_windows_alone_outlast_any_number_of_others() -> None:
    """They are all that tells what one transfer reaches by itself."""
    account = RunStats()
    account.window(Window(0.005, 1.0, 1.0, 100, 0, alone=True))
    for _ in range(40_000):
        account.window(Window(0.05, 8.0, 8.0, 100, 0))
    windows = account.observations(8, 2).windows
    assert len(windows) < 10_000
    assert sum(window.alone for window in windows) == 1
