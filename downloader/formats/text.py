"""Plain text lists: a URL a line, UTF-8; blank lines and lines that begin with "#" do not count.

A tab, or two or more blanks, separates the URL from what may follow: a name for the file, its
checksums ("sha256:HEX", "sha256-BASE64" as in SRI, or digits alone), its size ("size=N"). What else
people write into such lists is read by `text_line`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from downloader.errors import UsageError
from downloader.formats.reading import ListContext, resolved, unusable
from downloader.formats.text_line import items_of
from downloader.models import UrlItem

LONGEST_LINE = 64 * 1024  # bytes; a longer line is a failed item
ENDLESS = 16 * 1024 * 1024  # bytes; a line so long shows that this is no list at all
COUNTED = 64 * 1024  # bytes that are looked at together if lines are only counted
EXPLICIT = b"@EXPLICIT"  # in lists of conda: after this line, fragments are checksums

# A URL alone, with nothing in it that may mean more.
_PLAIN = re.compile(rb"([A-Za-z][!\"$-:<-~]{0,4095})\r?\n?")
_USED = re.compile(rb"\n[ \t\r\f\v]*[^#\s]")  # the start of a line that counts
_NO_BREAK = "\u00a0"  # what office programs and web pages leave at the ends of lines
_BLANKS = f" \t\r\f\v{_NO_BREAK}"


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    r"""Yield the items of each line, in constant memory.

    Lines end at "\n" only; blanks around a line do not count. A line that is no text (not UTF-8, a
    NUL in it) or is longer than `LONGEST_LINE` is an item that cannot be used. Checksums are taken
    as they are: what is wrong with one is said where it is used. Raises `UsageError` at `ENDLESS`.
    """
    source, base = context.source, context.base
    explicit = False
    for number, line in enumerate(lines(stream, source), start=1):
        plain = _PLAIN.fullmatch(line)
        if plain:
            url = plain[1].decode()
            yield UrlItem(resolved(url, context) if base else url, number, source)
        elif line.strip() == EXPLICIT:
            explicit = True
        else:
            yield from _items(line, number, context, explicit=explicit)


def _items(
    line: bytes, number: int, context: ListContext, *, explicit: bool = False
) -> Iterator[UrlItem]:
    text = line.decode(errors="backslashreplace").strip(_BLANKS + "\n")
    if text.startswith("#"):
        return
    if is_cut(line):
        why = f"the line is longer than {LONGEST_LINE // 1024} KiB"
        yield unusable(text, number, context, why)
    elif not text:
        return
    elif b"\0" in line or not _is_utf_8(line):
        yield unusable(text, number, context, "the line is no text: it is not UTF-8")
    else:
        yield from items_of(text, number, context, explicit=explicit)


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def count(stream: BinaryIO, context: ListContext) -> int | None:
    """Return how many items `read` yields, in constant memory; `None` if only reading tells."""
    total = 0
    for block in blocks(stream):
        if has_long_line(block):
            return None
        if _is_unusual(block):
            total += sum(_count(line, context) for line in block.split(b"\n"))
        else:
            total += len(_USED.findall(b"\n" + block))
    return total


def _is_unusual(block: bytes) -> bool:
    """Return True if a line may be more or less than one item; single bytes are found fastest.

    There may be several URLs on it, it may have a meaning of its own, or blanks beyond ASCII.
    """
    return b";" in block or not block.isascii() or (b"@" in block and EXPLICIT in block)


def _count(line: bytes, context: ListContext) -> int:
    return 0 if line.strip() == EXPLICIT else sum(1 for _ in _items(line, 0, context))


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield many lines together, each of them whole, or cut off as in `lines`."""
    while block := stream.read(COUNTED):
        yield block + stream.readline(LONGEST_LINE + 1)


def has_long_line(block: bytes) -> bool:
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
