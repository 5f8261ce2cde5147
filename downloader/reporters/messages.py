"""Messages on standard error: a line for each failure and warning, and the report at the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

from downloader.models import WRONG, Began, Ended, Event, Finished, Outcome, Report, Warned
from downloader.reporters.colour import Paint, plain
from downloader.reporters.failure_text import summary, withheld_lines
from downloader.reporters.failures import FailureCounts
from downloader.text import encodable, escaped, plural, rate, seconds, shortened, size

# Columns that a message shows of a URL: a list's line may be 64 KiB long.
SHOWN = 2000
# What is wrong with items that have no failure of their own.
_AMISS = {"failed": "failed", "missing": "there is no such file", "extra": "no record knows it"}


def no_hint(fetching: bool) -> str:
    """Return nothing: there is no command to give."""
    return ""


class Messages:
    """Says what a user should know, a line at a time.

    `account` makes the final report's text. `quiet` leaves failures and doubts, `verbose` adds a
    line for each stored item. `write_line` takes each line without its end, `Bars.write_line`
    while bars are drawn; the default writes to `stream`. A lost stream is ignored: there is nobody
    to tell.
    `failures` counts, and says which lines are withheld; many are summed up at the end. `hint`
    says how to get them as a list, of a run that fetches or only hashes.
    """

    def __init__(
        self,
        stream: TextIO | None,
        account: Callable[[Report], str],
        *,
        quiet: bool = False,
        verbose: bool = False,
        write_line: Callable[[str], None] | None = None,
        failures: FailureCounts | None = None,
        hint: Callable[[bool], str] = no_hint,
        paint: Paint = plain,
    ) -> None:
        self._account = account
        self._encoding = stream.encoding if stream else None
        self._failures = failures or FailureCounts()
        self._hint = hint
        self._fetching = True
        self._paint = paint
        self._quiet = quiet
        self._verbose = verbose
        self._write_line = write_line or (lambda line: write_text(stream, f"{line}\n"))

    def tell(self, event: Event) -> None:
        """Say what the event brings."""
        match event:
            case Finished(outcome):
                self._tell_outcome(outcome)
            case Warned(message, is_doubt) if is_doubt or not self._quiet:
                self._write_line(f"dl: warning: {escaped(message)}")
            case Began(_, fetching):
                self._fetching = fetching
                self._failures.begin()
            case Ended(report):
                self._conclude(report)

    def _tell_outcome(self, outcome: Outcome) -> None:
        if outcome.status in WRONG:
            if self._failures.note(outcome):
                self._write_line(failure_line(outcome))
        elif self._verbose:
            self._write_line(stored_line(outcome, self._paint))

    def _conclude(self, report: Report | None) -> None:
        for line in withheld_lines(self._failures, self._encoding):
            self._write_line(f"dl: {line}")
        if report is not None and not self._quiet:
            self._write_line(self._account(report))
        elif (
            report is not None and report.stopped
        ):  # who wants less needs to know of this all the same
            self._write_line(f"dl: stopped by {report.stopped}")
        # A run that broke off writes no report to read them from.
        hint = self._hint(self._fetching) if report is not None else ""
        if summed := summary(self._failures, hint, self._paint):
            self._write_line(summed)


def failure_line(outcome: Outcome) -> str:
    """Return one line without control bytes: where the item stands, what it is, what happened."""
    where = f"{escaped(outcome.source)}:{outcome.line}: " if outcome.source else ""
    what = shortened(escaped(outcome.url or outcome.path or ""), SHOWN)
    why = escaped(outcome.error.message) if outcome.error else _AMISS[outcome.status]
    return f"dl: {where}{what}{': ' if what else ''}{why}"


def stored_line(outcome: Outcome, paint: Paint = plain) -> str:
    """Return one line for an item that is there: how it got there, its size, how long it took."""
    is_fetched = outcome.url is not None
    how = paint("hashed" if outcome.status == "stored" and not is_fetched else outcome.status)
    took = outcome.fetch_seconds if is_fetched else outcome.hash_seconds
    count = outcome.size or 0
    facts = f"{size(count)} in {seconds(took)}"
    if took > 0:
        facts += f" ({rate(count / took)})"
    tries = f", {plural('try', outcome.attempts)}" if outcome.attempts > 1 else ""
    return f"dl: {how} {escaped(outcome.path or '')}: {facts}{tries}"


def write_text(stream: TextIO | None, text: str) -> None:
    """Write text as far as the stream's encoding goes, and at once; a lost stream is ignored."""
    if stream is None:
        return
    try:
        stream.write(encodable(text, stream.encoding))
        stream.flush()
    except (OSError, ValueError):  # ValueError: it was closed
        return
