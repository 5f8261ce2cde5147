"""Files of options for curl (curl --config): each `url` with its `output`.

What concerns files is read (url, output, output-dir, header, referer, user-agent); how curl
should fetch them is not. The n-th output is that of the n-th URL, as with curl.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from downloader.errors import UsageError
from downloader.formats.reading import ListContext, resolved, unusable
from downloader.formats.text import LONGEST_LINE, is_cut, lines
from downloader.models import UrlItem

AHEAD = 10_000  # URLs that may wait for their outputs, and outputs for their URLs
LARGEST = 16 * 1024 * 1024  # characters of all that waits
HEADERS = 1000  # of the same transfers
_OPTION = re.compile(r"\s*-{0,2}([A-Za-z][A-Za-z0-9.-]*)(?:\s*[=:]\s*|\s+|\s*$)(.*)", re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_SHORT = {"o": "output", "H": "header", "A": "user-agent", "e": "referer", "O": "remote-name"}
_NO_NAME = ""


@dataclass(slots=True)
class _Transfer:
    """The options since the last `next`: URLs that wait for outputs, and the other way round."""

    urls: deque[tuple[int, str]] = field(default_factory=deque)
    outputs: deque[str] = field(default_factory=deque)
    headers: list[tuple[str, str]] = field(default_factory=list)
    folder: str = ""
    names_all: bool = False
    held: int = 0  # characters of what waits

    def take(self, name: str, value: str, line: int) -> None:
        """Take in an option. Raises `ValueError` for more than can be held."""
        match name:
            case "url":
                self.held += len(value)
                self.urls.append((line, value))
            case "output":
                self.held += len(value)
                self.outputs.append(value)
            case "remote-name":
                self.outputs.append(_NO_NAME)
            case "remote-name-all":
                self.names_all = True
            case "output-dir":
                self.folder = value.strip("/")
            case "header":
                key, _, text = value.partition(":")
                self.headers.append((key.strip(), text.strip()))
            case "referer" | "user-agent":
                self.headers.append((name.title(), value))
        if len(self.headers) > HEADERS:
            raise ValueError(f"more than {HEADERS} headers")
        if len(self.outputs) > AHEAD or (self.outputs and self.held > LARGEST):
            raise ValueError("too many outputs stand before their URLs")

    def ready(self, context: ListContext, *, is_over: bool = False) -> Iterator[UrlItem]:
        """Yield the items whose names are known, all of them at the end."""
        while self.urls:
            is_full = len(self.urls) > AHEAD or self.held > LARGEST
            is_full |= is_over or self.names_all
            if not self.outputs and not is_full:
                return
            line, url = self.urls.popleft()
            name = self.outputs.popleft() if self.outputs else _NO_NAME
            self.held -= len(url) + len(name)
            if name and self.folder:
                name = f"{self.folder}/{name}"
            yield UrlItem(
                *(resolved(url, context), line, context.source, name or None),
                headers=tuple(self.headers),
            )


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield an item for each URL, in bounded memory. Raises `UsageError` for what is beyond it."""
    transfer = _Transfer()
    for number, line in enumerate(lines(stream, context.source), start=1):
        text = line.decode("utf-8", "surrogateescape").strip()
        if not text or text.startswith("#"):
            continue
        found = None if is_cut(line) else _OPTION.fullmatch(text)
        if found is None:
            why = f"the line is longer than {LONGEST_LINE // 1024} KiB" if is_cut(line) else ""
            yield unusable(text, number, context, why or "this is no option of curl")
            continue
        name = _SHORT.get(found[1], found[1])
        if name == "next":
            yield from transfer.ready(context, is_over=True)
            transfer = _Transfer()
            continue
        try:
            transfer.take(name, _value(found[2]), number)
        except ValueError as why:
            raise UsageError(f"{context.source}:{number}: {why}") from None
        yield from transfer.ready(context)
    yield from transfer.ready(context, is_over=True)


def _value(text: str) -> str:
    """Return an option's value without its quotes and escapes; a plain one ends at a blank."""
    quoted = _QUOTED.match(text)
    if quoted is None:
        return text.split(maxsplit=1)[0] if text.strip() else ""
    return re.sub(r"\\(.)", lambda each: _ESCAPES.get(each[1], each[1]), quoted[1])
