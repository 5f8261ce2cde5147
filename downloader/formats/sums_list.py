"""Sums files as lists: every file that one names, below `--base`, with all of its checksums.

A file's checksums may stand far from each other (Debian's `Release` has a section for each
algorithm), so the whole file is read before its first item is given.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any, BinaryIO, cast
from urllib.parse import quote

from downloader.errors import DiskFailed, UsageError
from downloader.formats import sums
from downloader.formats.reading import ListContext, resolved, unusable
from downloader.models import UrlItem
from downloader.state.spill import WHERE, SpillDict
from downloader.state.spill_digests import SpillDigests

IN_MEMORY = 1 << 20  # bytes of names, beyond which they go to a temporary file
_IN_PATH = "/!$&'()*+,;=:@~"  # what a path may hold as it is (RFC 3986 section 3.3)


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield an item for each name, once, in the order of the file and in bounded memory.

    Raises `UsageError` without `--base`, and `DiskFailed` if the temporary folder is full.
    """
    if context.base is None:
        how = "say with --base URL which folder its files are in, or give it with --sums"
        raise UsageError(f"{context.source}: this is a list of checksums: {how}")
    with (
        closing(SpillDigests()) as digests,
        closing(SpillDict()) as known,
        tempfile.SpooledTemporaryFile(IN_MEMORY) as names,
    ):
        _read_all(stream, context, digests, known, names)
        names.seek(0)
        for row in names:
            name, line = json.loads(row)
            yield _item(name, line, context, digests)


class Counted:
    """A stream that knows the number of the line that was read last."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_within = False
        self.line = 0
        self.last = b""  # what was read of that line last

    def readline(self, size: int = -1) -> bytes:
        """Read a line, or so much of it."""
        data = self._stream.readline(size)
        self.line += bool(data) and not self._is_within
        self.last = data or self.last
        self._is_within = bool(data) and not data.endswith(b"\n")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _read_all(
    stream: BinaryIO,
    context: ListContext,
    digests: SpillDigests,
    known: SpillDict,
    names: IO[bytes],
) -> None:
    counted = Counted(stream)
    try:
        for written, digest in sums.parse(cast(BinaryIO, counted), context.source):
            name = _plain(written)
            digests.add(name, digest)
            if known.add(name, 0):
                names.write(json.dumps([name, counted.line]).encode() + b"\n")
    except OSError as error:
        raise DiskFailed(f"{WHERE}: {error.strerror}") from error


def _plain(name: str) -> str:
    """Return a name with "/" between its folders, as below the base."""
    name = name.replace("\\", "/") if "/" not in name else name
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name


def _item(name: str, line: int, context: ListContext, digests: SpillDigests) -> UrlItem:
    if not name or name.endswith("/"):
        return unusable(name, line, context, "no name of a file stands beside this checksum")
    if name.startswith("/") or ".." in name.split("/"):
        return unusable(name, line, context, "the name leads out of the folder that --base names")
    path = quote(name, safe=_IN_PATH, errors="surrogateescape")
    return UrlItem(resolved(path, context), line, context.source, name, digests.get(name))
