"""A run that hashes what is there: coordinate, report. Nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from downloader.errors import LocalError
from downloader.inputs.streaming import Awaited
from downloader.models import Began, PathItem, Report
from downloader.pipeline.hash_run import HashRun
from downloader.pipeline.stats import RunStats
from downloader.protocols import Reporter, Workers
from downloader.run.ending import concluded, signal_of, told_if_broken_off
from downloader.run.report import report_of
from downloader.shared.stop import Stop


def run_hash(
    items: Awaited[PathItem],
    workers: Workers,
    algorithms: Sequence[str],
    reporter: Reporter,
    stop: Stop,
) -> Report:
    """Hash every file; return the account of the run.

    Raises `LocalError` if the list of paths breaks off, once the report has been told.
    """
    stats = RunStats()
    with told_if_broken_off(reporter, stop):
        reporter.tell(Began(None, fetching=False))
        trouble = _coordinate(HashRun(workers, algorithms, reporter, stats, stop), items)
        report = report_of(stats, workers, fetched=False, interrupted=signal_of(stop))
    return concluded(report, reporter, trouble)


def _coordinate(run: HashRun, items: Awaited[PathItem]) -> LocalError | None:
    """Return what stopped the run, so that the report is still given."""
    try:
        run.run(items, items.ready)
    except LocalError as error:
        return error
    return None
