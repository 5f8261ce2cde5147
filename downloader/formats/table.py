"""Tables as text: a header row, then a row a line; quoted cells of csv may go over several lines.

A quote that is never closed spoils its own line alone: the lines after it are read as rows again.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple

from downloader.errors import UsageError
from downloader.formats import fields
from downloader.formats.reading import ListContext, unusable
from downloader.formats.text import LONGEST_LINE, is_cut, lines
from downloader.models import UrlItem

Numbered = tuple[int, bytes]  # a line with its number

LINES = 100  # that one row may go over
_SEPARATOR = re.compile("sep=[,;|\t]", re.IGNORECASE)  # what Excel takes for a hint
TITLES = 100  # lines of remarks that may stand before the header


class Row(NamedTuple):
    """A row with the number of its first line; `why` says that it cannot be read as cells."""

    line: int
    text: str
    cells: Sequence[str] = ()
    why: str = ""


class _Lines(Iterator[Numbered]):
    """Numbered lines, of which one can look at those to come."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._numbered = enumerate(lines, start=1)
        self._ahead: deque[Numbered] = deque()

    def __next__(self) -> Numbered:
        return self._ahead.popleft() if self._ahead else next(self._numbered)

    def look(self, count: int) -> bytes | None:
        """Return the line that comes after so many others, `None` if there is none."""
        self._ahead.extend(islice(self._numbered, max(0, count + 1 - len(self._ahead))))
        return self._ahead[count][1] if len(self._ahead) > count else None

    def drop(self, count: int) -> None:
        """Pass over so many lines that were looked at."""
        for _ in range(count):
            self._ahead.popleft()


def rows(
    stream: BinaryIO, source: str, delimiter: str | None, *, folds: bool = True
) -> Iterator[Row]:
    """Yield the rows that are not blank; they are in several lines only if the format `folds`.

    Without a `delimiter` it is the one that the first row has.
    """
    feed = _Lines(lines(stream, source))
    for number, line in feed:
        text = _text(line).rstrip("\r\n")
        if is_cut(line):
            why = f"the line is longer than {LONGEST_LINE // 1024} KiB"
            yield Row(number, text, why=why)
        elif delimiter is None and _SEPARATOR.fullmatch(text):
            delimiter = text[-1]
        elif text.strip():
            delimiter = delimiter or told_delimiter(text)
            yield _row(number, text, delimiter, feed if folds else None)


def _row(number: int, text: str, delimiter: str, feed: _Lines | None) -> Row:
    """Return the row that begins with a line; `feed` has those in which it may go on."""
    if '"' not in text:
        return Row(number, text, text.split(delimiter))
    cells = _cells(text, delimiter)
    if cells is None:
        cells = text.split(delimiter) if feed is None else _folded(text, delimiter, feed)
    return Row(number, text, cells or (), "" if cells else "its quotes do not match")


def told_delimiter(header: str) -> str:
    """Return what separates the cells of a header: a comma unless there is more of another."""
    return max(",;\t", key=header.count)


def items(found: Iterator[Row], context: ListContext) -> Iterator[UrlItem]:
    """Yield the items of rows, of which the first is the header.

    Lines that begin with "#" do not count before it. Raises `UsageError` for a table without a
    column of URLs.
    """
    places, width = _header(found, context)
    for row in found:
        if row.why:
            yield unusable(row.text, row.line, context, row.why)
        elif len(row.cells) > width and any(map(str.strip, row.cells[width:])):
            why = f"it has {len(row.cells)} cells, the header has {width}"
            yield unusable(row.text, row.line, context, why)
        elif any(map(str.strip, row.cells)):
            yield from fields.items(_by_key(places, row.cells), row.line, context, row.text)


def _by_key(places: dict[str, int], cells: Sequence[str]) -> dict[str, str]:
    return {key: cells[at] for key, at in places.items() if at < len(cells)}


def _header(found: Iterator[Row], context: ListContext) -> tuple[dict[str, int], int]:
    for row in islice(found, TITLES):
        titles = [row.cells[0].lstrip("#"), *row.cells[1:]] if row.cells else []
        try:
            return fields.columns(titles, context), len(titles)
        except UsageError:
            if not row.text.startswith("#"):
                raise
    raise UsageError(f"{context.source}: no header row in it")


def _cells(text: str, delimiter: str) -> list[str] | None:
    """Take a row apart, `None` if its quotes do not match."""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def _folded(text: str, delimiter: str, feed: _Lines) -> list[str] | None:
    """Take a row apart that goes on in the lines that follow, and take those.

    If its quotes match nowhere, `None`: those lines are rows of their own.
    """
    for count in range(LINES):
        line = feed.look(count)
        if line is None or is_cut(line) or len(text) + len(line) > LONGEST_LINE:
            return None
        text += f"\n{_text(line)}".rstrip("\r\n")
        if b'"' in line and (cells := _cells(text, delimiter)) is not None:
            feed.drop(count + 1)
            return cells
    return None


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape")
