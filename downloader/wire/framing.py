"""Where a reply's body ends: one of three ways, or the reply is refused; and its bytes so far."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from downloader.wire.chunks import chunks
from downloader.wire.errors import TransferError
from downloader.wire.head import Head
from downloader.wire.reader import SIZE, SocketReader

_LARGEST = 2**63 - 1  # bytes: no file can be larger
_DIGITS = re.compile(r"[0-9]+")
_SHORT = 19  # digits: a shorter number is below the largest
_SHOWN = 40  # digits of what is refused


class Framing(NamedTuple):
    """The body's length in bytes, if it is declared; else it is chunked, or has no end."""

    length: int | None
    is_chunked: bool = False

    @property
    def ends_with_connection(self) -> bool:
        """Return True if the body is what comes until the connection ends."""
        return self.length is None and not self.is_chunked


def framing(head: Head) -> Framing:
    """Return how the body of this reply ends (RFC 9112 section 6.3).

    Raises `TransferError` if that is not clear: lengths that differ or are no plain number, a
    transfer coding other than chunked or together with a length.
    """
    codings = head.fields.getlist("Transfer-Encoding")
    lengths = head.fields.get("Content-Length")
    if codings:
        if len(codings) > 1 or codings[0].lower() != "chunked":
            raise _unclear("Transfer-Encoding")
        if lengths is not None or head.minor == 0:
            raise _unclear("Transfer-Encoding")
        return Framing(None, is_chunked=True)
    return Framing(None if lengths is None else declared_length(lengths))


def pieces(reader: SocketReader, ending: Framing) -> Iterator[memoryview]:
    """Yield a body's bytes as they come, undecoded; each piece is valid until the next one.

    Raises `EOFError` if the connection ends inside it, or may have been cut; `TransferError` for
    broken chunks; and what reading from a `SocketReader` raises.
    """
    if ending.is_chunked:
        return chunks(reader)
    return _until_the_end(reader) if ending.length is None else _exactly(ending.length, reader)


def declared_length(lengths: str) -> int:
    """Return the one length that a list of them declares (RFC 9110 section 8.6)."""
    if len(lengths) < _SHORT and lengths.isascii() and lengths.isdigit():
        return int(lengths)
    one, *others = {each.strip(" \t") for each in lengths.split(",")}  # repeated alike is allowed
    if others or not _DIGITS.fullmatch(one):
        raise _unclear("Content-Length")
    if len(one.lstrip("0")) > 19 or int(one) > _LARGEST:
        raise TransferError("too-large", f"the reply declares {one[:_SHOWN]} bytes")
    return int(one)


def _exactly(length: int, reader: SocketReader) -> Iterator[memoryview]:
    while length:
        data = reader.some(length)
        if not data:
            raise EOFError
        length -= len(data)
        yield data


def _until_the_end(reader: SocketReader) -> Iterator[memoryview]:
    while data := reader.some(SIZE):
        yield data
    if reader.is_ragged:
        raise EOFError


def _unclear(why: str) -> TransferError:
    return TransferError("protocol", f"it is not clear where the reply ends ({why})")
