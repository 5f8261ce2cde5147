"""A report says what was observed, set against an earlier run of the same work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from downloader.executors.local import Sequential
from downloader.models import Busy, Mode, Outcome, Report, Stages
from downloader.pipeline.stats import RunStats
from downloader.protocols import Workers
from downloader.run.report import compared, recorded, report_of
from downloader.state.journal import Journal
from downloader.state.run_records import PastRun


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Parallel(Sequential):
    """Workers by name only."""

    threads = 8
    processes = 2
    inline = False


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stats(clock: Clock) -> RunStats:
    stats = RunStats(clock)
    stats.finished(Outcome("stored", size=1000))
    stats.finished(Outcome("failed"))
    clock.now += 4
    return stats


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(str(tmp_path / "journal.sqlite3"))
    yield journal
    journal.close()


def past(seconds: float) -> PastRun:
    at = "2020-01-02T03:04:05+00:00"
    return PastRun(at, 8, 2, Stages(wall=seconds), Busy(), stored=1, failed=1, bytes=1000)


def test_a_report_counts_what_the_account_counted(stats: RunStats) -> None:
    report = report_of(stats, Parallel(), fetched=True)
    assert (report.items.total, report.items.stored, report.items.failed) == (2, 1, 1)
    assert (report.mode, report.threads, report.processes) == ("parallel", 8, 2)
    assert (report.bytes, report.seconds.wall, len(report.failures)) == (1000, 4, 1)
    assert (report.fetched, report.interrupted) == (True, None)


def test_a_parallel_run_alone_is_estimated(stats: RunStats) -> None:
    report = report_of(stats, Parallel(), fetched=True)
    assert report.sequential.basis == "estimated"
    assert report.saved
    assert report.saved.seconds == report.sequential.seconds - 4


def test_a_sequential_run_alone_is_its_own_measure_and_saves_nothing(stats: RunStats) -> None:
    report = report_of(stats, Sequential(), fetched=True)
    assert (report.sequential.basis, report.sequential.seconds) == ("this-run", 4)
    assert report.saved is None


@pytest.mark.parametrize(("sequential", "speedup"), [(8.0, 2.0), (2.0, 0.5)])
def test_a_parallel_run_is_set_against_the_sequential_one(
    stats: RunStats, sequential: float, speedup: float
) -> None:
    report = compared(report_of(stats, Parallel(), fetched=True), past(sequential))
    took = report.sequential
    assert (took.seconds, took.low, took.high) == (sequential,) * 3
    assert (took.basis, took.when) == ("measured", past(0).at)
    assert report.saved
    assert (report.saved.seconds, report.saved.speedup) == (sequential - 4, speedup)


def test_a_sequential_run_is_set_against_the_parallel_one(stats: RunStats) -> None:
    report = compared(report_of(stats, Sequential(), fetched=True), past(1.0))
    assert (report.sequential.basis, report.sequential.seconds) == ("this-run", 4)
    assert report.saved
    assert (report.saved.seconds, report.saved.speedup) == (3, 4)
    assert report.parallel_when == past(0).at


def test_a_run_of_no_time_is_no_division_by_zero(stats: RunStats, clock: Clock) -> None:
    clock.now = 0.0
    report = compared(report_of(stats, Parallel(), fetched=True), past(1.0))
    assert report.saved
    assert report.saved.speedup == 1.0


def recorded_run(
    journal: Journal, stats: RunStats, workers: Workers, *, interrupted: int | None = None
) -> Report:
    mode: Mode = "sequential" if workers.inline else "parallel"
    journal.begin_run(mode=mode, threads=1, processes=1, algorithms=["sha256"], version="0")
    report = report_of(stats, workers, fetched=True, interrupted=interrupted)
    return recorded(report, journal, "list", ["sha256"])


def test_runs_in_turn_measure_each_other(journal: Journal, stats: RunStats, clock: Clock) -> None:
    first = recorded_run(journal, stats, Parallel())
    clock.now += 6
    second = recorded_run(journal, stats, Sequential())
    third = recorded_run(journal, stats, Parallel())
    assert first.sequential.basis == "estimated"
    assert second.saved
    assert second.saved.seconds == 6
    assert (third.sequential.basis, third.sequential.seconds) == ("measured", 10)


def test_an_interrupted_run_is_neither_measured_nor_a_measure(
    journal: Journal, stats: RunStats
) -> None:
    recorded_run(journal, stats, Sequential(), interrupted=2)
    report = recorded_run(journal, stats, Parallel())
    assert report.sequential.basis == "estimated"
    recorded_run(journal, stats, Sequential())
    assert recorded_run(journal, stats, Parallel(), interrupted=2).sequential.basis == "estimated"


def test_a_run_that_stored_less_is_no_measure(journal: Journal, stats: RunStats) -> None:
    recorded_run(journal, stats, Sequential())
    stats.finished(Outcome("stored", size=1))
    assert recorded_run(journal, stats, Parallel()).sequential.basis == "estimated"
