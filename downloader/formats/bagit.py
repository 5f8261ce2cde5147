"""Bags (RFC 8493): the files that `fetch.txt` names, to be checked against the bag's manifests."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from typing import BinaryIO, NamedTuple

from downloader import checksums
from downloader.errors import UsageError
from downloader.formats.cells import UnusableRow, size
from downloader.formats.reading import ListContext, resolved, unusable
from downloader.formats.text import is_cut, lines
from downloader.models import Digest, UrlItem
from downloader.state.spill_digests import SpillDigests

# RFC 8493 section 2.2.3: URL, length or "-", path, with blanks or tabs between them.
_ROW = re.compile(r"(\S+)[ \t]+([0-9]+|-)[ \t]+(.+)")
# Section 2.1.3: checksum, then the path below the bag; "*" as md5sum writes it is found, too.
_SUM = re.compile(r"([0-9A-Fa-f]{8,128})[ \t]+\*?(.+)")
_MANIFEST = re.compile(r"(?:tag)?manifest-([A-Za-z0-9_-]+)\.txt")
_ENCODED = re.compile("%(0[AaDd]|25)")  # section 2.1.3: line ends, and the percent sign
DECLARATION = "bagit.txt"
PAYLOAD = "data"  # the folder whose files all stand in manifests (section 2.1.2)


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield an item for each line, in bounded memory, named by its path below the bag.

    If the list stands in a bag, a file that no manifest names cannot be used, since nobody could
    say whether it is right. Raises `UsageError` for manifests that cannot be read.
    """
    with closing(SpillDigests()) as sums:
        is_bag = _read_manifests(context, sums)
        for number, line in enumerate(lines(stream, context.source), start=1):
            if line.strip():
                yield _item(line, number, context, sums if is_bag else None)


def decoded(path: str) -> str:
    """Return the path that an encoded one stands for, in NFC, so that both lists mean the same."""
    return composed(_plain(path))


def composed(path: str) -> str:
    """Return a path in NFC."""
    return unicodedata.normalize("NFC", path)


def _plain(path: str) -> str:
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), path)


def _item(line: bytes, number: int, context: ListContext, sums: SpillDigests | None) -> UrlItem:
    text = line.decode("utf-8", "surrogateescape").strip("\r\n")
    row = None if is_cut(line) else _ROW.fullmatch(text.strip(" \t"))
    if row is None:
        return unusable(text, number, context, "a line of fetch.txt is: URL, length or -, path")
    url, length, path = row[1], row[2], decoded(row[3])
    try:
        bytes_ = None if length == "-" else size(length)
    except UnusableRow as why:
        return unusable(text, number, context, str(why))
    known: tuple[Digest, ...] = ()
    if sums is not None:
        known = sums.get(path)
        if not known:
            unknown = f"no manifest of the bag that can be checked here names {path!r}"
            return unusable(text, number, context, unknown)
    return UrlItem(resolved(url, context), number, context.source, path, known, bytes_)


def _read_manifests(context: ListContext, sums: SpillDigests) -> bool:
    """Take in the sums of the bag in which a list stands; return False if it stands in none."""
    if context.path is None:
        return False
    folder = os.path.dirname(os.path.abspath(context.path))
    if not os.path.isfile(os.path.join(folder, DECLARATION)):
        return False
    for path, algorithm in manifests(folder):
        for entry in entries(path, algorithm):
            sums.add(composed(entry.path), entry.digest)
    return True


class Entry(NamedTuple):
    """A line of a manifest: a path below the bag as it is written there, and a digest."""

    path: str
    digest: Digest
    line: int


def manifest(path: str) -> str | None:
    """Return the algorithm of a manifest in a bag, `None` if the file at a path is none."""
    found = _MANIFEST.fullmatch(os.path.basename(path))
    folder = os.path.dirname(path) or os.curdir
    is_in_bag = found and os.path.isfile(os.path.join(folder, DECLARATION))
    return checksums.algorithm(found[1]) if found and is_in_bag else None


def manifests(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the path of each manifest of a bag with its algorithm, if that can be computed."""
    for name in sorted(os.listdir(folder)):
        found = _MANIFEST.fullmatch(name)
        algorithm = checksums.algorithm(found[1]) if found else ""
        if checksums.size(algorithm):
            yield os.path.join(folder, name), algorithm


def entries(path: str, algorithm: str) -> Iterator[Entry]:
    """Yield the lines of a manifest. Raises `UsageError` if it cannot be read."""
    try:
        with open(path, "rb") as stream:
            for number, line in enumerate(lines(stream, path), start=1):
                text = line.decode("utf-8-sig", "surrogateescape").strip("\r\n")
                found = None if is_cut(line) else _SUM.fullmatch(text)
                if found and len(found[1]) == 2 * (checksums.size(algorithm) or 0):
                    digest = Digest(algorithm, found[1].lower())
                    yield Entry(_plain(found[2].removeprefix("./")), digest, number)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or str(error)).lower()}") from None
