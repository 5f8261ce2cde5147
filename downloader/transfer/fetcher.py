"""One item's life over HTTP: try, follow, receive; wait and try again; give up in one sentence."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from downloader import urls
from downloader.errors import LocalError
from downloader.models import DownloadResult, Job
from downloader.policy import Limits, Retry, Timeouts
from downloader.protocols import Storage
from downloader.shared import LoadMeter, RateLimiter, Stop
from downloader.transfer.attempt import Attempt
from downloader.transfer.errors import Scene, classify, is_out_of_files
from downloader.transfer.headers import Headers
from downloader.transfer.netrc import NO_LOGINS, Logins
from downloader.transfer.partial_file import PartialFile
from downloader.transfer.proxies import Proxies
from downloader.transfer.receive import receive
from downloader.transfer.redirects import follow
from downloader.transfer.replies import check
from downloader.transfer.resume import Note, ResumeState
from downloader.transfer.retry import RetryRule
from downloader.transfer.session import Adapter
from downloader.transfer.target import Target
from downloader.transfer.throttle import Throttle
from downloader.wire.deadlines import NEVER, out_of_time
from downloader.wire.errors import Cancelled, TransferError
from downloader.wire.exchange import BegunExchange
from downloader.wire.kept import KeptConnections
from downloader.wire.reply import Reply

# Why a connection did not open, where that may be the host's fault.
_UNREACHED = frozenset({"connect", "dns", "timeout"})


class HttpFetcher:
    """Fetches over http and https, on many threads at once; satisfies `protocols.Fetcher`.

    `connections` is the number of threads. `headers` go to each listed URL's own origin only;
    `cacert` is a file or folder of certificates in place of certifi's; `proxy` as in `Options`;
    `logins` are hosts' own (netrc); with `public_only` no other address is connected to;
    `max_size` is the most bytes that one file may have, `limit_rate` the most bytes per second of
    all together; `turns` is what requests to each host wait for. With `algorithms` (checked names)
    bodies are hashed while they land. Raises `UsageError` for settings that cannot be used.
    """

    def __init__(
        self,
        storage: Storage,
        meter: LoadMeter,
        stop: Stop,
        *,
        connections: int,
        retry: Retry,
        timeouts: Timeouts,
        limits: Limits,
        headers: tuple[tuple[str, str], ...] = (),
        user_agent: str | None = None,
        cacert: str | None = None,
        proxy: str | None = None,
        logins: Logins = NO_LOGINS,
        public_only: bool = False,
        max_size: int | None = None,
        limit_rate: float | None = None,
        turns: RateLimiter | None = None,
        algorithms: Sequence[str] = (),
    ) -> None:
        self._algorithms = algorithms
        self._storage = storage
        self._meter = meter
        self._stop = stop
        self._timeouts = timeouts
        self._retrying = RetryRule(retry, timeouts, sleep=stop.sleep, is_over=self._is_over)
        self._throttle = Throttle(limit_rate, stop.sleep)
        self._turns = turns or RateLimiter(None)
        self._limits = limits
        self._max_size = NEVER if max_size is None else max_size
        self._headers = Headers(headers, user_agent, logins)
        self._adapter = Adapter(
            timeouts=timeouts,
            proxies=Proxies(proxy),
            cacert=cacert,
            public_only=public_only,
        )
        self._adapter.wire.piece = self._throttle.piece
        self._wire = self._adapter.wire
        self._note: Note = lambda job, resume: None

    @property
    def kept(self) -> KeptConnections:
        """The idle connections that all requests use first."""
        return self._wire.kept

    def route(self, target: Target) -> Hashable | None:
        """Return the route of kept connections to a target, `None` if it leads through a proxy."""
        return self._adapter.route(target)

    def request_for(self, target: Target) -> bytes | None:
        """Return the bytes of a plain GET for a listed URL, as `fetch` sends it.

        `None` if it cannot be told simply: the URL has a login, or cannot stand in a request.
        """
        return self._headers.plain_request(target)

    def fetch(self, job: Job) -> DownloadResult:
        """Fetch one job through all its tries. Raises `LocalError` where the run must stop."""
        return self._fetch(job, None)

    def take_over(self, job: Job, begun: BegunExchange) -> DownloadResult:
        """Fetch one job whose first request another part has sent, on a kept connection.

        All else is as with `fetch`; `begun` counts as the first try. A job that asks for more than
        a plain GET begins anew.
        """
        if job.resume or job.known:
            begun.connection.close()
            return self._fetch(job, None)
        return self._fetch(job, begun)

    def _fetch(self, job: Job, begun: BegunExchange | None) -> DownloadResult:
        track = self._meter.enter(job.path, job.host)
        if begun is not None:
            track.began = begun.sent_at
        part = PartialFile(self._storage, job.path)
        resuming = ResumeState(job, part, self._note)
        item = Attempt(
            job, track, self._meter, self._timeouts, algorithms=self._algorithms, begun=begun
        )
        result = None
        try:
            result = self._tries(item, part, resuming)
        finally:
            self._meter.leave(track)
            item.drop_begun()
            if result is None or result.failure is not None:
                is_last = result is not None and result.again_in is None and not self._is_over()
                kept = resuming.keep(for_later=is_last)
            elif result.unchanged:
                part.drop()
        return replace(result, resume=kept) if result.failure else result

    def on_part(self, note: Note) -> None:
        """Have `note` called, on any thread, with what proves that a job's part may be continued.

        The offset is what outlives the machine; all that the part holds outlives this process.
        """
        self._note = note

    def abort(self) -> None:
        """Break off every transfer under way, at once."""
        self._wire.break_off()

    def close(self) -> None:
        """Close every connection."""
        self._adapter.close()

    def _tries(self, item: Attempt, part: PartialFile, resuming: ResumeState) -> DownloadResult:
        while True:
            try:
                return self._try(item, part, resuming)
            except LocalError:
                raise
            except TransferError as error:
                fault = error
            except Exception as error:  # the libraries' own trees leak (see classify)
                fault = self._fault(item, error)
            item.connecting = self._wire.state.connecting
            resuming.doubt(fault.failure.kind)
            result = self._retrying.after(item, fault)
            if result is not None:
                return result

    def _try(self, item: Attempt, part: PartialFile, resuming: ResumeState) -> DownloadResult:
        notes = self._wire.state
        notes.connecting, notes.until = 0.0, item.until
        if self._is_over():
            raise Cancelled
        item.request()
        hop, reply = self._exchange(item, resuming)
        try:
            item.answer(hop.shown, reply)
            item.connecting = notes.connecting
            if resuming.is_unchanged(reply):
                return self._unchanged(item, reply)
            if resuming.asked is None or reply.status not in (206, 416):
                check(reply)
            size = self._receive(item, reply, part, resuming)
        except BaseException:
            reply.close()
            raise
        where = part.finish()
        item.end()
        return item.stored(where, size)

    def _exchange(self, item: Attempt, resuming: ResumeState) -> tuple[Target, Reply]:
        def send(conditions: Mapping[str, str]) -> tuple[Target, Reply]:
            ask = partial(self._ask, item, conditions)
            return follow(ask, item.listed, self._limits)

        hop, reply = send(resuming.ask())
        if not resuming.accepts(reply):
            item.is_doubted = True
            hop, reply = send(resuming.ask())
        return hop, reply

    def _unchanged(self, item: Attempt, reply: Reply) -> DownloadResult:
        reply.close()
        known = item.job.known
        assert known is not None
        item.continue_at(0, known)
        item.end()
        return item.unchanged(known)

    def _receive(
        self, item: Attempt, reply: Reply, part: PartialFile, resuming: ResumeState
    ) -> int:
        if reply.status == 416:  # accepted: there is nothing after what is held
            assert resuming.asked is not None
            reply.close()
            item.continue_at(resuming.asked.offset, resuming.asked)
            return resuming.asked.offset
        start, total = resuming.extent(reply)
        if total is not None and total > self._max_size:
            text = f"the reply declares {total} bytes, more than {self._max_size:.0f}"
            raise TransferError("too-large", text)
        item.track.size = total
        resuming.begin(reply)
        part.check_room(reply.framing.length or 0)
        item.continue_at(start, resuming.asked if start else None)

        item.digests.begin(start)

        def write(offset: int, data: memoryview) -> None:
            part.write(offset, data)
            item.digests.update(offset, data)
            self._throttle.take(len(data), item.until)

        most = self._max_size if not start or total is None else total
        try:
            size = receive(reply, write, item.track, self._is_over, most)
        finally:
            resuming.hold(item.track.done)
        if start and size != total:
            raise TransferError(
                "incomplete", f"short body: {size} of {total} bytes", retryable=True
            )
        return size

    def _ask(self, item: Attempt, conditions: Mapping[str, str], asked: Target) -> Reply:
        self._await_turn(item, asked)
        item.asked = asked.origin
        headers = self._headers.for_request(asked, item.listed, conditions)
        begun = item.take_begun()
        if begun is not None:
            return self._adapter.take_over(asked, headers, begun)
        return self._adapter.get(asked, headers)

    def _await_turn(self, item: Attempt, asked: Target) -> None:
        """Wait for the host's next turn; the one for the first request came with the job."""
        if item.has_turn:
            item.has_turn = False
            return
        wait = self._turns.take(urls.site(asked.url))
        if time.monotonic() + wait >= item.until:
            raise out_of_time(self._timeouts)
        if wait and self._stop.sleep(wait):
            raise Cancelled

    def _is_over(self) -> bool:
        return self._wire.broken or self._stop.requested()

    def _fault(self, item: Attempt, error: Exception) -> TransferError:
        if self._is_over():
            return Cancelled()
        if time.monotonic() >= item.until:
            return out_of_time(self._timeouts)
        if is_out_of_files(error):
            self._adapter.drop_idle()
        notes = self._wire.state
        failure = classify(error, Scene(notes.peer, notes.opening, self._timeouts))
        is_of_host = (
            notes.opening
            and item.asked == item.listed.origin
            and failure.kind in _UNREACHED
            and not is_out_of_files(error)
        )
        return TransferError(
            failure.kind,
            failure.message,
            retryable=failure.retryable,
            is_of_host=is_of_host,
            unreached=failure.message if is_of_host else "",
        )
