"""A reply's head, from its status line to its blank line: bounded, parsed by llhttp, judged here.

Which parser was decided by measuring over 127 odd heads, the fault catalogue and its mutations:

                               llhttp      h11         http.client
    broken field lines taken   0 of 32     7 of 32     31 of 32
    broken status lines taken  8 of 30     4 of 30     8 of 30
    broken framing taken       12 of 31    3 of 31     31 of 31
    good heads refused         2 of 30     0 of 30     1 of 30
    one head of nginx's        2 us        30 us       29 us

Either library needs the exact status line, the bounds and one place that decides where the body
ends (`framing`), which are a pattern, two numbers and a function. The hard part is the field
lines, where llhttp (through httptools) is exact: folded lines, NUL and other controls, a bare CR,
blanks around a name are all refused. Two of its leniencies are set: lines that end in a bare LF are
common and no other reading of them exists; and what a length beside a transfer coding means is for
`framing` to say. The two good heads that it refuses repeat one length (RFC 9110 section 8.6); they
are parsed again with that length once.
"""

from __future__ import annotations

import re

from httptools import HttpParserError, HttpResponseParser

from downloader.wire.errors import TransferError, cleaned
from downloader.wire.framing import declared_length
from downloader.wire.head import Fields, Head
from downloader.wire.reader import SocketReader

_LONGEST_LINE = 64 * 1024  # bytes
_MOST_FIELDS = 100
_LARGEST = 256 * 1024  # bytes of a head: less than an reader's buffer
_SHOWN = 40  # characters of what is no reply

_BEGINNING = b"HTTP/1."
_STATUS_LINE = re.compile(
    rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?\r?\n"  # RFC 9112 section 4
)
_BLANK_LINE = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"(?<=\n)content-length:([^\r\n]*)\r?\n", re.IGNORECASE)


def read_head(reader: SocketReader) -> Head | None:
    """Read one head, `None` if the connection ended before its first byte.

    Raises `TransferError` for what is no head, and if the connection ends inside it.
    """
    searched = 0  # bytes, without the start of a blank line at their end
    while reader.end > reader.start or _fill(reader):
        _check_beginning(reader)
        blank = _BLANK_LINE.search(reader.data, reader.start + searched, reader.end)
        if blank is not None:
            return parsed(reader.take(blank.end()))
        if reader.end - reader.start > _LARGEST:
            raise _too_large(bytes(reader.data[reader.start : reader.end]))
        searched = max(0, reader.end - reader.start - 2)
        _fill(reader)
    return None


def parsed(block: bytes) -> Head:
    """Return the head that these bytes are, from its status line to its blank line."""
    line = _STATUS_LINE.match(block)
    if line is None:
        raise _no_reply(block)
    if len(block) > _LONGEST_LINE and max(map(len, block.split(b"\n"))) > _LONGEST_LINE:
        raise _too_large(block)
    if len(block) > _LARGEST:
        raise _too_large(block)
    if block.count(b"\n") - 2 > _MOST_FIELDS:
        raise TransferError("protocol", f"the reply has more than {_MOST_FIELDS} header lines")
    minor, status, reason = line.groups(b"")
    if status == b"101":  # llhttp would leave HTTP here
        raise TransferError("protocol", "101 Switching Protocols: nobody asked for that")
    return Head(int(minor), int(status), reason.decode("latin-1").strip(), _fields(block))


def _fields(block: bytes) -> Fields:
    try:
        return _parsed_fields(block)
    except HttpParserError as error:
        merged, broken = _with_one_length(block), _broken(error)
    if merged is None:
        raise broken
    try:
        return _parsed_fields(merged)
    except HttpParserError as error:
        raise _broken(error) from None


def _parsed_fields(block: bytes) -> Fields:
    fields = Fields()
    parser = HttpResponseParser(fields)
    parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_chunked_length=True)
    parser.feed_data(block)
    return fields


def _with_one_length(block: bytes) -> bytes | None:
    """Replace lengths that are repeated alike by one; `None` if there is no length.

    Raises `TransferError` if it is not clear how long the body is.
    """
    lengths = _LENGTH.findall(block)
    if not lengths:
        return None
    length = declared_length(b", ".join(lengths).decode("latin-1"))
    rest = _LENGTH.sub(b"", block)
    ending = _STATUS_LINE.match(block)
    assert ending is not None
    return b"%bContent-Length: %d\r\n%b" % (ending[0], length, rest[ending.end() :])


def _fill(reader: SocketReader) -> int:
    """Read more; return 0 at the end if nothing of a head was read yet."""
    has_begun = reader.end > reader.start
    try:
        received = reader.fill()
    except ConnectionError:
        if not has_begun:
            raise
        text = "the connection was reset inside the reply's header"
        raise TransferError("incomplete", text, retryable=True) from None
    if has_begun and not received:
        text = "the connection was closed inside the reply's header"
        raise TransferError("incomplete", text, retryable=True)
    return received


def _check_beginning(reader: SocketReader) -> None:
    """Refuse what is no reply of HTTP/1 by its first bytes, before more of it is waited for."""
    beginning = _BEGINNING[: reader.end - reader.start]
    if not reader.data.startswith(beginning, reader.start):
        raise _no_reply(bytes(reader.data[reader.start : reader.end]))


def _no_reply(block: bytes) -> TransferError:
    line = block.partition(b"\n")[0][: 2 * _SHOWN].decode("latin-1")
    shown = "".join(each if each.isprintable() else " " for each in line)
    text = f"not a reply of HTTP/1: it begins with {cleaned(shown)[:_SHOWN]}"
    return TransferError("protocol", text, retryable=True, once=True)


def _too_large(block: bytes) -> TransferError:
    if max(map(len, block.split(b"\n"))) > _LONGEST_LINE:
        return TransferError("protocol", f"a header line is longer than {_LONGEST_LINE >> 10} KiB")
    return TransferError("protocol", f"the reply's header is larger than {_LARGEST >> 10} KiB")


def _broken(error: HttpParserError) -> TransferError:
    return TransferError("protocol", f"the reply's header is broken: {cleaned(str(error))}")
