"""Metalink 4 (RFC 5854) and 3: files with their mirrors, sizes and checksums.

The document is read as a stream, without a tree. It may define no entities and refer to nothing
outside itself, so that it can neither grow when it is read nor read anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.parsers import expat

from downloader import checksums
from downloader.errors import UsageError
from downloader.formats.cells import UnusableRow, size
from downloader.formats.reading import ListContext, unusable
from downloader.formats.usable import usable
from downloader.models import Digest, UrlItem

BLOCK = 64 * 1024
DEEPEST = 32  # elements within each other
LONGEST = 64 * 1024  # characters of one element's text
MIRRORS = 1000  # of one file, that are read
HASHES = 100  # of one file
LARGEST = 1024 * 1024  # bytes of one tag, comment or the like, which the parser holds as a whole
NAMES = 1000  # of elements, attributes and prefixes: the parser forgets none of them
LONGEST_NAMES = 64 * 1024  # characters of all of these together
# What was UTF-16 has become UTF-8, whatever its first line says.
_WAS_UTF16 = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']utf-16", re.IGNORECASE)
_LAST = 1_000_000  # the priority of a URL that has none (RFC 5854 section 4.2.16.2: 999999 at most)
# Elements whose text is read, each with the one that it stands in.
_READ = {("size", "file"), ("hash", "file"), ("hash", "verification")}
_READ |= {("url", "file"), ("url", "resources")}


@dataclass(slots=True)
class _File:
    """What is known of a file so far; `urls` come with their rank, the best one lowest."""

    name: str
    line: int
    size: str = ""
    hashes: list[Digest] = field(default_factory=list)
    fault: str = ""
    urls: list[tuple[int, str]] = field(default_factory=list)

    def item(self, context: ListContext) -> UrlItem:
        """Return what is wanted."""
        ranked = [url for _, url in sorted(self.urls, key=lambda ranked: ranked[0])]
        found = usable(ranked, context)
        if self.fault:
            return unusable(self.name, self.line, context, self.fault)
        try:
            bytes_ = size(self.size)
        except UnusableRow as why:
            return unusable(self.name, self.line, context, str(why))
        if not found:
            none = "none of its URLs begins with http:// or https://" if ranked else "it has no URL"
            return unusable(ranked[0] if ranked else self.name, self.line, context, none)
        return UrlItem(
            *(
                found[0],
                self.line,
                context.source,
                self.name or None,
                self._checksums(context),
                bytes_,
            ),
            mirrors=tuple(found[1:]),
        )

    def _checksums(self, context: ListContext) -> tuple[Digest, ...]:
        """Return the checksums that can be computed here."""
        known = tuple(each for each in self.hashes if checksums.size(each.algorithm))
        if self.hashes and not known:
            context.notes.count("{} had only checksums that cannot be computed here")
        return known


class _Reader:
    """Takes in a document piece by piece; `done` holds the items that are complete."""

    def __init__(self, context: ListContext, encoding: str | None) -> None:
        self._context = context
        self._within: list[str] = []
        self._text: list[str] | None = None
        self._length = 0
        self._attributes: Mapping[str, str] = {}
        self._file: _File | None = None
        self._fed = 0
        self._names: dict[Any, Any] = {}  # the parser's own, `None` for no prefix
        self._counted = 0
        self.done: list[UrlItem] = []
        self._parser: Any = expat.ParserCreate(encoding, " ", self._names)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse
        self._parser.ElementDeclHandler = self._refuse_declaration
        self._parser.AttlistDeclHandler = self._refuse_declaration
        self._parser.NotationDeclHandler = self._refuse_declaration
        self._parser.StartNamespaceDeclHandler = self._prefix

    def feed(self, data: bytes, *, is_last: bool) -> None:
        """Take in more bytes. Raises `UsageError` for what is no document of this kind."""
        try:
            self._parser.Parse(data, is_last)
        except expat.ExpatError as error:
            raise self._broken(f"this is no XML: {expat.errors.messages[error.code]}") from None
        self._fed += len(data)
        if self._fed - self._parser.CurrentByteIndex > LARGEST:
            raise self._broken(f"a tag or a comment of more than {LARGEST >> 20} MiB")

    def _broken(self, why: str) -> UsageError:
        return UsageError(f"{self._context.source}:{self._parser.CurrentLineNumber}: {why}")

    def _refuse(self, *_: object) -> int:
        raise self._broken("entities are not read in lists from others")

    def _refuse_declaration(self, *_: object) -> None:
        raise self._broken("declarations are not read in lists from others")

    def _prefix(self, prefix: str | None, _: str) -> None:
        self._names.setdefault(prefix, prefix)

    def _bound_names(self) -> None:
        """Refuse a document that has the parser remember ever more names."""
        self._counted = len(self._names)
        size = sum(len(name or "") for name in self._names)
        if self._counted > NAMES or size > LONGEST_NAMES:
            raise self._broken(f"more than {NAMES} different names in it, or very long ones")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if len(self._names) > self._counted:
            self._bound_names()
        if not self._within and local != "metalink":
            raise self._broken(f"this is no metalink: it begins with <{local[:40]}>")
        if len(self._within) >= DEEPEST:
            raise self._broken(f"more than {DEEPEST} elements within each other")
        if local == "file":
            self._file = _File(attributes.get("name", ""), self._parser.CurrentLineNumber)
        elif self._file and (local, self._within[-1]) in _READ:
            self._text, self._length, self._attributes = [], 0, attributes
        self._within.append(local)

    def _data(self, data: str) -> None:
        if self._text is None:
            return
        self._length += len(data)
        if self._length > LONGEST:
            raise self._broken(f"an element of more than {LONGEST >> 10} KiB")
        self._text.append(data)

    def _end(self, _: str) -> None:
        local = self._within.pop()
        if self._file and local == "file":
            self.done.append(self._file.item(self._context))
            self._file = None
        elif self._file and self._text is not None:
            _take(self._file, local, "".join(self._text).strip(), self._attributes)
        self._text = None


def _take(file: _File, element: str, text: str, attributes: Mapping[str, str]) -> None:
    match element:
        case "size":
            file.size = text
        case "hash" if len(file.hashes) < HASHES:
            file.hashes.append(Digest(checksums.algorithm(attributes.get("type", "")), text))
        case "hash":
            file.fault = f"it has more than {HASHES} hashes"
        case "url" if len(file.urls) < MIRRORS:
            file.urls.append((_rank(attributes), text))


def _rank(attributes: Mapping[str, str]) -> int:
    """Return a URL's place among others: a priority (4) counts from 1, a preference (3) to 100."""
    priority, preference = attributes.get("priority", ""), attributes.get("preference", "")
    if priority.isdecimal():
        return int(priority[:9])
    return -int(preference[:9]) if preference.isdecimal() else _LAST


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield an item for each file, with the bounds above on what is in memory."""
    reader: _Reader | None = None
    is_last = False
    while not is_last:
        data = stream.read1(BLOCK)  # type: ignore[attr-defined]  # of buffered streams
        is_last = not data
        reader = reader or _Reader(context, "utf-8" if _WAS_UTF16.match(data) else None)
        reader.feed(data, is_last=is_last)
        yield from reader.done
        reader.done.clear()
