"""Lists that are packed, or in UTF-16: unpacked and recoded on the way, told by their first bytes.

Memory is bounded: a decompressor gives a block at a time, whatever becomes of its input. Only one
coding is taken off: what is packed twice is no list.
"""

from __future__ import annotations

import bz2
import codecs
import errno
import lzma
from collections.abc import Callable, Mapping
from typing import NamedTuple

from downloader.errors import UsageError
from downloader.formats import packed
from downloader.formats.packed import Decompressor, Gzip
from downloader.inputs.streaming import BLOCK, Stage

# Bytes that an .xz or .zst file may make its reader hold: xz -9 and zstd --long=27 need less.
MOST_MEMORY = 192 * 1024 * 1024
_WINDOW_LOG = 27  # of zstd: 128 MiB

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _xz() -> Decompressor:
    return lzma.LZMADecompressor(memlimit=MOST_MEMORY)


def _zstd() -> Decompressor:
    made = packed.zstd(_WINDOW_LOG)
    if made is None:
        raise UsageError("the list is packed with zstd: pip install 'dl-downloader[zstd]'")
    return made


class Packing(NamedTuple):
    """How a list is packed, and what unpacks it."""

    name: str
    make: Callable[[], Decompressor]


# By the bytes with which they begin.
PACKINGS: Mapping[bytes, Packing] = {
    b"\x1f\x8b\x08": Packing("gzip", Gzip),
    b"\xfd7zXZ\0": Packing("xz", _xz),
    b"BZh": Packing("bzip2", bz2.BZ2Decompressor),
    b"\x28\xb5\x2f\xfd": Packing("zstd", _zstd),
}


def plain(stage: Stage) -> Stage:
    """Return what gives the bytes of a list without packing, as UTF-8, without a byte order mark.

    A stage that gives them already is returned itself. Waits for the first bytes.
    """
    start = stage.head(_is_told)
    for magic, packing in PACKINGS.items():
        if start.startswith(magic):
            stage = Unpacked(stage, packing)
    start = stage.head(lambda head: len(head) >= len(codecs.BOM_UTF8) or b"\n" in head)
    if start.startswith(_UTF_16):
        return Recoded(stage)
    if start.startswith(codecs.BOM_UTF8):
        stage.skip(len(codecs.BOM_UTF8))
    return stage


def _is_told(head: bytes) -> bool:
    """Return True if no packing begins so, or one does."""
    if not head:
        return False
    return not any(magic.startswith(head) for magic in PACKINGS if len(head) < len(magic))


class Unpacked(Stage):
    """What was packed, member after member. Raises `OSError` for what is damaged or cut off."""

    def __init__(self, source: Stage, packing: Packing) -> None:
        super().__init__(source)
        self._packed = source
        self._packing = packing
        self._member = packing.make()
        self._rest = b""

    def more(self) -> bytes | None:
        """Return a block of what has come."""
        while True:
            if self._member.eof and not self._next_member():
                return b"" if self._packed.is_over else None
            data, self._rest = self._rest, b""
            if not data and self._member.needs_input:
                taken = self._packed.take()
                if taken is None:
                    return None
                if not taken:
                    raise self._damaged("is cut off")
                data = taken
            if unpacked := self._unpack(data):
                return unpacked

    def _next_member(self) -> bool:
        """Begin what follows the end of a member, zeros left out; false if it has not come."""
        rest = self._member.unused_data.lstrip(b"\0")
        while not rest:
            taken = self._packed.take()
            if not taken:
                return False
            rest = taken.lstrip(b"\0")
        self._member = self._packing.make()
        self._rest = rest
        return True

    def _unpack(self, data: bytes) -> bytes:
        try:
            return self._member.decompress(data, BLOCK)
        except Exception as error:  # each of them has its own
            raise self._damaged("is damaged, or not all of it is") from error

    def _damaged(self, how: str) -> OSError:
        return OSError(errno.EIO, f"the {self._packing.name} data {how}")


class Recoded(Stage):
    """UTF-16 with its byte order mark as UTF-8; what is no text stays what no reader takes."""

    def __init__(self, source: Stage) -> None:
        super().__init__(source)
        self._coded = source
        self._decoder = codecs.getincrementaldecoder("utf-16")("surrogatepass")

    def more(self) -> bytes | None:
        """Return a block of what has come."""
        text = ""
        while not text:
            data = self._coded.take()
            if data is None:
                return None
            if not data:
                return self._end()
            text = self._decoder.decode(data)
        return text.encode("utf-8", "surrogatepass")

    def _end(self) -> bytes:
        try:
            text = self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self._decoder.reset()
            return b"\xff"
        return text.encode("utf-8", "surrogatepass")
