"""What every reader of lists is given, and how it speaks of lines that cannot be used.

A reader takes a buffered binary stream (uncompressed, UTF-8, no byte order mark) and a
`ListContext`, and yields a `UrlItem` for each thing that is wanted. It reads no further than the
item that it yields, so that a pipe that is still being written is taken as it comes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from downloader import urls
from downloader.models import Digest, UrlItem
from downloader.text import plural

_GAP = "..."
SHOWN = 200  # characters that are shown of a line that cannot be used
QUOTED = 80  # characters that are shown of a field

# Of hexadecimal digits that stand alone only their number tells what they are.
_BY_DIGITS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_HEX = re.compile("[0-9A-Fa-f]+")


class Notes:
    """What a reader did that its user should know, each said once, with how many lines it was."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, sentence: str) -> None:
        """Count one more line of which a sentence is true; "{}" in it stands for "3 lines"."""
        self._counts[sentence] += 1

    def sentences(self) -> Iterator[str]:
        """Yield what is to be said."""
        for sentence, count in self._counts.items():
            yield sentence.format(plural("line", count))


@dataclass(frozen=True, slots=True)
class ListContext:
    """What is known of a list besides its bytes.

    `source` is its name in sentences and items; `base` is what relative URLs are below, or a bare
    scheme ("https://"); `columns` tells which column of a table holds what; `path` is where the
    list stands in the file system, `None` for a stream; `folder` is that of the run's files.
    """

    source: str = ""
    base: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    path: str | None = None
    folder: str = ""
    notes: Notes = field(default_factory=Notes)


Read = Callable[[BinaryIO, ListContext], Iterator[UrlItem]]
# Counts what a reader yields, if that can be done faster; `None` if only reading tells.
Count = Callable[[BinaryIO, ListContext], int | None]


def unusable(text: str, line: int, context: ListContext, why: str) -> UrlItem:
    """Return an item that fails, with its place and a sentence.

    It shows the start of the text in printable characters, without a login that it may hold.
    """
    return UrlItem(shown(text), line, context.source, fault=why)


def shown(text: str) -> str:
    """Return the start of any text in printable characters, without a login.

    What is cut off ends in what no URL does, so that it is not taken for another one.
    """
    start, is_whole = _start(text, SHOWN)
    return start if is_whole else start + urls.CUT


def quoted(text: str) -> str:
    """Return the start of a field in quotes, for a sentence."""
    start, is_whole = _start(text, QUOTED)
    return f"'{start}'" if is_whole else f"'{start}{_GAP}'"


def _start(text: str, most: int) -> tuple[str, bool]:
    masked = urls.masked(text + "\\")[:-1] or _GAP  # after a backslash every "@" ends a login
    return "".join(map(_printable, masked[:most])), len(masked) <= most


def _printable(character: str) -> str:
    return character if character.isprintable() else ascii(character)[1:-1]


def resolved(url: str, context: ListContext) -> str:
    """Return a URL with `--base` before it if it is relative; an absolute one stays as it is."""
    return url if context.base is None else urls.below(context.base, url)


def digest_of_hex(digits: str) -> Digest | None:
    """Return what bare hexadecimal digits are by their number, `None` for any other text."""
    algorithm = _BY_DIGITS.get(len(digits))
    return Digest(algorithm, digits) if algorithm and _HEX.fullmatch(digits) else None
