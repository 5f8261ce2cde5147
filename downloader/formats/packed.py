"""Packed bytes, unpacked a block at a time: a decompressor gives no more, whatever it is given."""

from __future__ import annotations

import importlib
import zlib
from types import ModuleType
from typing import Any, Protocol


class Decompressor(Protocol):
    """What `bz2`, `lzma` and `compression.zstd` have in common."""

    @property
    def eof(self) -> bool:
        """Return True at the end of what was packed."""
        ...

    @property
    def needs_input(self) -> bool:
        """Return True if nothing more comes of what it was given."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Return what followed the end."""
        ...

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most so many bytes of what was packed."""
        ...


class Gzip:
    """`zlib` as the others are (RFC 1952)."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Return True at the end of a member, whose sum is right."""
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        """Return what followed the end."""
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return at most so many bytes of what was packed."""
        unpacked = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(unpacked) < max_length
        return unpacked


class Brotli:
    """`brotli`, an extra, as the others are (RFC 7932); what follows the end is an error of its."""

    unused_data = b""

    def __init__(self, brotli: Any) -> None:
        self._inner = brotli.Decompressor()
        self.needs_input = True

    @property
    def eof(self) -> bool:
        """Return True at the end of the stream."""
        return bool(self._inner.is_finished())

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Return some bytes of what was packed: hardly more than `max_length`."""
        unpacked: bytes = self._inner.process(data, output_buffer_limit=max_length)
        self.needs_input = self._inner.can_accept_more_data() and len(unpacked) < max_length
        return unpacked


def brotli() -> Decompressor | None:
    """Return what unpacks brotli, `None` without its extra."""
    module = _first_of("brotli")
    return None if module is None else Brotli(module)


def zstd(window_log: int) -> Decompressor | None:
    """Return what unpacks zstd with windows of up to so many bits, `None` without its extra."""
    module: Any = _first_of("compression.zstd", "backports.zstd")  # from Python 3.14 on its own
    if module is None:
        return None
    options = {module.DecompressionParameter.window_log_max: window_log}
    made: Decompressor = module.ZstdDecompressor(options=options)
    return made


def _first_of(*names: str) -> ModuleType | None:
    """Return the first of these modules that is there."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None
