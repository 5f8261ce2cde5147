"""A report says what was observed, set against an earlier run of the same work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from downloader import run
from downloader.executors.local import Sequential
from downloader.models import Busy, Mode, Outcome, Report, Stages
from downloader.pipeline.stats import RunStats
from downloader.protocols import Workers
from downloader.state.journal import Journal, PastRun


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
def account(clock: Clock) -> RunStats:
    account = RunStats(clock)
    account.finished(Outcome("stored", size=1000))
    account.finished(Outcome("failed"))
    clock.now += 4
    return account


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(str(tmp_path / "journal.sqlite3"))
    yield journal
    journal.close()


def past(seconds: float) -> PastRun:
    at = "2020-01-02T03:04:05+00:00"
    return PastRun(at, 8, 2, Stages(wall=seconds), Busy(), stored=1, failed=1, bytes=1000)


def test_a_report_counts_what_the_account_counted(account: RunStats) -> None:
    report = run.report_of(account, Parallel(), fetched=True)
    assert (report.items.total, report.items.stored, report.items.failed) == (2, 1, 1)
    assert (report.mode, report.threads, report.processes) == ("parallel", 8, 2)
    assert (report.bytes, report.seconds.wall, len(report.failures)) == (1000, 4, 1)
    assert (report.fetched, report.interrupted) == (True, None)


def test_a_parallel_run_alone_is_estimated(account: RunStats) -> None:
    report = run.report_of(account, Parallel(), fetched=True)
    assert report.sequential.basis == "estimated"
    assert report.saved
    assert report.saved.seconds == report.sequential.seconds - 4


def test_a_sequential_run_alone_is_its_own_measure_and_saves_nothing(account: RunStats) -> None:
    report = run.report_of(account, Sequential(), fetched=True)
    assert (report.sequential.basis, report.sequential.seconds) == ("this-run", 4)
    assert report.saved is None


@pytest.mark.parametrize(("sequential", "speedup"), [(8.0, 2.0), (2.0, 0.5)])
def test_a_parallel_run_is_set_against_the_sequential_one(
    account: RunStats, sequential: float, speedup: float
) -> None:
    report = run.compared(run.report_of(account, Parallel(), fetched=True), past(sequential))
    took = report.sequential
    assert (took.seconds, took.low, took.high) == (sequential,) * 3
    assert (took.basis, took.when) == ("measured", past(0).at)
    assert report.saved
    assert (report.saved.seconds, report.saved.speedup) == (sequential - 4, speedup)


def test_a_sequential_run_is_set_against_the_parallel_one(account: RunStats) -> None:
    report = run.compared(run.report_of(account, Sequential(), fetched=True), past(1.0))
    assert (report.sequential.basis, report.sequential.seconds) == ("this-run", 4)
    assert report.saved
    assert (report.saved.seconds, report.saved.speedup) == (3, 4)
    assert report.parallel_when == past(0).at


def test_a_run_of_no_time_is_no_division_by_zero(account: RunStats, clock: Clock) -> None:
    clock.now = 0.0
    report = run.compared(run.report_of(account, Parallel(), fetched=True), past(1.0))
    assert report.saved
    assert report.saved.speedup == 1.0


def settled(
    journal: Journal, account: RunStats, workers: Workers, *, interrupted: int | None = None
) -> Report:
    mode: Mode = "sequential" if workers.inline else "parallel"
    journal.begin_run(mode=mode, threads=1, processes=1, algorithms=["sha256"], version="0")
    report = run.report_of(account, workers, fetched=True, interrupted=interrupted)
    return run.recorded(report, journal, "list", ["sha256"])


def test_runs_in_turn_measure_each_other(journal: Journal, account: RunStats, clock: Clock) -> None:
    first = settled(journal, account, Parallel())
    clock.now += 6
    second = settled(journal, account, Sequential())
    third = settled(journal, account, Parallel())
    assert first.sequential.basis == "estimated"
    assert second.saved
    assert second.saved.seconds == 6
    assert (third.sequential.basis, third.sequential.seconds) == ("measured", 10)


def test_an_interrupted_run_is_neither_measured_nor_a_measure(
    journal: Journal, account: RunStats
) -> None:
    settled(journal, account, Sequential(), interrupted=2)
    report = settled(journal, account, Parallel())
    assert report.sequential.basis == "estimated"
    settled(journal, account, Sequential())
    assert settled(journal, account, Parallel(), interrupted=2).sequential.basis == "estimated"


def test_a_run_that_stored_less_is_no_measure(journal: Journal, account: RunStats) -> None:
    settled(journal, account, Sequential())
    account.finished(Outcome("stored", size=1))
    assert settled(journal, account, Parallel()).sequential.basis == "estimated"
