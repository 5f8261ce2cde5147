"""Several runs in one call: who is told of them, and how such a call ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import NoReturn

from downloader.cli import statuses
from downloader.cli.ending import Told, failed, status_of
from downloader.cli.signals import Signals
from downloader.errors import UsageError
from downloader.models import Began, Event, Report
from downloader.protocols import Reporter
from downloader.reporters import Fan
from downloader.reporters.bars import Bars
from downloader.reporters.colour import paint_for
from downloader.reporters.failure_text import withheld_briefly
from downloader.reporters.failures import FailureCounts
from downloader.reporters.messages import Messages, write_text
from downloader.reporters.terminal import can_draw, shown_on
from downloader.shared.stop import Stop

INTERRUPTED = "interrupted: nothing is left behind"


class Afresh:
    """Draws each of several runs on bars of its own, if bars are drawn at all."""

    def __init__(self, make: Callable[[], Bars | None]) -> None:
        self._make = make
        self._bars: Bars | None = None

    def tell(self, event: Event) -> None:
        """Pass an event on; a run that begins gets new bars."""
        if isinstance(event, Began):
            self.close()
            self._bars = self._make()
        if self._bars:
            self._bars.tell(event)

    def write_line(self, line: str) -> None:
        """Write a line on standard error, above the bars."""
        if self._bars:
            self._bars.write_line(line)
        else:
            write_text(sys.stderr, f"{line}\n")

    def close(self) -> None:
        """Take the bars away."""
        if self._bars:
            self._bars.close()
            self._bars = None


@contextmanager
def told(account: Callable[[Report], str] | None, *, progress: bool) -> Iterator[Reporter]:
    """Give the reporter of several runs; `account` makes what is said of each at its end."""
    failures = FailureCounts(shown_on(sys.stderr))
    with closing(Afresh(lambda: _bars(failures) if progress else None)) as bars:
        messages = Messages(
            sys.stderr,
            account or str,
            quiet=account is None,
            write_line=bars.write_line,
            failures=failures,
            paint=paint_for(sys.stderr, os.environ),
        )
        yield Fan(bars, messages)


def _bars(failures: FailureCounts) -> Bars | None:
    if not can_draw(sys.stderr, os.environ):
        return None
    return Bars(sys.stderr, remark=partial(withheld_briefly, failures, sys.stderr.encoding))


def perform(work: Callable[[Signals, Stop], int]) -> int:
    """Do the work under the user's signals; return the exit status.

    Work that is asked to end and does not is broken off.
    """
    stop = Stop()
    with Signals(stop) as signals:
        return status_of(lambda: _perform(work, signals, stop))


def _perform(work: Callable[[Signals, Stop], int], signals: Signals, stop: Stop) -> int:
    try:
        return work(signals, stop)
    except (KeyboardInterrupt, UsageError):
        if not stop.requested():
            raise
        return interrupted(stop)


def interrupted(stop: Stop) -> int:
    """Say that the call was interrupted; return the status of that."""
    return failed(INTERRUPTED, statuses.SIGNAL + (stop.signum or signal.SIGINT))


def said(text: str) -> int:
    """Write text to standard output; return the status of that."""

    def tell() -> NoReturn:
        raise Told(text)

    return status_of(tell)
