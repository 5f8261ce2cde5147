"""What can be drawn on: told without loading what draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO


def can_draw(stream: TextIO | None, environ: Mapping[str, str]) -> bool:
    """Return True if bars can be drawn: only on a terminal that can move its cursor."""
    try:
        terminal = stream is not None and stream.isatty()
    except ValueError:  # it was closed
        return False
    return terminal and environ.get("TERM", "dumb") not in ("", "dumb")
