"""The workers that options describe, and what each host may be asked by them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from downloader.executors import make, open_files
from downloader.models import Warned
from downloader.options import Options
from downloader.pipeline.concurrency import AHEAD, ConcurrencyController
from downloader.pipeline.failure_limit import FailureLimit
from downloader.pipeline.host_limits import HostLimits
from downloader.pipeline.stats import RunStats
from downloader.protocols import Reporter, Workers
from downloader.shared.load import LoadMeter
from downloader.shared.rate_limiter import RateLimiter
from downloader.shared.stop import Stop

# Seconds that threads and processes get to end when a run is over.
LAST_CALL = 1.0


@contextmanager
def workers_of(options: Options, plugged: Workers | None = None) -> Iterator[Workers]:
    """Give the caller's workers, or those that the options describe; end them whatever happens.

    They start when they are needed, as many as may have files open.
    """
    workers = plugged or make(_kind(options), *_numbers(options))
    try:
        yield workers
    finally:
        workers.stop(wait=LAST_CALL)


def tell_if_fewer(workers: Workers, options: Options, reporter: Reporter) -> None:
    """Warn if there are fewer threads than were asked for."""
    if workers.threads < options.threads and not workers.inline:
        few = f"too few open files are allowed (ulimit -n) for {options.threads} threads"
        reporter.tell(Warned(f"{few}: {workers.threads} fetch instead"))


def host_limits(
    options: Options, workers: Workers, limiter: RateLimiter, stats: RunStats
) -> HostLimits:
    """Return what each host may be asked, and when."""
    return HostLimits(
        workers.threads,
        per_host=options.per_host,
        limiter=limiter if options.rate else None,
        note_pause=stats.paused,
    )


def concurrency(
    options: Options, workers: Workers, meter: LoadMeter, stats: RunStats
) -> ConcurrencyController:
    """Return what says how many fetches may be under way."""
    ahead = 1 if options.rate else AHEAD
    return ConcurrencyController(workers.threads, meter, stats.window, ahead=ahead)


def _kind(options: Options) -> str:
    return "sequential" if options.sequential else "pools"


def _numbers(options: Options) -> tuple[int, int]:
    return open_files.fitting(options.threads, options.hash_processes)


def failure_limit(options: Options, stop: Stop) -> FailureLimit | None:
    """Return what ends the run for its failures, `None` if nothing does."""
    if not options.fail_fast and options.fail_over is None:
        return None
    return FailureLimit(stop, fast=options.fail_fast, share=options.fail_over)
