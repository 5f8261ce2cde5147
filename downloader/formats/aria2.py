"""Input files of aria2 (aria2c --input-file): the URLs of one file in a line, then its options.

URLs with tabs between them are mirrors of each other; the options of a line are those after it
that begin with a blank. What concerns the file is read (out, dir, checksum, header, referer,
user-agent); how aria2 should fetch it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import unquote

from downloader import checksums, urls
from downloader.formats.reading import ListContext, resolved, unusable
from downloader.formats.text import LONGEST_LINE, is_cut, lines
from downloader.formats.usable import usable
from downloader.models import Digest, UrlItem

MIRRORS = 1000  # of one file, that are read
OPTIONS = 1000  # of one file, that are read


@dataclass(slots=True)
class _Entry:
    """The URLs of a line, and what the lines after it say."""

    line: int
    text: str
    why: str = ""
    options: dict[str, str] = field(default_factory=dict)
    headers: list[tuple[str, str]] = field(default_factory=list)

    def take(self, option: str) -> None:
        """Take in a line of options; the last of several of one name counts, as with aria2."""
        name, _, value = (part.strip() for part in option.partition("="))
        if len(self.options) + len(self.headers) >= OPTIONS:
            self.why = f"it has more than {OPTIONS} options"
        elif name == "header":
            key, _, text = value.partition(":")
            self.headers.append((key.strip(), text.strip()))
        elif name in ("referer", "user-agent"):
            self.headers.append((name.title(), value))
        else:
            self.options[name] = value

    def item(self, context: ListContext) -> UrlItem:
        """Return what is wanted."""
        listed = self.text.split("\t")[:MIRRORS]
        found = usable((url.strip() for url in listed if url.strip()), context)
        if self.why:
            return unusable(self.text, self.line, context, self.why)
        return UrlItem(
            found[0] if found else resolved(listed[0].strip(), context),
            self.line,
            context.source,
            self._name(found),
            self._checksums(),
            mirrors=tuple(found[1:]),
            headers=tuple(self.headers),
        )

    def _name(self, found: list[str]) -> str | None:
        """Return the name; a folder is one below that of the run."""
        name, folder = self.options.get("out", ""), self.options.get("dir", "")
        if not folder or folder == ".":
            return name or None
        if not name and found:
            name = unquote(urls.path(found[0]).rpartition("/")[2], errors="surrogateescape")
        return f"{folder.strip('/')}/{name}"

    def _checksums(self) -> tuple[Digest, ...]:
        """Return the checksum that an option gives as TYPE=DIGEST."""
        given = self.options.get("checksum")
        if given is None:
            return ()
        algorithm, _, digits = given.partition("=")
        return (Digest(checksums.algorithm(algorithm.strip()), digits.strip()),)


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield an item for each line of URLs, in constant memory."""
    entry: _Entry | None = None
    for number, line in enumerate(lines(stream, context.source), start=1):
        text = line.decode("utf-8", "surrogateescape").rstrip("\r\n")
        is_option = text[:1] in (" ", "\t")
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        if is_option and entry:
            entry.take(text)
            continue
        if entry:
            yield entry.item(context)
        entry = _Entry(number, text)
        if is_cut(line):
            entry.why = f"the line is longer than {LONGEST_LINE // 1024} KiB"
        elif is_option:
            entry.why = "there is no URL before this option"
    if entry:
        yield entry.item(context)
