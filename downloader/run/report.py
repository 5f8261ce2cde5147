"""The report of a run: what was observed, set against an earlier run or an estimate."""

from __future__ import annotations

from collections.abc import Sequence

from downloader import estimate
from downloader.models import (
    Basis,
    Busy,
    Mode,
    Observations,
    Report,
    Saved,
    Sequential,
    Stages,
    replace,
)
from downloader.pipeline.stats import RunStats
from downloader.protocols import Workers
from downloader.shared.gil import is_gil_enabled
from downloader.state.journal import Journal
from downloader.state.run_records import PastRun


def mode_of(workers: Workers) -> Mode:
    """Return the mode that workers run in."""
    return "sequential" if workers.inline else "parallel"


def report_of(
    stats: RunStats, workers: Workers, *, fetched: bool, interrupted: int | None = None
) -> Report:
    """Return the report that the run alone can give: its sequential time is estimated."""
    observed = stats.observations(workers.threads, workers.processes)
    sequential, saved = _sequential(observed, inline=workers.inline)
    return Report(
        mode=mode_of(workers),
        threads=workers.threads,
        processes=workers.processes,
        items=stats.counts,
        bytes=stats.bytes,
        seconds=Stages(observed.wall, observed.fetch, observed.hash),
        busy=Busy(observed.busy_fetch, observed.busy_hash),
        sequential=sequential,
        saved=saved,
        held_back_by=estimate.held_back_by(observed),
        own_limit=estimate.own_limit(observed),
        failures=stats.failures,
        fetched=fetched,
        gil=is_gil_enabled(),
        interrupted=interrupted,
        hashed_while_landing=stats.hashed_landing,
        hashed_by_workers=stats.hashed_by_workers,
    )


def _sequential(observed: Observations, *, inline: bool) -> tuple[Sequential, Saved | None]:
    """Return the sequential time, and what was saved of it, as far as one run can tell."""
    if inline:
        return _exactly(observed.wall, "this-run"), None
    sequential = estimate.sequential(observed)
    return sequential, _saved(sequential.seconds, observed.wall)


def recorded(
    report: Report,
    journal: Journal,
    fingerprint: str,
    algorithms: Sequence[str],
    *,
    whole: bool = True,
) -> Report:
    """Keep the run in the journal; return its report set against the latest of the other mode.

    One that did not do the `whole` work itself is compared with none.
    """
    completed = whole and report.interrupted is None and not report.stopped
    journal.end_run(
        fingerprint=fingerprint,
        counts=report.items,
        bytes=report.bytes,
        seconds=report.seconds,
        busy=report.busy,
        completed=completed,
    )
    if not completed:
        return report
    other: Mode = "parallel" if report.mode == "sequential" else "sequential"
    past = journal.past_run(
        fingerprint=fingerprint, mode=other, algorithms=algorithms, stored=report.items.stored
    )
    return compared(report, past) if past else report


def compared(report: Report, past: PastRun) -> Report:
    """Return the report set against an earlier run of the same list in the other mode."""
    wall = report.seconds.wall
    if report.mode == "sequential":
        saved = _saved(wall, past.seconds.wall)
        return replace(report, saved=saved, parallel_when=past.at)
    sequential = _exactly(past.seconds.wall, "measured", past.at)
    return replace(report, sequential=sequential, saved=_saved(sequential.seconds, wall))


def _exactly(seconds: float, basis: Basis, when: str | None = None) -> Sequential:
    return Sequential(seconds, seconds, seconds, basis, when)


def _saved(sequential: float, parallel: float) -> Saved:
    return Saved(sequential - parallel, sequential / parallel if parallel > 0 else 1.0)
