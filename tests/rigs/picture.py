"""Screens as a picture: SVG with every character on its place of the grid (pure functions)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from screen import Cell

# Pixels of a character, and around the text.
WIDE, HIGH, EDGE = 8.4, 18, 14
BACK, FRONT, TITLE = "#161b22", "#d6dde6", "#8b949e"
COLOURS = {0: FRONT, 31: "#ff7b72", 32: "#56d364"}
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"

Panel = tuple[str, Sequence[Sequence[Cell]]]


def svg(panels: Sequence[Panel], columns: int, name: str) -> str:
    """Return a picture of screens below each other, each under its title."""
    body: list[str] = []
    top = EDGE
    for title, rows in panels:
        body.append(_title(title, top))
        body += [_line(row, top + (n + 1) * HIGH) for n, row in enumerate(rows)]
        top += (len(rows) + 2) * HIGH
    width = columns * WIDE + 2 * EDGE
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {top:g}" role="img"'
    font = f'font-family="{FONT}" font-size="14"'
    back = f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>'
    lines = [f"{head} {font}>", f"<title>{escape(name)}</title>", back, *body, "</svg>"]
    return "".join(f"{line}\n" for line in lines)


def _title(title: str, top: float) -> str:
    return f'<text x="{EDGE}" y="{top + HIGH - 5:g}" fill="{TITLE}">{escape(title)}</text>'


def _line(row: Sequence[Cell], top: float) -> str:
    pieces = "".join(_pieces(row))
    return f'<g transform="translate({EDGE} {top + HIGH - 5:g})">{pieces}</g>'


def _pieces(row: Sequence[Cell]) -> Iterator[str]:
    """Yield words at their places, so that no font moves what comes after them."""
    column = 0
    for (blank, colour), group in groupby(row, lambda cell: (cell.character == " ", cell.colour)):
        text = "".join(cell.character for cell in group)
        if not blank:
            length = f'textLength="{len(text) * WIDE:g}" lengthAdjust="spacingAndGlyphs"'
            fill = COLOURS.get(colour, FRONT)
            yield f'<text x="{column * WIDE:g}" {length} fill="{fill}">{escape(text)}</text>'
        column += len(text)
