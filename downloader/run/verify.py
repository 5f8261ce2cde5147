"""A run that checks what is there: coordinate, report. Only what it repairs is recorded."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from downloader.errors import LocalError
from downloader.models import Began, Report, Warned, replace
from downloader.pipeline.context import RunContext
from downloader.pipeline.extra_files import ExtraFiles
from downloader.pipeline.hash_run import HashRun, told
from downloader.pipeline.repairs import Tell, repairs_of
from downloader.pipeline.stats import RunStats
from downloader.pipeline.verify_run import Verifying, VerifyRun
from downloader.protocols import Reporter, Workers
from downloader.run.ending import concluded, signal_of, told_if_broken_off
from downloader.run.repair import repair
from downloader.run.report import report_of
from downloader.shared.stop import Stop
from downloader.storage.tree import Trees


def run_verify(
    work: Verifying,
    workers: Workers,
    reporter: Reporter,
    stop: Stop,
    repairing: RunContext | None = None,
) -> Report:
    """Check every file, and tell what else there is; return the account of the run.

    With what fetches, files that are wrong are `repairing`: each is told once that has ended.
    Raises `LocalError` if this machine stopped the run, once the report has been told.
    """
    stats = RunStats()
    with told_if_broken_off(reporter, stop):
        reporter.tell(Began(len(work.expected), fetching=False))
        for notice in work.notices:
            reporter.tell(Warned(notice, is_doubt=True))
        run = _Run(work, workers, reporter, stop, stats)
        trouble = _first_trouble(partial(run.check_and_repair, repairing), run.tell_extra)
        interrupted = None if trouble else signal_of(stop)
        report = report_of(stats, workers, fetched=False, interrupted=interrupted)
    report = replace(report, checked=True, is_unchecked=bool(work.notices))
    return concluded(report, reporter, trouble)


class _Run:
    """The steps of one run."""

    def __init__(
        self, work: Verifying, workers: Workers, reporter: Reporter, stop: Stop, stats: RunStats
    ) -> None:
        self._work = work
        self._workers = workers
        self._reporter = reporter
        self._stop = stop
        self._stats = stats

    def check_and_repair(self, repairing: RunContext | None) -> None:
        tell = partial(told, self._stats, self._reporter)
        if repairing is None:
            self._check(tell)
            return
        with repairs_of(tell) as repairs:
            self._check(repairs.take)
            repair(repairing, self._work, repairs)

    def tell_extra(self) -> None:
        extra = ExtraFiles(self._reporter, self._stats, self._stop)
        extra.run(self._work.expected, self._work.searched)

    def _check(self, tell: Tell) -> None:
        hashes = HashRun(self._workers, (), self._reporter, self._stats, self._stop, tell=tell)
        run = VerifyRun(hashes, Trees(), self._reporter, tell, self._stop)
        run.run(self._work.expected)


def _first_trouble(*steps: Callable[[], None]) -> LocalError | None:
    """Go step by step; return what stopped the run, so that the report is still given."""
    try:
        for step in steps:
            step()
    except LocalError as error:
        return error
    return None
