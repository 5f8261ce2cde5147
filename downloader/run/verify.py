"""A run that checks what is there: coordinate, report. Nothing is recorded."""

from __future__ import annotations

from collections.abc import Callable

from downloader.errors import LocalError
from downloader.models import Began, Report, Warned, replace
from downloader.pipeline.extra_files import ExtraFiles
from downloader.pipeline.hash_run import HashRun
from downloader.pipeline.stats import RunStats
from downloader.pipeline.verify_run import Verifying, VerifyRun
from downloader.protocols import Reporter, Workers
from downloader.run.ending import concluded, signal_of, told_if_broken_off
from downloader.run.report import report_of
from downloader.shared.stop import Stop
from downloader.storage.tree import Trees


def run_verify(work: Verifying, workers: Workers, reporter: Reporter, stop: Stop) -> Report:
    """Check every file, and tell what else there is; return the account of the run.

    Raises `LocalError` if this machine stopped the run, once the report has been told.
    """
    stats = RunStats()
    with told_if_broken_off(reporter, stop):
        reporter.tell(Began(len(work.expected), fetching=False))
        for notice in work.notices:
            reporter.tell(Warned(notice, is_doubt=True))
        hashes = HashRun(workers, (), reporter, stats, stop)
        trouble = _first_trouble(
            lambda: VerifyRun(hashes, Trees(), reporter, stats, stop).run(work.expected),
            lambda: ExtraFiles(reporter, stats, stop).run(work.expected, work.searched),
        )
        interrupted = None if trouble else signal_of(stop)
        report = report_of(stats, workers, fetched=False, interrupted=interrupted)
    return concluded(
        replace(report, checked=True, is_unchecked=bool(work.notices)), reporter, trouble
    )


def _first_trouble(*steps: Callable[[], None]) -> LocalError | None:
    """Go step by step; return what stopped the run, so that the report is still given."""
    try:
        for step in steps:
            step()
    except LocalError as error:
        return error
    return None
