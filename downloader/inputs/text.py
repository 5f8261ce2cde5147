"""Plain text lists: a URL a line, UTF-8; blank lines and lines that begin with "#" do not count."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from downloader import urls
from downloader.errors import UsageError
from downloader.models import UrlItem

LONGEST_LINE = 64 * 1024  # bytes; a longer line is a failed item
ENDLESS = 16 * 1024 * 1024  # bytes; a line so long shows that this is no list at all
SHOWN = 200  # characters of a line that is no URL


def parse(stream: BinaryIO, source: str) -> Iterator[UrlItem]:
    r"""Yield an item for each line, in constant memory.

    Lines end at "\n" only; blanks around a line and a byte order mark at the start do not count.
    A line that is no text (not UTF-8, a NUL in it) or is longer than `LONGEST_LINE` is yielded
    printable, short, and such that `urls.normalise` refuses it. Raises `UsageError` at `ENDLESS`.
    """
    for number, line in enumerate(_lines(stream, source), start=1):
        text = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
        text = text.strip()
        if text.startswith(b"#"):
            continue
        if _is_cut(line):
            yield UrlItem(_shown(text) + urls.CUT, number, source)
        elif text:
            yield UrlItem(_url(text), number, source)


def _lines(stream: BinaryIO, source: str) -> Iterator[bytes]:
    """Yield line after line; one that is too long is cut off at one byte more than allowed."""
    while line := stream.readline(LONGEST_LINE + 1):
        if _is_cut(line):
            _skip_line(stream, source)
        yield line


def _is_cut(line: bytes) -> bool:
    return len(line) > LONGEST_LINE and not line.endswith(b"\n")


def _skip_line(stream: BinaryIO, source: str) -> None:
    skipped = LONGEST_LINE + 1
    while piece := stream.readline(LONGEST_LINE):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            return
        if skipped >= ENDLESS:
            raise UsageError(f"{source}: is not a list: no line end in {ENDLESS >> 20} MiB")


def _url(line: bytes) -> str:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return _no_text(line)
    return _no_text(line) if "\0" in text else text


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
