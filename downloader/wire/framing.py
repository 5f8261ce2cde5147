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
    """The body's length in bytes, if it is declared; it may be chunked too; else it has no end.

    `is_last` says that the connection is not to be used again.
    """

    length: int | None
    is_chunked: bool = False
    is_last: bool = False

    @property
    def ends_with_connection(self) -> bool:
        """Return True if the body is what comes until the connection ends."""
        return self.length is None and not self.is_chunked


def framing(head: Head) -> Framing:
    """Return how the body of this reply ends (RFC 9112 section 6.3).

    Raises `TransferError` if that is not clear: lengths that differ or are no plain number, a
    transfer coding other than chunked. Chunks beside a length, or in HTTP/1.0, are what real
    servers send: they are read as chunks, and must agree with the length; "identity", a coding of
    old (RFC 2616 section 3.6), says nothing beside a length. Whoever sends those may mean something
    else by what follows, so that their connection ends (RFC 9112 sections 6.1 and 6.3).
    """
    codings = head.fields.getlist("Transfer-Encoding")
    lengths = head.fields.get("Content-Length")
    length = None if lengths is None else declared_length(lengths)
    if not codings:
        return Framing(length)
    coding = codings[0].lower() if len(codings) == 1 else ""
    if coding == "chunked":
        return Framing(length, is_chunked=True, is_last=length is not None or head.minor == 0)
    if coding == "identity" and length is not None:
        return Framing(length, is_last=True)
    raise _unclear("Transfer-Encoding")


def pieces(reader: SocketReader, ending: Framing) -> Iterator[memoryview]:
    """Yield a body's bytes as they come, undecoded; each piece is valid until the next one.

    Raises `EOFError` if the connection ends inside it, or may have been cut; `TransferError` for
    broken chunks; and what reading from a `SocketReader` raises.
    """
    if ending.is_chunked:
        return chunks(reader) if ending.length is None else _agreeing(ending.length, reader)
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


def _agreeing(length: int, reader: SocketReader) -> Iterator[memoryview]:
    """Yield the data of chunks. Raises `TransferError` if they are not of that length together."""
    left = length
    for data in chunks(reader):
        left -= len(data)
        if left < 0:
            raise _disagreeing("more", length)
        yield data
    if left:
        raise _disagreeing("less", length)


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


def _disagreeing(how: str, length: int) -> TransferError:
    return TransferError("protocol", f"the chunked body has {how} than the declared {length} bytes")


def _unclear(why: str) -> TransferError:
    return TransferError("protocol", f"it is not clear where the reply ends ({why})")
