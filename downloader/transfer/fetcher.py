"""The fetcher: what a run's settings make of the parts of this room, and what others ask of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from downloader.models import DownloadResult, Job, ResumePoint
from downloader.policy import Limits, Retry, Timeouts
from downloader.protocols import Storage
from downloader.shared.load import LoadMeter
from downloader.shared.rate_limiter import RateLimiter
from downloader.shared.stop import Stop
from downloader.transfer import codings
from downloader.transfer.attempt import Attempt
from downloader.transfer.cancellation import Cancellation
from downloader.transfer.cookie_file import NO_COOKIES, GivenCookies
from downloader.transfer.cookies import Cookies, WaitingCookies
from downloader.transfer.digest_logins import DigestLogins
from downloader.transfer.headers import Headers
from downloader.transfer.netrc import NO_LOGINS, Logins
from downloader.transfer.proxies import Proxies
from downloader.transfer.receive import Receiver
from downloader.transfer.requester import Requester
from downloader.transfer.retry import RetryRule
from downloader.transfer.session import Session
from downloader.transfer.target import Origin, Target
from downloader.transfer.throttle import Throttle
from downloader.transfer.tries import Tries
from downloader.wire.begun import BegunExchange
from downloader.wire.connections import Connections
from downloader.wire.deadlines import NEVER
from downloader.wire.kept import KeptConnections


class HttpFetcher:
    """Fetches over http and https, on many threads at once; satisfies `protocols.Fetcher`.

    `headers` go to each listed URL's own origin only; `cacert` is a file or folder of certificates
    in place of the usual ones (see `trust`); `proxy` as in `Options`; `logins` are hosts' own
    (netrc), `cookies` the user's by host; with `public_only` no other address is connected to;
    `max_size` is the most bytes that one file may have, `limit_rate` the most bytes per second of
    all together; `allow_html` takes web pages under any name; `compressed` asks for codings and
    takes them off; `limiter` spaces the requests to each host. With `algorithms` (checked names)
    bodies are hashed while they land. Raises `UsageError` for settings that cannot be used.
    """

    def __init__(
        self,
        storage: Storage,
        meter: LoadMeter,
        stop: Stop,
        *,
        retry: Retry,
        timeouts: Timeouts,
        limits: Limits,
        headers: tuple[tuple[str, str], ...] = (),
        user_agent: str | None = None,
        cacert: str | None = None,
        proxy: str | None = None,
        logins: Logins = NO_LOGINS,
        cookies: GivenCookies = NO_COOKIES,
        public_only: bool = False,
        max_size: int | None = None,
        allow_html: bool = False,
        compressed: bool = False,
        limit_rate: float | None = None,
        limiter: RateLimiter | None = None,
        algorithms: Sequence[str] = (),
    ) -> None:
        self._storage = storage
        self._meter = meter
        self._timeouts = timeouts
        self._algorithms = algorithms
        self._given, self._cookies = cookies, WaitingCookies()
        self._digests = DigestLogins()
        throttle = Throttle(limit_rate, stop)
        accepts = ", ".join(codings.known()) if compressed else codings.NONE
        self._headers = Headers(headers, user_agent, logins, accepts)
        self._connections = Connections(timeouts, public_only=public_only, piece=throttle.piece)
        self._session = Session(
            self._connections, timeouts=timeouts, proxies=Proxies(proxy), cacert=cacert
        )
        cancellation = Cancellation(stop, self._connections)
        requester = Requester(
            self._session,
            self._headers,
            limits,
            digests=self._digests,
            limiter=limiter or RateLimiter(None),
            cancellation=cancellation,
        )
        most = NEVER if max_size is None else max_size
        self._tries = Tries(
            self._connections,
            cancellation,
            requester=requester,
            receiver=Receiver(
                cancellation, throttle, most, allow_html=allow_html, compressed=compressed
            ),
            rule=RetryRule(retry, timeouts, cancellation),
        )

    @property
    def kept(self) -> KeptConnections:
        """The idle connections that all requests use first."""
        return self._connections.kept

    def route(self, target: Target) -> Origin | None:
        """Return the route of kept connections to a target, `None` if it leads through a proxy."""
        return self._session.route(target)

    def request_for(self, target: Target) -> bytes | None:
        """Return the bytes of a plain GET for a listed URL, as `fetch` sends it.

        `None` if it cannot be told simply: the URL has a login, or cannot stand in a request, or
        its host may get cookies, or wants other credentials for each request.
        """
        if self._given.of(target.origin.host) or self._digests.has(target.origin):
            return None
        return self._headers.plain_request(target)

    def on_new_answers(self, note: Callable[[], None]) -> None:
        """Have `note` called, on any thread, when `request_for` has another answer for a host."""
        self._digests.note = note

    def fetch(self, job: Job) -> DownloadResult:
        """Fetch one job through all its tries. Raises `LocalError` if the run must stop."""
        return self._run(self._attempt(job))

    def take_over(self, job: Job, begun: BegunExchange) -> DownloadResult:
        """Fetch one job whose first request another part has sent, on a kept connection.

        All else is as with `fetch`; `begun` counts as the first try. A job that asks for more than
        a plain GET begins anew.
        """
        if job.resume or job.known:
            begun.connection.close()
            return self.fetch(job)
        return self._run(self._attempt(job, begun))

    def on_part(self, note: Callable[[Job, ResumePoint], None]) -> None:
        """Have `note` called, on any thread, with what proves that a job's part may be continued.

        The offset is what outlives the machine; all that the part holds outlives this process.
        """
        self._tries.note = note

    def abort(self) -> None:
        """Break off every transfer under way, at once."""
        self._connections.break_off()

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _run(self, attempt: Attempt) -> DownloadResult:
        result = self._tries.run(attempt)
        if result.again_in is not None:
            self._cookies.put(attempt.job.path, attempt.cookies)
        return result

    def _attempt(self, job: Job, begun: BegunExchange | None = None) -> Attempt:
        return Attempt(
            job,
            self._storage,
            self._meter,
            timeouts=self._timeouts,
            algorithms=self._algorithms,
            begun=begun,
            cookies=(job.attempts and self._cookies.take(job.path)) or Cookies(self._given),
        )
