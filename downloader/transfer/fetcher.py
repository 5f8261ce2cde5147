"""One item's life over HTTP: try, follow, receive; wait and try again; give up in one sentence."""

from __future__ import annotations

import time
from dataclasses import replace
from http.client import responses

from downloader.errors import LocalError
from downloader.models import DownloadResult, Failure, Job
from downloader.policy import TRANSIENT_STATUSES, Limits, Retry, Timeouts, retry_after
from downloader.protocols import Storage
from downloader.shared import Meter, Stop
from downloader.transfer.body import dismiss, receive
from downloader.transfer.classify import Scene, classify, cleaned, is_out_of_files
from downloader.transfer.deadlines import NEVER, out_of_time
from downloader.transfer.faults import Fault, Interrupted
from downloader.transfer.headers import Headers
from downloader.transfer.item import Item
from downloader.transfer.part import Part
from downloader.transfer.proxies import Proxies
from downloader.transfer.redirects import follow
from downloader.transfer.session import Adapter
from downloader.transfer.target import Target
from downloader.transfer.wire import Reply

# 2xx replies that do not carry the whole file (RFC 9110 sections 15.3.5 to 15.3.7).
_WITHOUT_FILE = frozenset({204, 205, 206})


class HttpFetcher:
    """Fetches over http and https, on many threads at once; satisfies `protocols.Fetcher`.

    `connections` is the number of threads. `headers` go to each listed URL's own origin only;
    `cacert` is a file or folder of certificates in place of certifi's; `proxy` as in `Options`;
    `max_size` is the most bytes that one file may have. Raises `UsageError` for settings that
    cannot be used.
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
        max_size: int | None = None,
    ) -> None:
        self._storage = storage
        self._meter = meter
        self._stop = stop
        self._retry = retry
        self._timeouts = timeouts
        self._limits = limits
        self._max_size = NEVER if max_size is None else max_size
        self._headers = Headers(headers, user_agent)
        self._adapter = Adapter(
            connections=connections, timeouts=timeouts, proxies=Proxies(proxy), cacert=cacert
        )
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
            failure = self._pause(item, fault)
            if failure is not None:
                item.connecting = self._wire.notes.connecting
                return item.failed(failure)

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
        return receive(reply, part.write, item.track, self._is_over, self._max_size)

    def _ask(self, item: Item, asked: Target) -> Reply:
        return self._adapter.get(asked, self._headers.for_request(asked, item.listed))

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
        return Fault(failure.kind, failure.message, retryable=failure.retryable)

    def _pause(self, item: Item, fault: Fault) -> Failure | None:
        """Sleep until the next try; return the failure where there shall be none."""
        failure = fault.failure
        item.track.reading = False
        if not failure.retryable:
            return failure
        if self._is_over():
            return Interrupted().failure
        wait = self._retry.wait(item.attempts, fault.asked)
        if fault.once and item.is_doubted:
            return replace(failure, message=_gave_up(item, fault), retryable=False)
        item.is_doubted = item.is_doubted or fault.once
        if wait is None:
            return replace(failure, message=self._last_words(item, fault))
        if time.monotonic() + wait >= item.until:
            text = f"{_gave_up(item, fault)}: no time left within {self._timeouts.total:g} s"
            return replace(failure, message=text)
        began = time.monotonic()
        is_over = self._stop.sleep(wait)
        item.paused += time.monotonic() - began
        return Interrupted().failure if is_over else None

    def _last_words(self, item: Item, fault: Fault) -> str:
        if item.attempts > self._retry.retries:
            return _gave_up(item, fault)
        most = self._retry.longest_obeyed
        asked = f"asked to wait {fault.asked:g} s, more than the {most:g} s obeyed"
        return f"{fault.failure.message}: {asked}"


def _gave_up(item: Item, fault: Fault) -> str:
    message, tries = fault.failure.message, item.attempts
    return message if tries == 1 else f"gave up after {tries} tries: {message}"


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
    raise Fault("http-status", said, retryable=True, asked=asked)
