"""All parts of a repair: those of a run that fetches, into the folder of what was checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

from downloader import hashing
from downloader.assemble.fetcher import http_fetcher, secrets_of, tell_of_proxies, usual_exchanges
from downloader.assemble.folder import open_folder, storage_of
from downloader.assemble.plugged import Plugged
from downloader.assemble.workers import concurrency, host_limits
from downloader.options import Options
from downloader.pipeline.context import RunContext
from downloader.pipeline.stats import OwnLimits, RunStats
from downloader.protocols import Workers
from downloader.shared.load import LoadMeter
from downloader.shared.rate_limiter import RateLimiter
from downloader.shared.stop import Stop


@contextmanager
def repairing(
    options: Options, plugged: Plugged, workers: Workers, stop: Stop
) -> Iterator[RunContext]:
    """Give what fetches files again; their folder is held for this run alone.

    Parts that an interrupted run has left stay.
    """
    options = replace(options, continue_=True)
    limiter, meter = RateLimiter(options.rate), LoadMeter()
    stats = RunStats(own=OwnLimits(options.rate, options.limit_rate, options.per_host))
    with ExitStack() as stack:
        enter = stack.enter_context
        secrets = secrets_of(options)
        storage = enter(storage_of(options, None))
        journal = enter(open_folder(storage, options, plugged.reporter))
        made = http_fetcher(options, storage, meter, stop, limiter=limiter, secrets=secrets)
        fetcher = enter(closing(made))
        tell_of_proxies(options, plugged.reporter)
        yield RunContext(
            workers=workers,
            fetcher=fetcher,
            storage=storage,
            journal=journal,
            reporter=plugged.reporter,
            stats=stats,
            concurrency=concurrency(options, workers, meter, stats),
            meter=meter,
            stop=stop,
            algorithms=hashing.checked(options.algorithms),
            hosts=host_limits(options, workers, limiter, stats),
            usual=usual_exchanges(options, storage, meter, fetcher),
        )
