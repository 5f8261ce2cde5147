"""A repair: what is wrong is fetched again, and takes its place if it is right."""

from __future__ import annotations

from dataclasses import replace

from downloader import __version__
from downloader.models import Busy, Stages
from downloader.pipeline.context import RunContext
from downloader.pipeline.coordinator import Coordinator
from downloader.pipeline.repair_plan import RepairPlan
from downloader.pipeline.repairs import RepairReporter, Repairs
from downloader.pipeline.verify_run import Verifying
from downloader.run.report import mode_of


def repair(context: RunContext, work: Verifying, repairs: Repairs) -> None:
    """Fetch again what is to be repaired, and nothing else.

    Raises `LocalError` where this machine stops the run.
    """
    if not len(repairs) or context.stop.requested():
        return
    _begin(context)
    own = replace(context, reporter=RepairReporter(repairs, context.reporter))
    Coordinator(own).run(RepairPlan(work.expected, repairs, work.origins, context.storage))
    _end(context)


def _begin(context: RunContext) -> None:
    workers = context.workers
    context.journal.begin_run(
        mode=mode_of(workers),
        threads=workers.threads,
        processes=workers.processes,
        algorithms=context.algorithms,
        version=__version__,
    )


def _end(context: RunContext) -> None:
    """Record the run as one with which none is compared: it did part of a list's work."""
    context.journal.end_run(
        fingerprint="",
        counts=context.stats.counts,
        bytes=context.stats.bytes,
        seconds=Stages(),
        busy=Busy(),
        completed=False,
    )
