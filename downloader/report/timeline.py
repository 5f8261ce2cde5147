"""Where the time of a run went: recorded while it goes on, shown as a page or as a trace."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from downloader import urls
from downloader.errors import DiskFailed
from downloader.models import (
    Began,
    Ended,
    Event,
    FileHashed,
    Finished,
    HashResult,
    Outcome,
    Report,
    Span,
    Timing,
)
from downloader.report.page import write_page
from downloader.report.trace import write_trace
from downloader.state.span_log import SpanLog

# Characters of a name that are kept.
LONGEST_NAME = 300


class Timeline:
    """A reporter that records when each item was on which stage; for one run.

    Memory is bounded: spans go to the temporary folder. If that is full the run goes on, and what
    is written raises `errors.DiskFailed`. Once the run has ended, it can be written, as often as
    that is wanted.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = clock()
        self._spans = SpanLog()
        self._report: Report | None = None
        self._lost: DiskFailed | None = None

    def tell(self, event: Event) -> None:
        """Take note of one event."""
        match event:
            case Began():
                self._began = self._clock()
            case Finished(outcome, Timing() as timing) if timing.ended:
                self._keep(self._fetched(outcome, timing))
            case FileHashed(name, hashes) if hashes.began:
                self._keep(self._hashed(name, hashes))
            case Ended(report):
                self._report = report

    def write_page(self, stream: TextIO) -> None:
        """Write one HTML page that needs no network, of at most 5 MB; nothing if no run ended."""
        self._write(write_page, stream)

    def write_trace(self, stream: TextIO) -> None:
        """Write a trace in the Trace Event format, as Perfetto opens it; see `write_page`."""
        self._write(write_trace, stream)

    def close(self) -> None:
        """Forget what was recorded."""
        self._spans.close()

    def _keep(self, span: Span) -> None:
        if self._lost is None:
            try:
                self._spans.add(span)
            except DiskFailed as error:
                self._lost = error

    def _write(self, write: Callable[[SpanLog, Report, TextIO], None], stream: TextIO) -> None:
        if self._lost:
            raise self._lost
        if self._report:
            write(self._spans, self._report, stream)

    def _fetched(self, outcome: Outcome, timing: Timing) -> Span:
        url = outcome.final_url or outcome.url or ""
        requested = max(timing.began, timing.requested)
        answered = max(requested, timing.answered)
        connected = min(requested + timing.connecting, answered)
        if outcome.attempts == 1:  # what was before the only try is no earlier one
            requested = timing.began
        return Span(
            stage="fetch",
            name=(outcome.path or outcome.url or "")[:LONGEST_NAME],
            host=urls.site(url).partition("://")[2] if "://" in url else "",
            status=outcome.status,
            bytes=(outcome.size or 0) - outcome.resumed_from if outcome.status == "stored" else 0,
            attempts=outcome.attempts,
            hash_seconds=outcome.hash_seconds,
            began=self._since(timing.began),
            requested=self._since(requested),
            connected=self._since(connected),
            answered=self._since(answered),
            ended=self._since(max(answered, timing.ended)),
        )

    def _hashed(self, name: str, hashes: HashResult) -> Span:
        began = self._since(hashes.began)
        return Span(
            stage="hash",
            name=name[:LONGEST_NAME],
            host="",
            status="failed" if hashes.failure else "hashed",
            bytes=hashes.size,
            attempts=1,
            hash_seconds=hashes.seconds,
            began=began,
            requested=began,
            connected=began,
            answered=began,
            ended=began + hashes.seconds,
        )

    def _since(self, moment: float) -> float:
        return max(0.0, moment - self._began)
