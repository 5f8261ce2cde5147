"""Codings in which bodies are sent (RFC 9110 section 8.4), taken off in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from downloader.checksums import compare
from downloader.formats import packed
from downloader.formats.packed import Decompressor, Gzip
from downloader.models import Kind
from downloader.wire.errors import TransferError, cleaned

# What is asked for if bodies shall be sent as they are.
NONE = "identity"
# Bytes that are unpacked at once, whatever becomes of those that came.
BLOCK = 256 * 1024
# Of zstd: 8 MiB, the largest that may be sent (RFC 9659).
_WINDOW_LOG = 23

_MAKERS: Mapping[str, Callable[[], Decompressor | None]] = {
    "gzip": Gzip,
    "br": packed.brotli,
    "zstd": lambda: packed.zstd(_WINDOW_LOG),
}
# A body may have several, one after the other: gzip's members, zstd's frames (RFC 1952, RFC 8878).
_REPEATED = frozenset({"gzip", "zstd"})
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110 section 8.4.1.3


@cache
def known() -> tuple[str, ...]:
    """Return the codings that can be taken off here; some need a package that is an extra."""
    return tuple(name for name, make in _MAKERS.items() if make() is not None)


def to_take_off(coding: str, path: str) -> str:
    """Return which of our codings a body is sent in, "" for one that is stored as it is sent.

    `coding` is its Content-Encoding. That of a file which has a coding of its own by its name, such
    as "gzip" of "a.gz", is the file's, and stays. Raises `TransferError` for more than one.
    """
    names = [each.strip() for each in coding.split(",")]
    names = [_ALIASES.get(each, each) for each in names if each not in ("", NONE)]
    if len(names) > 1:
        text = f"the body is sent in more than one coding, and one is taken off: {cleaned(coding)}"
        raise TransferError("protocol", text)
    if not names or names[0] not in known() or compare.is_of_name(names[0], path):
        return ""
    return names[0]


def decompressor(coding: str) -> Decompressor | None:
    """Return what takes a coding off, `None` if that cannot be done here."""
    make = _MAKERS.get(_ALIASES.get(coding, coding))
    return make() if make else None


class Decoding:
    """Takes one coding off one body. Raises `TransferError` for what is broken, cut or too long."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._has_ended = False
        self._inner = self._new()

    def blocks(self, data: bytes) -> Iterator[memoryview]:
        """Yield what the next bytes of the body come to."""
        while data or not (self._inner.eof or self._inner.needs_input):
            if self._inner.eof:
                self._has_ended = True
                self._inner = self._new() if self._coding in _REPEATED else self._inner
            block, data = self._unpacked(data), b""
            if self._inner.eof:
                data = self._inner.unused_data
            if block:
                yield memoryview(block)

    def end(self) -> None:
        """Note that there are no more bytes."""
        if not self._inner.eof:
            raise self._fault("its end is missing", "incomplete")

    def _unpacked(self, data: bytes) -> bytes:
        try:
            return self._inner.decompress(data, BLOCK)
        except MemoryError:
            raise
        except Exception as error:  # each library has its own
            why = "there is something after its end" if self._has_ended else cleaned(str(error))
            raise self._fault(why, "protocol") from error

    def _fault(self, why: str, kind: Kind) -> TransferError:
        text = f"the body's {self._coding} coding is broken: {why}"
        return TransferError(kind, text, retryable=True, once=True)

    def _new(self) -> Decompressor:
        made = decompressor(self._coding)
        assert made is not None
        return made
