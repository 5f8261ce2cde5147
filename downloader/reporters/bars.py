"""Bars on a terminal, drawn with tqdm: the whole run, and below it its slowest transfers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn, TextIO

from downloader.models import Advanced, Began, Ended, Event
from downloader.reporters.messages import write_text
from downloader.reporters.progress import Progress, active_line, bar_columns, counted, facts
from downloader.reporters.rows import row_on
from downloader.reporters.terminal import named_on, screen_of
from downloader.text import encodable, shortened

if TYPE_CHECKING:
    from tqdm import tqdm

# Seconds between two drawings.
INTERVAL = 0.1
# From the start of the cursor's line to the end of the screen (ECMA-48, ED).
CLEAR_BELOW = "\r\x1b[J"
# What a terminal raises that went away; ValueError: the stream was closed.
LOST = (OSError, ValueError)


class Bars:
    """Draws how far the run is on `stream`, a terminal, at most ten times a second.

    While bars are drawn, other text for the same terminal goes through `write_line`, or is written
    within `cleared()`. Nothing of the bars is left when the run has ended. No colours are used.
    A terminal that goes away is ignored. `remark` gives the line that stands below the first bar,
    empty for none.
    """

    interval = INTERVAL

    def __init__(
        self,
        stream: TextIO,
        clock: Callable[[], float] = time.monotonic,
        remark: Callable[[], str] = str,
    ) -> None:
        self._stream = stream
        self._remark = remark
        self._clock = clock
        self._progress = Progress(clock())
        self._rows: list[tqdm[NoReturn]] = []
        self._lines: list[str] = []
        self._due = float("-inf")
        self._drawn_on: os.terminal_size | None = None

    def tell(self, event: Event) -> None:
        """Count what the event brings, and draw when it is time."""
        now = self._clock()
        self._progress.note(event, now)
        match event:
            case Began():
                self._draw(now)
            case Advanced():
                self._draw_if_due(now)
            case Ended():
                self.close()

    def write_line(self, line: str) -> None:
        """Write a line above the bars, many at a time when many come; at once without bars."""
        self._lines.append(line)
        if self._rows:
            self._draw_if_due(self._clock())
        else:
            self._write_buffered()

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """Take the bars away while something else is written to the terminal."""
        with suppress(*LOST):
            for row in self._rows:
                row.clear()
        try:
            yield
        finally:
            self._refresh()

    def close(self) -> None:
        """Take the bars away for good; the cursor is at the start of a fresh line."""
        self._take_away()
        self._write_buffered()

    def _draw_if_due(self, now: float) -> None:
        if now < self._due:
            return
        # On a grid, so that of ten calls a second none is lost for coming a little early.
        self._due = self._due + INTERVAL if self._due + INTERVAL > now else now + INTERVAL
        self._draw(now)

    def _draw(self, now: float) -> None:
        screen = screen_of(self._stream)
        if screen != self._drawn_on:
            self._fit(screen)
        if not self._rows:
            return
        self._compose(now, screen.columns - 1)
        if not self._lines:
            self._refresh()
            return
        with self.cleared():
            self._write_buffered()

    def _refresh(self) -> None:
        with suppress(*LOST):
            for row in self._rows:
                row.refresh()
            if self._rows:
                # A terminal that is made narrower keeps the cursor with the text at its place.
                self._stream.write("\r")
                self._stream.flush()

    def _fit(self, screen: os.terminal_size) -> None:
        """Begin anew with as many rows as the terminal has room for."""
        with suppress(*LOST):
            if self._rows:
                self._stream.write(CLEAR_BELOW)
            for row in self._rows:
                row.disable = True  # it has moved: nothing that it would do is right
            self._rows = [
                row_on(self._stream, position) for position in range(named_on(screen) + 1)
            ]
        self._drawn_on = screen

    def _take_away(self) -> None:
        rows, self._rows = self._rows, []
        with suppress(*LOST):
            for row in reversed(rows):
                row.close()

    def _write_buffered(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            write_text(self._stream, "".join(f"{line}\n" for line in lines))

    def _compose(self, now: float, width: int) -> None:
        """Give each row its text; the terminal's last column stays free.

        Writing there would make some terminals begin a new line.
        """
        main, *others = self._rows
        self._compose_main(main, now, width)
        texts = self._others(width)
        for number, row in enumerate(others):
            text = texts[number] if number < len(texts) else ""
            row.desc, row.ncols = encodable(text, self._stream.encoding), width

    def _others(self, width: int) -> list[str]:
        """Return the lines below the first bar."""
        remark = self._remark()
        lines = [active_line(active, width) for active in self._progress.active]
        return [shortened(f"  {remark}", width), *lines] if remark else lines

    def _compose_main(self, main: tqdm[NoReturn], now: float, width: int) -> None:
        progress = self._progress
        length = bar_columns(progress, width)
        count = counted(progress)
        middle = f" |{{bar:{length}}}| " if length else "  "
        room = width - len(count) - (length + 4 if length else 2)
        main.total, main.n, main.ncols = progress.total, progress.reached(), width
        main.bar_format = f"{count}{middle}{facts(progress, now, room)}"
