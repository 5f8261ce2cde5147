"""The chunked transfer coding (RFC 9112 section 7.1), read strictly and in bounded memory.

Chunks may be of any size, so their data never passes through a parser: it is handed on from the
buffer into which it was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from downloader.wire.errors import TransferError
from downloader.wire.reader import SocketReader

_LONGEST_LINE = 8 * 1024  # bytes, of a chunk's size with its extension, or of a trailer
_MOST_TRAILERS = 100
_LARGEST = 2**63 - 1  # bytes: no file can be larger

# Blanks after the size are no grammar, but old servers pad it with them, and they hide nothing.
_SIZE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\x00-\x08\x0a-\x1f\x7f]*)?\r\n")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n")


def chunks(reader: SocketReader) -> Iterator[memoryview]:
    """Yield the data of a chunked body, without its framing; each valid until the next one.

    Raises `TransferError` if the framing is broken, `EOFError` if the connection ends inside it.
    """
    while left := _size(reader):
        while left:
            data = reader.some(left)
            if not data:
                raise EOFError
            left -= len(data)
            yield data
        _end_chunk(reader)
    _skip_trailers(reader)


def _size(reader: SocketReader) -> int:
    line = reader.line(_LONGEST_LINE)
    if line is None:
        raise _broken("the line of a chunk's size does not end")
    match = _SIZE.fullmatch(line)
    size = int(match[1], 16) if match else -1
    if not 0 <= size <= _LARGEST:
        raise _broken("the size of a chunk is no number")
    return size


def _end_chunk(reader: SocketReader) -> None:
    while reader.end - reader.start < 2:
        if reader.end > reader.start and reader.data[reader.start] != 0x0D:
            break
        if not reader.fill():
            raise EOFError
    if reader.data[reader.start : reader.start + 2] != b"\r\n":
        # Bytes were lost or added: another try may be luckier.
        raise _broken("a chunk does not end where its size says", once=True)
    reader.start += 2


def _skip_trailers(reader: SocketReader) -> None:
    for _ in range(_MOST_TRAILERS + 1):
        line = reader.line(_LONGEST_LINE)
        if line == b"\r\n":
            return
        if line is None or not _TRAILER.fullmatch(line):
            raise _broken("a trailer is no header line")
    raise _broken(f"more than {_MOST_TRAILERS} trailers")


def _broken(what: str, *, once: bool = False) -> TransferError:
    return TransferError(
        "protocol", f"the chunked body is broken: {what}", retryable=once, once=once
    )
