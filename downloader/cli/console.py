"""What a run tells, and on which stream: records on the output, all else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from downloader import hashing
from downloader.cli.failed_list import hint
from downloader.cli.invocation import Invocation
from downloader.formats import FORMATS, Format
from downloader.models import Ended, Event, Report
from downloader.protocols import Reporter
from downloader.report.text import as_text
from downloader.reporters import Fan
from downloader.reporters.colour import paint_for
from downloader.reporters.failure_text import withheld_briefly
from downloader.reporters.failures import FailureCounts
from downloader.reporters.lines import Lines
from downloader.reporters.messages import Messages
from downloader.reporters.terminal import can_draw, shown_on

if TYPE_CHECKING:
    from downloader.reporters.bars import Bars

OUTPUT = 1  # the descriptor of standard output


class LastWord:
    """Keeps the report of a run, which is told even if the run then breaks off."""

    def __init__(self) -> None:
        self.report: Report | None = None

    def tell(self, event: Event) -> None:
        """Keep the report."""
        if isinstance(event, Ended):
            self.report = event.report


class Console(NamedTuple):
    """The reporters of one run: tell `reporter`, and look at the others afterwards."""

    reporter: Reporter
    lines: Lines
    last_word: LastWord


@contextmanager
def console(asked: Invocation, formats: Mapping[str, Format] = FORMATS) -> Iterator[Console]:
    """Put together what the user wants to see; no bar is left behind.

    Raises `UsageError` for a format that cannot be.
    """
    # Who asks for a line for each file gets it on a terminal, too.
    failures = FailureCounts(None if asked.verbose else shown_on(sys.stderr))
    bars = _bars(asked, failures)
    with closing(bars) if bars else nullcontext():
        lines, last_word = _lines(asked, bars, formats), LastWord()
        messages = _messages(asked, bars, failures)
        told = (lines, bars, messages, last_word) if bars else (lines, messages, last_word)
        yield Console(Fan(*told), lines, last_word)


def _bars(asked: Invocation, failures: FailureCounts) -> Bars | None:
    if not (asked.progress and can_draw(sys.stderr, os.environ)):
        return None
    from downloader.reporters.bars import Bars  # noqa: PLC0415  most runs of scripts draw none

    return Bars(sys.stderr, remark=partial(withheld_briefly, failures, sys.stderr.encoding))


def _messages(asked: Invocation, bars: Bars | None, failures: FailureCounts) -> Messages:
    paint = paint_for(sys.stderr, os.environ)
    return Messages(
        sys.stderr,
        partial(as_text, paint=paint, verbose=asked.verbose),
        quiet=asked.quiet,
        verbose=asked.verbose,
        write_line=bars.write_line if bars else None,
        failures=failures,
        hint=lambda fetching: hint(asked, fetching=fetching),
        paint=paint,
    )


def _lines(asked: Invocation, bars: Bars | None, formats: Mapping[str, Format]) -> Lines:
    """Make the records' reporter; on the bars' own terminal it takes them away while it writes."""
    algorithms = hashing.checked(asked.options.algorithms)
    chosen = (OUTPUT, asked.format, asked.null, algorithms)
    if bars and os.isatty(OUTPUT):
        return Lines(*chosen, formats=formats, interval=bars.interval, around=bars.cleared)
    return Lines(*chosen, formats=formats)
