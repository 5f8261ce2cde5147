"""One item's life over HTTP: try, follow, receive; wait and try again; give up in one sentence."""

from __future__ import annotations

import time
from http.client import responses

from downloader import urls
from downloader.errors import LocalError
from downloader.models import DownloadResult, Job
from downloader.policy import TRANSIENT_STATUSES, Limits, Retry, Timeouts, retry_after
from downloader.protocols import Storage
from downloader.shared import Meter, Stop, Turns
from downloader.transfer.body import dismiss, receive
from downloader.transfer.classify import Scene, classify, cleaned, is_out_of_files
from downloader.transfer.deadlines import NEVER, out_of_time
from downloader.transfer.faults import Fault, Interrupted
from downloader.transfer.headers import Headers
from downloader.transfer.item import Item
from downloader.transfer.netrc import NO_LOGINS, Logins
from downloader.transfer.part import Part
from downloader.transfer.proxies import Proxies
from downloader.transfer.redirects import follow
from downloader.transfer.retrying import Retrying
from downloader.transfer.session import Adapter
from downloader.transfer.target import Target
from downloader.transfer.throttle import Throttle
from downloader.transfer.wire import Reply

# 2xx replies that do not carry the whole file (RFC 9110 sections 15.3.5 to 15.3.7).
_WITHOUT_FILE = frozenset({204, 205, 206})

# Why a connection did not open, where that may be the host's fault.
_UNREACHED = frozenset({"connect", "dns", "timeout"})


class HttpFetcher:
    """Fetches over http and https, on many threads at once; satisfies `protocols.Fetcher`.

    `connections` is the number of threads. `headers` go to each listed URL's own origin only;
    `cacert` is a file or folder of certificates in place of certifi's; `proxy` as in `Options`;
    `logins` are hosts' own (netrc); with `public_only` no other address is connected to;
    `max_size` is the most bytes that one file may have, `limit_rate` the most bytes per second of
    all together; `turns` is what requests to each host wait for. Raises `UsageError` for settings
    that cannot be used.
    """

    def __init__(
        self,
        storage: Storage,
        meter: Meter,
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
        turns: Turns | None = None,
    ) -> None:
        self._storage = storage
        self._meter = meter
        self._stop = stop
        self._timeouts = timeouts
        self._retrying = Retrying(retry, timeouts, sleep=stop.sleep, is_over=self._is_over)
        self._throttle = Throttle(limit_rate, stop.sleep)
        self._turns = turns or Turns(None)
        self._limits = limits
        self._max_size = NEVER if max_size is None else max_size
        self._headers = Headers(headers, user_agent, logins)
        self._adapter = Adapter(
            connections=connections,
            timeouts=timeouts,
            proxies=Proxies(proxy),
            cacert=cacert,
            public_only=public_only,
        )
        self._adapter.wire.piece = self._throttle.piece
        self._wire = self._adapter.wire

    def fetch(self, job: Job) -> DownloadResult:
        """Fetch one job through all its tries. Raises `LocalError` where the run must stop."""
        track = self._meter.enter(job.path, job.host)
        part = Part(self._storage, job.path)
        result = None
        try:
            result = self._tries(Item(job, track, self._meter, self._timeouts), part)
        finally:
            self._meter.leave(track)
            if result is None or result.failure is not None:
                part.drop()
        return result

    def abort(self) -> None:
        """Break off every transfer under way, at once."""
        self._wire.break_off()

    def close(self) -> None:
        """Close every connection."""
        self._adapter.close()

    def _tries(self, item: Item, part: Part) -> DownloadResult:
        while True:
            try:
                return self._try(item, part)
            except LocalError:
                raise
            except Fault as error:
                fault = error
            except Exception as error:  # the libraries' own trees leak (see classify)
                fault = self._fault(item, error)
            item.connecting = self._wire.notes.connecting
            result = self._retrying.after(item, fault)
            if result is not None:
                return result

    def _try(self, item: Item, part: Part) -> DownloadResult:
        notes = self._wire.notes
        notes.connecting, notes.until = 0.0, item.until
        if self._is_over():
            raise Interrupted
        item.request()
        hop, reply = follow(lambda asked: self._ask(item, asked), item.listed, self._limits)
        try:
            item.answer(hop.shown, reply)
            item.connecting = notes.connecting
            _check(reply)
            size = self._receive(item, reply, part)
        except BaseException:
            reply.close()
            raise
        where = part.finish()
        item.end()
        return item.stored(where, size)

    def _receive(self, item: Item, reply: Reply, part: Part) -> int:
        length = reply.framing.length
        if length is not None and length > self._max_size:
            text = f"the reply declares {length} bytes, more than {self._max_size:.0f}"
            raise Fault("too-large", text)
        item.track.size = length
        part.begin()
        part.check_room(length or 0)

        def write(offset: int, data: memoryview) -> None:
            part.write(offset, data)
            self._throttle.take(len(data), item.until)

        return receive(reply, write, item.track, self._is_over, self._max_size)

    def _ask(self, item: Item, asked: Target) -> Reply:
        self._await_turn(item, asked)
        item.asked = asked.origin
        return self._adapter.get(asked, self._headers.for_request(asked, item.listed))

    def _await_turn(self, item: Item, asked: Target) -> None:
        """Wait for the host's next turn; the one for the first request came with the job."""
        if item.has_turn:
            item.has_turn = False
            return
        wait = self._turns.take(urls.site(asked.url))
        if time.monotonic() + wait >= item.until:
            raise out_of_time(self._timeouts)
        if wait and self._stop.sleep(wait):
            raise Interrupted

    def _is_over(self) -> bool:
        return self._wire.broken or self._stop.requested()

    def _fault(self, item: Item, error: Exception) -> Fault:
        if self._is_over():
            return Interrupted()
        if time.monotonic() >= item.until:
            return out_of_time(self._timeouts)
        if is_out_of_files(error):
            self._adapter.drop_idle()
        notes = self._wire.notes
        failure = classify(error, Scene(notes.peer, notes.opening, self._timeouts))
        is_of_host = (
            notes.opening
            and item.asked == item.listed.origin
            and failure.kind in _UNREACHED
            and not is_out_of_files(error)
        )
        return Fault(
            failure.kind,
            failure.message,
            retryable=failure.retryable,
            is_of_host=is_of_host,
            unreached=failure.message if is_of_host else "",
        )


def _check(reply: Reply) -> None:
    """Raise `Fault` for a reply that is no file; its body is let go."""
    status = reply.status
    if 200 <= status < 300 and status not in _WITHOUT_FILE:
        return
    said = f"{status} {cleaned(reply.reason or '') or responses.get(status, '')}".rstrip()
    if status < 300 or status == 304:  # what follows may be the real reply: nobody else reads it
        reply.close()
        text = f"{said}: not the answer to a plain request for a whole file"
        raise Fault("protocol", text, retryable=status == 206, once=status == 206)
    dismiss(reply)
    if status < 400:
        raise Fault("redirect", f"{said}: not a redirect that is followed")
    if status not in TRANSIENT_STATUSES:
        raise Fault("http-status", said)
    asked = retry_after(reply.headers.get("Retry-After"), reply.headers.get("Date"))
    is_of_host = status == 429 or asked is not None
    raise Fault("http-status", said, retryable=True, asked=asked, is_of_host=is_of_host)
