"""Composition: options and names become parts, parts become a run, a run becomes a report.

Everything the command does is done through the functions of this module, with the same values.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial
from typing import BinaryIO

from downloader import __version__, hashing
from downloader.assemble import (
    ended,
    held,
    http_fetcher,
    process_choice,
    tell_if_fewer,
    tell_of_proxies,
    usual_exchanges,
    workers_of,
)
from downloader.errors import LocalError
from downloader.inputs.items import Sources, open_items
from downloader.inputs.paths import open_paths
from downloader.inputs.sources import Items
from downloader.models import Began, Ended, Report, Warned
from downloader.options import Options
from downloader.pipeline.concurrency import AHEAD, ConcurrencyController
from downloader.pipeline.context import RunContext
from downloader.pipeline.coordinator import Coordinator
from downloader.pipeline.hash_run import HashRun
from downloader.pipeline.host_limits import HostLimits
from downloader.pipeline.stats import RunStats
from downloader.planning import naming
from downloader.planning.names import Names
from downloader.planning.planner import Place, Planner
from downloader.planning.previous_runs import PreviousRuns
from downloader.planning.published import Published
from downloader.planning.server_names import FormerNames, Named, ServerNames, as_planned
from downloader.planning.sums_files import MakeFetcher, read_published
from downloader.protocols import Reporter, Storage, Workers
from downloader.registry import look_up
from downloader.reporters import Silent
from downloader.run import recorded, report_of
from downloader.shared.load import LoadMeter
from downloader.shared.rate_limiter import RateLimiter
from downloader.shared.stop import Stop
from downloader.state.journal import Journal
from downloader.state.spill import SpillDict
from downloader.storage import folders
from downloader.storage.local import LocalStorage


def fetch(
    sources: Sources,
    options: Options | None = None,
    *,
    reporter: Reporter | None = None,
    storage: Storage | None = None,
    executor: Workers | None = None,
    fetcher: MakeFetcher | None = None,
    stop: Stop | None = None,
    stdin: BinaryIO | None = None,
) -> Report:
    """Fetch and hash every item of the sources; return the account of the run.

    `sources` are list files, "-" for standard input, `http(s)` URLs, or `UrlItem` values. An item
    that fails is data in the report. Raises `UsageError` before anything is fetched where an
    option or a list cannot be used, and `LocalError` where this machine stops the run.
    """
    options, reporter, stop = options or Options(), reporter or Silent(), stop or Stop()
    algorithms = hashing.checked(options.algorithms)
    look_up(naming.LAYOUTS, options.layout, "layout")
    # What is opened last is closed first: the workers end before anything that they use does.
    with ExitStack() as stack:
        items = stack.enter_context(open_items(sources, options, stdin or _stdin()))
        own_stop = stack.enter_context(stop.of_one_run())
        turns = RateLimiter(options.rate)
        make_fetcher = fetcher or partial(http_fetcher, options, turns=turns)
        published = read_published(options.sums, make_fetcher, own_stop)
        stack.callback(published.close)
        local = stack.enter_context(closing(LocalStorage(options.dir, fsync=options.fsync)))
        journal = stack.enter_context(held(local, options, reporter))
        storage, meter = storage or local, LoadMeter()
        opened = stack.enter_context(closing(make_fetcher(storage, meter, own_stop)))
        tell_of_proxies(options, reporter)
        workers = stack.enter_context(ended(executor or workers_of(options)))
        if executor is None:
            tell_if_fewer(workers, options, reporter)
        account = RunStats(rate=options.rate)
        names, seen = (stack.enter_context(closing(SpillDict())) for _ in range(2))
        vacant = storage is local and not options.overwrite and folders.is_vacant(options.dir)
        place, named = _naming(options, names, journal, storage, vacant=vacant)
        parts = RunContext(
            workers=workers,
            fetcher=opened,
            storage=storage,
            journal=journal,
            reporter=reporter,
            stats=account,
            concurrency=ConcurrencyController(
                workers.threads, meter, account.window, ahead=1 if options.rate else AHEAD
            ),
            meter=meter,
            stop=own_stop,
            algorithms=algorithms,
            hosts=_hosts(options, workers, turns, account),
            named=named,
            usual=usual_exchanges(options, storage, meter, opened),
            choice=process_choice(options, items.total) if storage is local else None,
        )
        earlier = PreviousRuns(journal, storage, algorithms, options.continue_, options.refresh)
        plan = Planner(items, place, seen, published if options.sums else None, earlier)
        run = partial(_run, parts, plan, journal, algorithms)
        whole = not (options.continue_ or options.refresh)
        return run(items=items, published=published, whole=whole)


def hash_files(
    paths: str | Iterable[str],
    options: Options | None = None,
    *,
    reporter: Reporter | None = None,
    executor: Workers | None = None,
    stop: Stop | None = None,
    stdin: BinaryIO | None = None,
    null: bool = False,
) -> Report:
    """Hash files, and all files below folders, on the process pool; return the account.

    "-" is a list of paths on standard input, ended by NUL where `null` is set. Of the options only
    `processes`, `sequential` and `algorithms` matter. Outcomes are told in the order of the paths.
    """
    options, reporter, stop = options or Options(), reporter or Silent(), stop or Stop()
    algorithms = hashing.checked(options.algorithms)
    names = [paths] if isinstance(paths, str) else [os.fspath(path) for path in paths]
    items = open_paths(names, stdin if stdin is not None else _stdin(), null=null)
    with stop.of_one_run() as own_stop, ended(executor or workers_of(options)) as workers:
        account = RunStats()
        with _broken_off(reporter, own_stop):
            reporter.tell(Began(None, fetching=False))
            run = HashRun(workers, algorithms, reporter, account, own_stop)
            trouble = _trouble_of(lambda: run.run(items, items.ready))
            interrupted = _signal_of(own_stop)
            report = report_of(account, workers, fetched=False, interrupted=interrupted)
        return _concluded(report, reporter, trouble)


def _hosts(options: Options, workers: Workers, turns: RateLimiter, account: RunStats) -> HostLimits:
    return HostLimits(
        workers.threads,
        per_host=options.per_host,
        turns=turns if options.rate else None,
        note_pause=account.paused,
    )


def _naming(
    options: Options, names: SpillDict, journal: Journal, storage: Storage, *, vacant: bool
) -> tuple[Place, Named]:
    """Return how final paths are chosen before a request, and after a reply."""
    own = Names(look_up(naming.LAYOUTS, options.layout, "layout"), names)
    place = Place(
        names=own,
        owner=journal,
        storage=storage,
        overwrite=options.overwrite,
        former=FormerNames(own, journal) if options.content_disposition else None,
        vacant=vacant,
    )
    return place, ServerNames(place, journal) if options.content_disposition else as_planned


def _run(
    parts: RunContext,
    plan: Planner,
    journal: Journal,
    algorithms: Sequence[str],
    *,
    items: Items,
    published: Published,
    whole: bool,
) -> Report:
    workers, account, reporter = parts.workers, parts.stats, parts.reporter
    journal.begin_run(
        mode="sequential" if workers.inline else "parallel",
        threads=workers.threads,
        processes=workers.processes,
        algorithms=algorithms,
        version=__version__,
    )
    with _broken_off(reporter, parts.stop):
        reporter.tell(Began(items.total))
        trouble = _trouble_of(lambda: Coordinator(parts).run(plan, items.ready))
        if published.notice:
            reporter.tell(Warned(published.notice))
        interrupted = None if trouble else _signal_of(parts.stop)
        report = report_of(account, workers, fetched=True, interrupted=interrupted)
        if not trouble:
            fingerprint = plan.fingerprint()
            report = recorded(report, journal, fingerprint, algorithms, whole=whole)
    return _concluded(report, reporter, trouble)


def _trouble_of(flow: Callable[[], None]) -> LocalError | None:
    """Run the flow; return what stopped it, so that the report is still given."""
    try:
        flow()
    except LocalError as error:
        return error
    return None


def _concluded(report: Report, reporter: Reporter, trouble: LocalError | None) -> Report:
    """Tell the report; raise what stopped the run."""
    reporter.tell(Ended(report))
    if trouble:
        raise trouble
    return report


def _stdin() -> BinaryIO | None:
    return sys.stdin.buffer if sys.stdin else None


def _signal_of(stop: Stop) -> int | None:
    """Return the signal that asked the run to end; a request without one counts as Ctrl-C."""
    return (stop.signum or signal.SIGINT) if stop.requested() else None


@contextmanager
def _broken_off(reporter: Reporter, stop: Stop) -> Iterator[None]:
    """Where a run breaks off, break off its transfers, and tell the reporter that it is over."""
    try:
        yield
    except BaseException:
        stop.request()
        with suppress(OSError):  # what broke the run off may be the reporter's own stream
            reporter.tell(Ended(None))
        raise
