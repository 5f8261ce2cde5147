"""The report of a run: what was observed, set against an earlier run or an estimate."""

from __future__ import annotations

from collections.abc import Sequence

from downloader import estimate
from downloader.models import Basis, Busy, Mode, Report, Saved, Sequential, Stages, replace
from downloader.pipeline.stats import RunStats
from downloader.protocols import Workers
from downloader.state.journal import Journal, PastRun


def report_of(
    account: RunStats, workers: Workers, *, fetched: bool, interrupted: int | None = None
) -> Report:
    """Return the report that the run alone can give: its sequential time is estimated."""
    seen = account.observations(workers.threads, workers.processes)
    mode: Mode = "sequential" if workers.inline else "parallel"
    if workers.inline:
        sequential, saved = _exactly(seen.wall, "this-run"), None
    else:
        sequential = estimate.sequential(seen)
        saved = _saved(sequential.seconds, seen.wall)
    return Report(
        mode=mode,
        threads=workers.threads,
        processes=workers.processes,
        items=account.counts,
        bytes=account.bytes,
        seconds=Stages(seen.wall, seen.fetch, seen.hash),
        busy=Busy(seen.busy_fetch, seen.busy_hash),
        sequential=sequential,
        saved=saved,
        held_back_by=estimate.held_back_by(seen),
        failures=account.failures,
        fetched=fetched,
        interrupted=interrupted,
        hashed_while_landing=account.hashed_landing,
        hashed_by_workers=account.hashed_by_workers,
    )


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
    completed = whole and report.interrupted is None
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
