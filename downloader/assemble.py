"""Options become parts: workers, fetcher and folder of a run, each ended in any case."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from downloader import hashing
from downloader.errors import LocalError
from downloader.executors import make, open_files
from downloader.models import FileStat, Warned
from downloader.options import Options, usable_cpus
from downloader.pipeline.process_choice import ProcessChoice
from downloader.policy import Limits, Retry, Timeouts
from downloader.protocols import Fetcher, Reporter, Storage, Workers
from downloader.shared import LoadMeter, RateLimiter, Stop
from downloader.state.journal import Journal
from downloader.storage.local import LocalStorage
from downloader.storage.lock import FolderLock
from downloader.transfer import netrc
from downloader.transfer.fetch_processes import Work
from downloader.transfer.fetcher import HttpFetcher
from downloader.transfer.multiplexer import PATIENCE, Multiplexer
from downloader.transfer.proxies import Proxies
from downloader.transfer.usual import UsualExchanges

# Seconds that threads and processes get to end when a run is over.
LAST_CALL = 1.0


def workers_of(options: Options) -> Workers:
    """Return the workers that the options describe, as many as may have files open."""
    kind = "sequential" if options.sequential else "pools"
    return make(kind, *open_files.fitting(options.threads, options.hash_processes))


def http_fetcher(
    options: Options,
    storage: Storage,
    meter: LoadMeter,
    stop: Stop,
    turns: RateLimiter | None = None,
) -> Fetcher:
    """Return the fetcher that the options describe; its requests wait for their hosts' turns."""
    return HttpFetcher(
        storage,
        meter,
        stop,
        connections=1 if options.sequential else options.threads,
        retry=Retry(retries=options.retries, longest_obeyed=options.max_retry_wait),
        timeouts=Timeouts(options.connect_timeout, options.timeout, total=options.max_time),
        limits=Limits(downgrade=options.allow_downgrade),
        headers=options.headers,
        user_agent=options.user_agent,
        cacert=options.cacert,
        proxy=options.proxy,
        logins=netrc.logins() if options.netrc else netrc.NO_LOGINS,
        public_only=options.no_private,
        max_size=options.max_size,
        algorithms=_while_landing(options),
        limit_rate=options.limit_rate,
        turns=turns,
    )


def _while_landing(options: Options) -> tuple[str, ...]:
    """Return the algorithms by which fetch threads hash what they receive.

    One costs a thread little, and hashing lets other threads run. Several would hold up the
    connection: those are for the process pool, once the file has landed.
    """
    algorithms = hashing.checked(options.algorithms)
    return algorithms if len(algorithms) == 1 or options.sequential else ()


def usual_exchanges(
    options: Options, storage: Storage, meter: LoadMeter, fetcher: Fetcher
) -> UsualExchanges | None:
    """Return what runs usual jobs on the coordinator's own thread, `None` where it cannot.

    A cap on bytes is kept by fetch threads, and what waits for the disk would hold up all others.
    """
    if options.limit_rate or options.fsync or not isinstance(fetcher, HttpFetcher):
        return None
    patience = min(PATIENCE, options.timeout / 2, (options.max_time or PATIENCE) / 2)
    most = float("inf") if options.max_size is None else options.max_size
    multiplexer = Multiplexer(storage.write_part, meter, patience=patience, most=most)
    transfers = 1 if options.sequential else options.threads
    work = Work(transfers, options.dir, patience, most)
    return UsualExchanges(fetcher, multiplexer, meter, hashing.checked(options.algorithms), work)


def process_choice(options: Options, expected: int | None) -> ProcessChoice | None:
    """Return what decides about fetch processes, `None` where they are out of the question.

    Under a cap or a rate for each host an interpreter is never the limit.
    """
    if options.sequential or options.per_host or options.rate:
        return None
    return ProcessChoice(
        options.fetch_processes,
        processors=usable_cpus(),
        transfers=options.threads,
        expected=expected,
    )


def tell_if_fewer(workers: Workers, options: Options, reporter: Reporter) -> None:
    """Warn where there are fewer threads than were asked for."""
    if workers.threads < options.threads and not workers.inline:
        few = f"too few open files are allowed (ulimit -n) for {options.threads} threads"
        reporter.tell(Warned(f"{few}: {workers.threads} fetch instead"))


def tell_of_proxies(options: Options, reporter: Reporter) -> None:
    """Say once which proxies are used that the user did not name in this call."""
    notice = Proxies().notice() if options.proxy is None else None
    if notice:
        reporter.tell(Warned(notice))


@contextmanager
def ended(workers: Workers) -> Iterator[Workers]:
    """End the workers whatever happens; they start when they are needed."""
    try:
        yield workers
    finally:
        workers.stop(wait=LAST_CALL)


@contextmanager
def held(storage: LocalStorage, options: Options, reporter: Reporter) -> Iterator[Journal]:
    """Hold the target folder for this run alone, with its journal open.

    Parts of earlier runs are removed, but for those that are to be continued and can be; so are
    those that this run leaves unfinished.
    """
    folder = os.path.join(options.dir, ".dl")
    with FolderLock(options.dir), closing(Journal.open(folder)) as journal:
        if journal.notice:
            reporter.tell(Warned(journal.notice))
        journal.settle(lambda path: _standing(storage, path))
        if not options.continue_:
            journal.forget_parts()
        storage.sweep(journal.parts())
        try:
            yield journal
        finally:
            with suppress(LocalError):  # a full disk: the next run does it
                storage.sweep(journal.parts())


def _standing(storage: Storage, path: str) -> FileStat | None:
    try:
        return storage.stamp(path)
    except (OSError, ValueError):
        return None
