"""What is known of one item while it is fetched, and the result that is made of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from downloader.models import DownloadResult, Failure, Job, ResumePoint, StoredFile, Timing
from downloader.policy import Timeouts
from downloader.shared import LoadMeter, TransferProgress
from downloader.transfer.content_disposition import filename
from downloader.transfer.digest_fields import Declared, coding, declared
from downloader.transfer.streamed_digests import StreamedDigests
from downloader.transfer.target import Origin, Target, target
from downloader.wire.deadlines import NEVER
from downloader.wire.exchange import BegunExchange
from downloader.wire.reply import Reply

_INSTANT = 1e-9  # seconds: over a shorter span there is no mean


class Attempt:
    """One job's life, written by the one thread that fetches it.

    `begun` is its first request, if that was sent elsewhere, until its reply is read.
    """

    def __init__(
        self,
        job: Job,
        track: TransferProgress,
        meter: LoadMeter,
        timeouts: Timeouts,
        *,
        algorithms: Sequence[str] = (),
        begun: BegunExchange | None = None,
    ) -> None:
        self._begun = begun
        self.digests = StreamedDigests(algorithms)
        self.job = job
        self.track = track
        self.listed: Target = target(job.url)
        self._earlier = job.earlier or Timing(began=track.began, ended=track.began)
        self.until = NEVER if timeouts.total is None else self._earlier.began + timeouts.total
        self.attempts = job.attempts
        self.asked: Origin = self.listed.origin  # who is asked at present
        self.has_turn = True  # it came with the job: see `shared.Turns`
        self.is_doubted = False  # it had a fault that may come once
        self.paused = 0.0
        self.connecting = 0.0
        self.status: int | None = None
        self.final_url: str | None = None
        self.etag: str | None = None
        self.last_modified: str | None = None
        self.declared = Declared()
        self.coding = ""
        self.served = ""
        self.resumed_from = 0
        self._meter = meter
        self._cpu = time.thread_time()
        self._requested = self._answered = self._ended = meter.load()

    def request(self) -> None:
        """Begin another try: what the last one found counts no more."""
        self.attempts += 1
        self.digests.drop()
        self.track.done, self.track.size, self.track.reading = 0, None, False
        self.connecting = 0.0
        self.status = self.final_url = self.etag = self.last_modified = None
        self.declared, self.coding, self.served = Declared(), "", ""
        now = self._meter.load()
        if self._begun is not None:  # as if the load had been the same since then
            ago = now[0] - self._begun.sent_at
            now = self._begun.sent_at, now[1] - ago * self._meter.under_way()
        self._requested = self._answered = self._ended = now

    def take_begun(self) -> BegunExchange | None:
        """Return the exchange that was begun elsewhere, once."""
        begun, self._begun = self._begun, None
        return begun

    def drop_begun(self) -> None:
        """End an exchange that was begun elsewhere, if nobody has taken it."""
        begun = self.take_begun()
        if begun is not None:
            begun.connection.close()

    def answer(self, url: str, reply: Reply) -> None:
        """Note that the reply's header is complete: who answered, and what it says of the file."""
        self._answered = self._meter.load()
        self.track.reading = True
        self.final_url = url
        self.status = reply.status
        self.etag = reply.headers.get("ETag")
        self.last_modified = reply.headers.get("Last-Modified")
        self.declared = declared(reply.status, reply.headers)
        self.coding = coding(reply.headers)
        self.served = filename(reply.headers.getlist("Content-Disposition")) or ""

    def continue_at(self, start: int, known: ResumePoint | StoredFile | None) -> None:
        """Note where the body's bytes go; what the reply does not say again stays as `known`."""
        self.track.done = self.resumed_from = start
        if known:
            self.etag = self.etag or known.etag
            self.last_modified = self.last_modified or known.last_modified

    def end(self) -> None:
        """Note that the last byte is stored, or that there will be none."""
        self._ended = self._meter.load()

    def stored(self, part: str, size: int) -> DownloadResult:
        """Return the result of an item whose bytes are all in its part."""
        return replace(self._result(part, size, None), digests=self.digests.of(size))

    def unchanged(self, known: StoredFile) -> DownloadResult:
        """Return the result of an item whose file is still the server's."""
        return replace(self._result("", known.size, None), unchanged=True)

    def failed(
        self, failure: Failure, *, again_in: float | None = None, unreached: str = ""
    ) -> DownloadResult:
        """Return the result of an item that failed, or is to be tried again after a while."""
        if self._answered[0] == self._requested[0]:  # it waited to the end
            self._answered = self._meter.load()
        self.end()
        result = self._result("", 0, failure)
        return replace(result, again_in=again_in, unreached=unreached)

    def _result(self, part: str, size: int, failure: Failure | None) -> DownloadResult:
        return DownloadResult(
            self.job,
            part=part,
            size=size,
            final_url=self.final_url,
            http_status=self.status,
            attempts=self.attempts,
            resumed_from=self.resumed_from,
            etag=self.etag,
            last_modified=self.last_modified,
            timing=self._timing(),
            failure=failure,
            declared=self.declared.digests,
            declared_in=self.declared.field,
            coding=self.coding,
            served=self.served,
            hash_seconds=self.digests.seconds,
            hash_cpu=self.digests.cpu,
        )

    def _timing(self) -> Timing:
        earlier = self._earlier
        parked = self.track.began - earlier.ended
        return Timing(
            began=earlier.began,
            requested=self._requested[0],
            answered=self._answered[0],
            ended=self._ended[0],
            connecting=self.connecting,
            paused=earlier.paused + parked + self.paused,
            parked=earlier.parked + parked,
            cpu=earlier.cpu + time.thread_time() - self._cpu,
            load_waiting=_mean(self._requested, self._answered),
            load_reading=_mean(self._answered, self._ended),
            rank=self.track.rank,
        )


def _mean(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the mean load between two readings of the meter: this item itself counts as 1."""
    seconds = end[0] - start[0]
    return max(1.0, (end[1] - start[1]) / seconds) if seconds > _INSTANT else 1.0
