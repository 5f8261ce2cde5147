"""What can be drawn on, and how much of it there is: told without loading what draws."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TextIO

# Transfers that are named, and the rows of the terminal that it takes to name some, and all.
NAMED = 4
ROWS_FOR_SOME = 8
ROWS_FOR_ALL = 12
# Lines of one kind of failure: more would only push the others off the screen.
SHOWN = 20
# Of a terminal that does not tell (a serial line says 0 by 0).
USUAL_SIZE = os.terminal_size((80, 24))


def can_draw(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Return True if bars can be drawn: only on a terminal that can move its cursor."""
    return is_terminal(stream) and environ.get("TERM", "dumb") not in ("", "dumb")


def is_terminal(stream: TextIO | None) -> bool:
    """Return True if a person reads the stream as it is written."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it was closed
        return False


def shown_on(stream: TextIO | None) -> int | None:
    """Return how many lines of one kind of failure are written: all, unless a person reads them."""
    return SHOWN if is_terminal(stream) else None


def screen_of(stream: TextIO) -> os.terminal_size:
    """Return the columns and lines of a terminal."""
    try:
        screen = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return USUAL_SIZE
    return screen if screen.columns and screen.lines else USUAL_SIZE


def named_on(screen: os.terminal_size) -> int:
    """Return how many transfers are named on a screen of this size."""
    if screen.lines < ROWS_FOR_SOME:
        return 0
    return NAMED if screen.lines >= ROWS_FOR_ALL else NAMED // 2
