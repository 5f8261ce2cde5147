"""What a run tells, and on which stream: records on the output, all else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from downloader import hashing
from downloader.cli.invocation import Invocation
from downloader.models import Ended, Event, Report
from downloader.protocols import Reporter
from downloader.report.text import as_text
from downloader.reporters import Fan, Silent
from downloader.reporters.bars import INTERVAL, Bars, wanted
from downloader.reporters.lines import Lines
from downloader.reporters.messages import Messages

OUTPUT = 1  # the descriptor of standard output


class LastWord:
    """Keeps the report of a run, which is told even where the run then breaks off."""

    def __init__(self) -> None:
        self.report: Report | None = None

    def tell(self, event: Event) -> None:
        """Keep the report."""
        if isinstance(event, Ended):
            self.report = event.report


class NoBars(Silent):
    """Draws nothing."""

    def close(self) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class Console:
    """The reporters of one run: tell `reporter`, and look at the others afterwards."""

    reporter: Reporter
    lines: Lines
    last_word: LastWord


@contextmanager
def console(asked: Invocation) -> Iterator[Console]:
    """Put together what the user wants to see; no bar is left behind.

    Raises `UsageError` for a format that cannot be.
    """
    with closing(_bars(asked)) as bars:
        lines = _lines(asked, bars)
        messages = Messages(
            sys.stderr,
            as_text,
            quiet=asked.quiet,
            verbose=asked.verbose,
            write_line=bars.write_line if isinstance(bars, Bars) else None,
        )
        last_word = LastWord()
        yield Console(Fan(lines, bars, messages, last_word), lines, last_word)


def _bars(asked: Invocation) -> Bars | NoBars:
    if asked.progress and wanted(sys.stderr, os.environ):
        return Bars(sys.stderr)
    return NoBars()


def _lines(asked: Invocation, bars: Bars | NoBars) -> Lines:
    """Make the records' reporter; on the bars' own terminal it takes them away while it writes."""
    algorithms = hashing.checked(asked.options.algorithms)
    chosen = (OUTPUT, asked.format, asked.null, algorithms)
    if isinstance(bars, Bars) and os.isatty(OUTPUT):
        return Lines(*chosen, interval=INTERVAL, around=bars.cleared)
    return Lines(*chosen)
