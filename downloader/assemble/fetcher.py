"""What brings the bytes: fetch threads, the coordinator's own exchanges, fetch processes."""

from __future__ import annotations

from typing import NamedTuple

from downloader import hashing
from downloader.models import Warned
from downloader.options import Options, usable_cpus
from downloader.pipeline.process_choice import ProcessChoice
from downloader.policy import Limits, Retry, Timeouts
from downloader.protocols import Fetcher, Reporter, Storage
from downloader.shared.load import LoadMeter
from downloader.shared.rate_limiter import RateLimiter
from downloader.shared.stop import Stop
from downloader.transfer import cookie_file, netrc
from downloader.transfer.cookie_file import NO_COOKIES, GivenCookies
from downloader.transfer.fetcher import HttpFetcher
from downloader.transfer.multiplexer import PATIENCE, Multiplexer
from downloader.transfer.netrc import Logins
from downloader.transfer.proxies import Proxies
from downloader.transfer.usual import UsualExchanges
from downloader.transfer.work import Work


class Secrets(NamedTuple):
    """What files of the user say is for which host."""

    logins: Logins
    cookies: GivenCookies


def secrets_of(options: Options) -> Secrets:
    """Read the files that the options name: once a run, since a file may be a pipe.

    Raises `UsageError` for one that cannot be used.
    """
    logins = netrc.logins() if options.netrc else netrc.NO_LOGINS
    given = options.cookies
    return Secrets(logins, NO_COOKIES if given is None else cookie_file.read(given))


def http_fetcher(
    options: Options,
    storage: Storage,
    meter: LoadMeter,
    stop: Stop,
    *,
    limiter: RateLimiter | None = None,
    secrets: Secrets | None = None,
) -> Fetcher:
    """Return the fetcher that the options describe; its requests to each host keep the rate."""
    logins, cookies = secrets or secrets_of(options)
    return HttpFetcher(
        storage,
        meter,
        stop,
        retry=Retry(
            retries=options.retries,
            longest_obeyed=options.max_retry_wait,
            also=frozenset(options.retry_status),
        ),
        timeouts=Timeouts(
            options.connect_timeout,
            options.timeout,
            total=options.max_time,
            first_byte=options.first_byte,
        ),
        limits=Limits(downgrade=options.allow_downgrade),
        headers=options.headers,
        user_agent=options.user_agent,
        cacert=options.cacert,
        proxy=options.proxy,
        logins=logins,
        cookies=cookies,
        public_only=options.no_private,
        max_size=options.max_size,
        allow_html=options.allow_html,
        compressed=options.compressed,
        algorithms=_while_landing(options),
        limit_rate=options.limit_rate,
        limiter=limiter,
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
    """Return what runs usual jobs on the coordinator's own thread, `None` if it cannot.

    A cap on bytes is kept by fetch threads, and what waits for the disk would hold up all others.
    """
    if options.limit_rate or options.fsync or not isinstance(fetcher, HttpFetcher):
        return None
    shortest = min(options.timeout, options.first_byte, options.max_time or options.timeout)
    patience = min(PATIENCE, shortest / 2)
    most = float("inf") if options.max_size is None else options.max_size
    multiplexer = Multiplexer(storage.write_part, meter, patience=patience, most=most)
    transfers = 1 if options.sequential else options.threads
    work = Work(transfers, options.dir, patience, most)
    return UsualExchanges(fetcher, multiplexer, meter, hashing.checked(options.algorithms), work)


def process_choice(options: Options, expected: int | None) -> ProcessChoice | None:
    """Return what decides about fetch processes, `None` if they are out of the question.

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


def tell_of_proxies(options: Options, reporter: Reporter) -> None:
    """Tell once which proxies are used that the user did not name in this call."""
    notice = Proxies().notice() if options.proxy is None else None
    if notice:
        reporter.tell(Warned(notice))
