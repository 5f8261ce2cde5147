"""The text of sums files: unpacked, and decoded if they were sent coded."""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO

from downloader.errors import UsageError
from downloader.formats import packed
from downloader.formats.packed import Decompressor, Gzip
from downloader.inputs.streaming import BLOCK, Stage, Standing
from downloader.inputs.unpacking import Packing, Unpacked, plain
from downloader.text import size

# Bytes that a fetched sums file may have once it is unpacked.
LARGEST = 1 << 30
# What a body's own first bytes tell.
_TOLD = frozenset({"", "gzip", "x-gzip", "zstd"})


def text(stream: BinaryIO) -> BinaryIO:
    """Return the text of a file of this machine. Raises `OSError` for what is damaged."""
    return io.BufferedReader(plain(Standing(stream)), BLOCK)


def fetched_text(stream: BinaryIO, coding: str) -> BinaryIO:
    """Return the text of a fetched file, which was sent with this Content-Encoding.

    It may have been packed before it was coded. Raises `UsageError` for a coding that cannot be
    read, later for what unpacks to too much, and `OSError` for what is damaged.
    """
    stage: Stage = Standing(stream)
    if coding not in _TOLD:
        stage = Unpacked(stage, Packing(coding, lambda: _decompressor(coding)))
    stage = plain(stage)
    return io.BufferedReader(Bounded(plain(stage) if coding else stage), BLOCK)


def _decompressor(coding: str) -> Decompressor:
    made = Deflate() if coding == "deflate" else packed.brotli() if coding == "br" else None
    if made is None:
        raise UsageError(f"it was sent with Content-Encoding {coding}, which cannot be read")
    return made


class Bounded(Stage):
    """What another stage gives, up to `LARGEST` bytes; more is a `UsageError`."""

    def __init__(self, source: Stage) -> None:
        super().__init__(source)
        self._given = source
        self._left = LARGEST

    def more(self) -> bytes | None:
        """Return the next bytes."""
        data = self._given.take()
        self._left -= len(data or b"")
        if self._left < 0:
            raise UsageError(f"unpacked it has more than {size(LARGEST)}")
        return data


class Deflate(Gzip):
    """The coding "deflate" (RFC 9110 section 8.4.1.2), also without the header it needs."""

    def __init__(self) -> None:
        super().__init__()
        self._has_begun = False

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most so many bytes of what was packed."""
        if data and not self._has_begun:
            self._has_begun = True
            has_header = data[0] & 0x0F == 8 and int.from_bytes(data[:2]) % 31 == 0
            self._inner = zlib.decompressobj(15 if has_header else -15)
        return super().decompress(data, max_length)
