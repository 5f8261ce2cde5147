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
# What the files begin with that have a coding by their names.
_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_LONGEST_HEAD = 64 * 1024  # bytes
_ALIASES = {"x-gzip": "gzip"}  # RFC 9110 section 8.4.1.3


@cache
def known() -> tuple[str, ...]:
    """Return the codings that can be taken off here; some need a package that is an extra."""
    return tuple(name for name, make in _MAKERS.items() if make() is not None)


def to_take_off(coding: str) -> str:
    """Return which of our codings a body is sent in, "" for one that is stored as it is sent.

    `coding` is its Content-Encoding. Raises `TransferError` for more than one.
    """
    names = [each.strip() for each in coding.split(",")]
    names = [_ALIASES.get(each, each) for each in names if each not in ("", NONE)]
    if len(names) > 1:
        text = f"the body is sent in more than one coding, and one is taken off: {cleaned(coding)}"
        raise TransferError("protocol", text)
    return names[0] if names and names[0] in known() else ""


def decoding(coding: str, path: str) -> Decoding:
    """Return what takes a coding off the body that is to be stored at a path."""
    return SecondDecoding(coding) if compare.is_of_name(coding, path) else Decoding(coding)


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

    def end(self) -> bytes:
        """Return what is left once there are no more bytes."""
        if not self._inner.eof:
            raise self._fault("its end is missing", "incomplete")
        return b""

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


class SecondDecoding(Decoding):
    """Takes a coding off a file that has it by its name, as "a.gz" has gzip, if it is there twice.

    Many servers declare the coding of such a file as that of the body, which then is the file;
    others pack it once more on the way. What is inside tells: the file is packed itself.
    """

    def __init__(self, coding: str) -> None:
        super().__init__(coding)
        self._magic = _MAGIC.get(coding, b"")
        self._is_second: bool | None = None if self._magic else False
        self._sent = self._inside = b""

    def blocks(self, data: bytes) -> Iterator[memoryview]:
        """Yield what the next bytes of the body come to, none until it is clear."""
        if self._is_second:
            yield from super().blocks(data)
        elif self._is_second is False:
            yield memoryview(data)
        else:
            self._sent += data
            inside = super().blocks(data)
            self._look(inside)
            if self._is_second is not None:
                yield memoryview(self._inside if self._is_second else self._sent)
            if self._is_second:
                yield from inside

    def end(self) -> bytes:
        """Return what is left once there are no more bytes."""
        if self._is_second:
            return super().end()
        return self._sent if self._is_second is None else b""

    def _look(self, inside: Iterator[memoryview]) -> None:
        """Decide, if that can be done by now."""
        try:
            while len(self._inside) < len(self._magic) and (block := next(inside, None)):
                self._inside += block
        except TransferError:  # it is not in that coding, however it is called
            self._is_second = False
            return
        if len(self._inside) >= len(self._magic):
            self._is_second = self._inside.startswith(self._magic)
        elif len(self._sent) > _LONGEST_HEAD:
            self._is_second = False
