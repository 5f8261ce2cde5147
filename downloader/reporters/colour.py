"""Colour for the one word that says how an item ended; nothing else has any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TextIO

from downloader.reporters.terminal import can_draw

Paint = Callable[[str], str]

# Select Graphic Rendition (ECMA-48): red, green, and back to what was.
RED, GREEN, NONE = "\x1b[31m", "\x1b[32m", "\x1b[0m"
COLOURS = dict.fromkeys(("failed", "missing", "extra"), RED) | dict.fromkeys(
    ("stored", "hashed", "unchanged", "kept", "ok", "repaired"), GREEN
)


def plain(word: str) -> str:
    """Return the word as it is."""
    return word


def coloured(word: str) -> str:
    """Return the word in its colour."""
    colour = COLOURS.get(word)
    return f"{colour}{word}{NONE}" if colour else word


def paint_for(stream: TextIO | None, environ: Mapping[str, str]) -> Paint:
    """Return how words are painted: on a capable terminal only, and never against NO_COLOR.

    https://no-color.org: any text in the variable counts, an empty one does not.
    """
    wanted = can_draw(stream, environ) and not environ.get("NO_COLOR")
    return coloured if wanted else plain
