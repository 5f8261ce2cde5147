"""A run that checks what is there: coordinate, report. Nothing is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from downloader.errors import LocalError
from downloader.models import Began, Report, Warned, replace
from downloader.pipeline.hash_run import HashRun
from downloader.pipeline.stats import RunStats
from downloader.pipeline.verify_run import Expectations, VerifyRun
from downloader.protocols import Reporter, Workers
from downloader.run.ending import concluded, signal_of, told_if_broken_off
from downloader.run.report import report_of
from downloader.shared.stop import Stop
from downloader.storage.tree import Trees


def run_verify(
    expected: Expectations,
    notices: Sequence[str],
    workers: Workers,
    reporter: Reporter,
    stop: Stop,
) -> Report:
    """Check every file; return the account of the run.

    `notices` say what there is besides that could not be understood.

    Raises `LocalError` if this machine stopped the run, once the report has been told.
    """
    stats = RunStats()
    with told_if_broken_off(reporter, stop):
        reporter.tell(Began(len(expected), fetching=False))
        for notice in notices:
            reporter.tell(Warned(notice, is_doubt=True))
        hashes = HashRun(workers, (), reporter, stats, stop)
        trouble = _coordinate(VerifyRun(hashes, Trees(), reporter, stats, stop), expected)
        interrupted = None if trouble else signal_of(stop)
        report = report_of(stats, workers, fetched=False, interrupted=interrupted)
    return concluded(replace(report, checked=True, is_unchecked=bool(notices)), reporter, trouble)


def _coordinate(run: VerifyRun, expected: Expectations) -> LocalError | None:
    """Return what stopped the run, so that the report is still given."""
    try:
        run.run(expected)
    except LocalError as error:
        return error
    return None
