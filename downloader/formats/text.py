"""Plain text lists: a URL a line, UTF-8; blank lines and lines that begin with "#" do not count.

A tab, or two or more blanks, separates the URL from what may follow: a name for the file, then its
checksums ("sha256:HEX", or "sha256-BASE64" as in SRI).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from downloader import checksums, urls
from downloader.errors import UsageError
from downloader.models import Digest, UrlItem

LONGEST_LINE = 64 * 1024  # bytes; a longer line is a failed item
ENDLESS = 16 * 1024 * 1024  # bytes; a line so long shows that this is no list at all
SHOWN = 200  # characters of a line that is no URL
COUNTED = 64 * 1024  # bytes that are looked at together if lines are only counted
_BETWEEN = re.compile("(?:  | ?\t)[ \t]*")
_PLAIN = re.compile(rb"([!\"$-~][!-~]{0,4095})\r?\n?")  # a URL alone, and not "#"
_USED = re.compile(rb"\n[ \t\r\f\v]*[^#\s]")  # the start of a line that counts


def parse(stream: BinaryIO, source: str) -> Iterator[UrlItem]:
    r"""Yield an item for each line, in constant memory.

    Lines end at "\n" only; blanks around a line and a byte order mark at the start do not count.
    A line that is no text (not UTF-8, a NUL in it) or is longer than `LONGEST_LINE` is yielded
    printable, short, and such that `urls.normalise` refuses it. Checksums are taken as they are:
    what is wrong with one is said where it is used. Raises `UsageError` at `ENDLESS`.
    """
    for number, line in enumerate(lines(stream, source), start=1):
        plain = _PLAIN.fullmatch(line)
        if plain:
            yield UrlItem(plain[1].decode(), number, source)
            continue
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        text = text.strip()
        if text.startswith(b"#"):
            continue
        if is_cut(line):
            yield UrlItem(_shown(text) + urls.CUT, number, source)
        elif text:
            yield _item(text, number, source)


def count(stream: BinaryIO, source: str) -> int:
    """Return how many items `parse` yields, in constant memory. The stream can be sought in."""
    start = stream.tell()
    total = 0
    bom = codecs.BOM_UTF8
    for block in _blocks(stream):
        if _has_long_line(block):
            stream.seek(start)
            return sum(1 for _ in parse(stream, source))
        total += len(_USED.findall(b"\n" + block.removeprefix(bom)))
        bom = b""
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


def _item(line: bytes, number: int, source: str) -> UrlItem:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        return UrlItem(_no_text(line), number, source)
    url, *fields = _BETWEEN.split(text)
    if not fields:
        return UrlItem(url, number, source)
    first = checksums.split(fields[0])
    name = None if first else fields.pop(0)
    return UrlItem(url, number, source, name, tuple(map(_checksum, fields)))


def _checksum(field: str) -> Digest:
    """Return what stands where a checksum should: one without an algorithm if it is none."""
    return checksums.split(field) or Digest("", field)


def _no_text(line: bytes) -> str:
    """Return a line that is no text with a backslash in it, which no URL may have."""
    shown = _shown(line)
    return shown if "\\" in shown else shown + "\\"


def _shown(line: bytes) -> str:
    """Return the start of a line in printable characters, without a login that it may hold."""
    invalid = line.decode(errors="backslashreplace") + "\\"  # of which masked() trusts nothing
    text = urls.masked(invalid)[:-1]
    return "".join(map(_printable, text[:SHOWN]))


def _printable(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]
