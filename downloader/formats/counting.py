"""How many items there are in lists of one a line, counted many times faster than they are read.

A line that may hold several, or none, leaves it to reading: the answer is then `None`.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from downloader.formats.reading import ListContext
from downloader.formats.table import told_delimiter
from downloader.formats.text import LONGEST_LINE, blocks, has_long_line

_BLANK = rb" \t\r\v\f\x1c-\x1f"  # what `str.strip` takes off, of ASCII
_USED = re.compile(rb"\n[" + _BLANK + rb"]*[^\n" + _BLANK + rb"]")
_USED_BYTES = re.compile(rb"\n[ \t\r\v\f]*[^\s]")  # `bytes.strip` takes off less
_USED_BETWEEN = {
    mark: re.compile(rb"\n[" + mark + _BLANK + rb"]*[^\n" + mark + _BLANK + rb"]")
    for mark in (b",", b";", b"\t")
}
# Where a ";" stands there may be several URLs.
_SEVERAL = (b";",)
# What is quoted may go over several lines, or hold blanks alone.
_QUOTES = (b'"',)
_WITHIN = (b"[", b"\\")  # a list of URLs, and escapes that may stand for anything


def csv(stream: BinaryIO, _: ListContext) -> int | None:
    """Return how many items there are in a table whose first line is its header."""
    header = stream.readline(LONGEST_LINE + 1)
    text = header.decode("utf-8", "surrogateescape")
    if not text.strip() or text.lower().startswith(("#", "sep=")) or b'"' in header:
        return None
    mark = told_delimiter(text).encode()
    return _lines(stream, _USED_BETWEEN[mark], (*_SEVERAL, *_QUOTES))


def tsv(stream: BinaryIO, _: ListContext) -> int | None:
    """Return how many items there are in a table whose rows are a line each."""
    header = stream.readline(LONGEST_LINE + 1)
    if not header.decode("utf-8", "surrogateescape").strip() or header.startswith(b"#"):
        return None
    return _lines(stream, _USED, (*_SEVERAL, *_QUOTES))


def json_lines(stream: BinaryIO, _: ListContext) -> int | None:
    """Return how many items there are in lines of JSON."""
    return _lines(stream, _USED_BYTES, (*_SEVERAL, *_WITHIN))


def _lines(stream: BinaryIO, used: re.Pattern[bytes], odd: tuple[bytes, ...]) -> int | None:
    """Count the lines in use, `None` if one of the odd bytes is in them."""
    total = 0
    for block in blocks(stream):
        if not block.isascii() or any(byte in block for byte in odd) or has_long_line(block):
            return None
        total += len(used.findall(b"\n" + block))
    return total
