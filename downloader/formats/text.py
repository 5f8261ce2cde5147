"""Plain text lists: a URL a line, UTF-8; blank lines and lines that begin with "#" do not count.

A tab, or two or more blanks, separates the URL from what may follow: a name for the file, then its
checksums ("sha256:HEX", or "sha256-BASE64" as in SRI).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from downloader import checksums
from downloader.errors import UsageError
from downloader.formats.reading import ListContext, resolved, unusable
from downloader.models import Digest, UrlItem

LONGEST_LINE = 64 * 1024  # bytes; a longer line is a failed item
ENDLESS = 16 * 1024 * 1024  # bytes; a line so long shows that this is no list at all
COUNTED = 64 * 1024  # bytes that are looked at together if lines are only counted
_BETWEEN = re.compile("(?:  | ?\t)[ \t]*")
_PLAIN = re.compile(rb"([!\"$-~][!-~]{0,4095})\r?\n?")  # a URL alone, and not "#"
_USED = re.compile(rb"\n[ \t\r\f\v]*[^#\s]")  # the start of a line that counts


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    r"""Yield an item for each line, in constant memory.

    Lines end at "\n" only; blanks around a line do not count. A line that is no text (not UTF-8, a
    NUL in it) or is longer than `LONGEST_LINE` is an item that cannot be used. Checksums are taken
    as they are: what is wrong with one is said where it is used. Raises `UsageError` at `ENDLESS`.
    """
    source, base = context.source, context.base
    for number, line in enumerate(lines(stream, source), start=1):
        plain = _PLAIN.fullmatch(line)
        if plain:
            url = plain[1].decode()
            yield UrlItem(resolved(url, context) if base else url, number, source)
            continue
        text = line.strip()
        if text.startswith(b"#"):
            continue
        if is_cut(line):
            why = f"the line is longer than {LONGEST_LINE // 1024} KiB"
            yield unusable(text.decode(errors="backslashreplace"), number, context, why)
        elif text:
            yield _item(text, number, context)


def count(stream: BinaryIO, _: ListContext) -> int | None:
    """Return how many items `read` yields, in constant memory; `None` if only reading tells."""
    total = 0
    for block in _blocks(stream):
        if _has_long_line(block):
            return None
        total += len(_USED.findall(b"\n" + block))
    return total


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield many lines together, each of them whole, or cut off as in `lines`."""
    while block := stream.read(COUNTED):
        yield block + stream.readline(LONGEST_LINE + 1)


def _has_long_line(block: bytes) -> bool:
    """Return True if `lines` would cut a line of the block off."""
    at = 0
    while len(block) - at > LONGEST_LINE:
        end = block.rfind(b"\n", at, at + LONGEST_LINE + 1)
        if end < 0:
            return True
        at = end + 1
    return False


def lines(stream: BinaryIO, source: str) -> Iterator[bytes]:
    """Yield line after line; one that is too long is cut off at one byte more than allowed."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE and is_cut(line):
            _skip_line(stream, source)
        yield line


def is_cut(line: bytes) -> bool:
    """Return True if a line was longer than what there is of it."""
    return len(line) > LONGEST_LINE and not line.endswith(b"\n")


def _skip_line(stream: BinaryIO, source: str) -> None:
    skipped = LONGEST_LINE + 1
    while piece := stream.readline(LONGEST_LINE):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            return
        if skipped >= ENDLESS:
            raise UsageError(f"{source}: is not a list: no line end in {ENDLESS >> 20} MiB")


def _item(line: bytes, number: int, context: ListContext) -> UrlItem:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        shown = line.decode(errors="backslashreplace")
        return unusable(shown, number, context, "the line is no text: it is not UTF-8")
    url, *fields = _BETWEEN.split(text)
    url = resolved(url, context)
    if not fields:
        return UrlItem(url, number, context.source)
    first = checksums.split(fields[0])
    name = None if first else fields.pop(0)
    return UrlItem(url, number, context.source, name, tuple(map(_checksum, fields)))


def _checksum(field: str) -> Digest:
    """Return what stands where a checksum should: one without an algorithm if it is none."""
    return checksums.split(field) or Digest("", field)
