"""A run that fetches: begin, coordinate, report, record."""

from __future__ import annotations

from downloader import __version__
from downloader.errors import LocalError
from downloader.inputs.sources import Items
from downloader.models import Began, Report, Warned, replace
from downloader.pipeline.context import RunContext
from downloader.pipeline.coordinator import Coordinator
from downloader.planning.planner import Planner
from downloader.planning.published import Published
from downloader.run.ending import concluded, signal_of, told_if_broken_off
from downloader.run.report import mode_of, recorded, report_of
from downloader.text import plural


def run_fetch(
    context: RunContext, planner: Planner, items: Items, published: Published, whole: bool
) -> Report:
    """Bring every item to its end; return the account of the run, which is recorded.

    A run that does not do the `whole` work itself is compared with none. Raises `LocalError` if
    this machine stopped the run, once its report has been told.
    """
    _begin(context)
    reporter = context.reporter
    with told_if_broken_off(reporter, context.stop):
        reporter.tell(Began(items.total))
        trouble = _coordinate(context, planner, items)
        for notice in (*items.notices(), *planner.notices()):
            reporter.tell(Warned(notice))
        if published.notice:
            reporter.tell(Warned(published.notice, is_doubt=True))
        if context.stats.passed_over:
            reporter.tell(Warned(_passed_over(context.stats.passed_over), is_doubt=True))
        report = replace(_report(context, trouble), is_unchecked=published.is_in_vain)
        if not trouble:
            work = planner.fingerprint()
            report = recorded(report, context.journal, work, context.algorithms, whole=whole)
    return concluded(report, reporter, trouble)


def _begin(context: RunContext) -> None:
    workers = context.workers
    context.journal.begin_run(
        mode=mode_of(workers),
        threads=workers.threads,
        processes=workers.processes,
        algorithms=context.algorithms,
        version=__version__,
    )


def _coordinate(context: RunContext, planner: Planner, items: Items) -> LocalError | None:
    """Return what stopped the run, so that the report is still given."""
    try:
        Coordinator(context).run(planner, items.ready)
    except LocalError as error:
        return error
    return None


def _report(context: RunContext, trouble: LocalError | None) -> Report:
    stopped = context.limit.reached if context.limit else ""
    interrupted = None if trouble or stopped else signal_of(context.stop)
    report = report_of(context.stats, context.workers, fetched=True, interrupted=interrupted)
    return replace(report, stopped=stopped, passed_over=context.stats.passed_over)


def _passed_over(count: int) -> str:
    were = f"{plural('line', count)} {'was' if count == 1 else 'were'} passed over"
    return (
        f"{were}: not stored, and no failure of the last run: --continue takes what is not stored"
    )
