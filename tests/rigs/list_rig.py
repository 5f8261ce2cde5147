"""Readers of lists, given the bytes of one."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from downloader.formats.reading import ListContext, Read
from downloader.models import UrlItem

SHA = "0123456789abcdef" * 4
MD5 = "0123456789abcdef" * 2


def listed(read: Read, data: bytes | str, **context: Any) -> list[UrlItem]:
    """Read a list."""
    raw = data if isinstance(data, bytes) else data.encode()
    return list(read(io.BufferedReader(io.BytesIO(raw)), ListContext("list", **context)))


def faults(items: list[UrlItem]) -> list[tuple[int, str]]:
    """Return where items are that cannot be used, and why."""
    return [(item.line, item.fault) for item in items if item.fault is not None]


class _Long(io.RawIOBase):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._rest = self._rest or next(self._pieces, b"")
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


def peak_of(read: Read, pieces: Iterator[bytes], **context: Any) -> int:
    """Return the most bytes that were held while a long list was read."""
    stream = cast(BinaryIO, io.BufferedReader(_Long(pieces)))
    tracemalloc.start()
    try:
        for _ in read(stream, ListContext("list", **context)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
