"""All parts of `dl fetch`, opened in their order and plugged together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from downloader import hashing
from downloader.assemble.checks import Listed, checks_of, published_for
from downloader.assemble.fetcher import (
    http_fetcher,
    process_choice,
    secrets_of,
    tell_of_proxies,
    usual_exchanges,
)
from downloader.assemble.folder import open_folder, storage_of
from downloader.assemble.plan import naming_of, planner_of
from downloader.assemble.plugged import MakeFetcher, Plugged
from downloader.assemble.workers import (
    concurrency,
    failure_limit,
    host_limits,
    tell_if_fewer,
    workers_of,
)
from downloader.inputs.items import Sources, open_items
from downloader.inputs.sources import Items
from downloader.models import UrlItem
from downloader.options import Options
from downloader.pipeline.context import RunContext
from downloader.pipeline.stats import OwnLimits, RunStats
from downloader.planning import naming
from downloader.planning.planner import Planner
from downloader.planning.published import Published
from downloader.planning.server_names import Named
from downloader.protocols import Fetcher, Storage, Workers
from downloader.registry import look_up
from downloader.shared.load import LoadMeter
from downloader.shared.rate_limiter import RateLimiter
from downloader.shared.stop import Stop
from downloader.state.journal import Journal

if TYPE_CHECKING:
    from downloader.assemble.fetched_sums import SumsFetcher


class Fetching(NamedTuple):
    """The parts of a run, and its work; `whole` if nothing of it is left to earlier runs."""

    context: RunContext
    planner: Planner
    items: Items
    published: Published
    whole: bool


@contextmanager
def fetching(sources: Sources, options: Options, plugged: Plugged) -> Iterator[Fetching]:
    """Open all parts of a run that fetches; what is opened is closed at the end.

    Raises `UsageError` if an option or a list cannot be used, before anything is made or fetched.
    """
    hashing.checked(options.algorithms)
    look_up(naming.LAYOUTS, options.layout, "layout")
    listed = [sources] if isinstance(sources, str | UrlItem) else list(sources)
    with ExitStack() as stack:
        enter = stack.enter_context
        opened = _open(stack, listed, options, plugged)
        named = enter(naming_of(options, opened.storage, opened.journal))
        checks = checks_of(options, opened.published, opened.storage)
        planner = enter(planner_of(options, opened.items, named.place, opened.journal, checks))
        final = checks.landed(named.named) if checks and checks.by_server else named.named
        context = _context(options, plugged, opened, final)
        whole = not (options.continues or options.refresh)
        yield Fetching(context, planner, opened.items, opened.published, whole)


class _Opened(NamedTuple):
    """What is opened for a run, in this order."""

    items: Items
    stop: Stop
    limiter: RateLimiter
    published: Published
    storage: Storage
    journal: Journal
    meter: LoadMeter
    fetcher: Fetcher
    workers: Workers


def _open(stack: ExitStack, sources: Listed, options: Options, plugged: Plugged) -> _Opened:
    """Open all that is closed in reverse: the workers end before anything that they use does."""
    enter, reporter = stack.enter_context, plugged.reporter
    items = enter(open_items(sources, options, plugged.stdin))
    stop, limiter, meter = enter(plugged.stop.of_one_run()), RateLimiter(options.rate), LoadMeter()
    make_fetcher = plugged.make_fetcher or partial(
        http_fetcher, options, limiter=limiter, secrets=secrets_of(options)
    )
    sums = partial(_sums_fetcher, options, make_fetcher, stop, limiter)
    published = enter(published_for(options, sources, items.total, sums))
    storage = enter(storage_of(options, plugged.storage))
    journal = enter(open_folder(storage, options, reporter))
    fetcher = enter(closing(make_fetcher(storage, meter, stop)))
    tell_of_proxies(options, reporter)
    workers = enter(workers_of(options, plugged.workers))
    if plugged.workers is None:
        tell_if_fewer(workers, options, reporter)
    return _Opened(items, stop, limiter, published, storage, journal, meter, fetcher, workers)


def _sums_fetcher(
    options: Options, make_fetcher: MakeFetcher, stop: Stop, limiter: RateLimiter
) -> SumsFetcher:
    from downloader.assemble.fetched_sums import SumsFetcher  # noqa: PLC0415  few runs have sums

    return SumsFetcher(options, make_fetcher, stop, limiter)


def _context(options: Options, plugged: Plugged, opened: _Opened, named: Named) -> RunContext:
    own = OwnLimits(options.rate, options.limit_rate, options.per_host)
    stats, workers, meter = RunStats(own=own), opened.workers, opened.meter
    is_our_folder = plugged.storage is None  # fetch processes know how to write into no other
    return RunContext(
        workers=workers,
        fetcher=opened.fetcher,
        storage=opened.storage,
        journal=opened.journal,
        reporter=plugged.reporter,
        stats=stats,
        concurrency=concurrency(options, workers, meter, stats),
        meter=meter,
        stop=opened.stop,
        algorithms=hashing.checked(options.algorithms),
        hosts=host_limits(options, workers, opened.limiter, stats),
        named=named,
        usual=usual_exchanges(options, opened.storage, meter, opened.fetcher),
        limit=failure_limit(options, opened.stop),
        choice=process_choice(options, opened.items.total) if is_our_folder else None,
    )
