"""A reply's body: how long it must be, and its bytes to the part as they come."""

from __future__ import annotations

import contextlib
import http.client
import re
import time
from collections.abc import Callable, Mapping

from urllib3.response import BaseHTTPResponse

from downloader.shared import Track
from downloader.transfer.classify import causes
from downloader.transfer.faults import Fault, Interrupted

PIECE = 1024 * 1024  # bytes asked for at once; what has arrived is taken, however little

# A body that is not wanted is read where that is cheaper than another connection.
_DRAINED = 64 * 1024  # bytes
_PATIENCE = 2.0  # seconds

_LARGEST = 2**63 - 1  # bytes: no file can be larger
_DIGITS = re.compile(r"[0-9]+")


def declared_length(headers: Mapping[str, str]) -> int | None:
    """Return the body's length in bytes, `None` where it ends otherwise (RFC 9112 section 6).

    Raises `Fault` where it is not clear where the body ends: more than one length, a length that
    is no plain number, a transfer coding other than chunked.
    """
    lengths = headers.get("Content-Length")
    coding = headers.get("Transfer-Encoding")
    if coding is not None:
        if coding.strip().lower() != "chunked" or lengths is not None:
            raise Fault("protocol", "it is not clear where the reply ends (Transfer-Encoding)")
        return None
    if lengths is None:
        return None
    one, *others = {each.strip() for each in lengths.split(",")}  # repeated alike is allowed
    if others or not _DIGITS.fullmatch(one):
        raise Fault("protocol", "it is not clear where the reply ends (Content-Length)")
    if len(one.lstrip("0")) > 19 or int(one) > _LARGEST:
        raise Fault("too-large", f"the reply declares {one[:40]} bytes")
    return int(one)


def receive(
    reply: BaseHTTPResponse,
    write: Callable[[int, bytes], None],
    track: Track,
    is_over: Callable[[], bool],
    silence: float,
) -> int:
    """Write the whole body as it was sent, undecoded, and return its size in bytes.

    `write` takes an offset and the bytes; `track.size` is the declared length, where there is one.
    Raises `Fault` where it ends early or falls silent, `Interrupted` once the run is over.
    """
    length = track.size
    done = 0
    while True:
        try:
            wanted = PIECE if length is None else min(PIECE, length - done) or 1
            data = reply.read1(wanted, decode_content=False)
        except Exception as error:
            fault = Interrupted() if is_over() else _broken(error, done, length, silence)
            if fault is None:
                raise
            raise fault from error
        if data:
            write(done, data)
            done += len(data)
            track.advance(len(data))
        if done == length:
            return done
        if is_over():  # an end may be the one that breaking off made
            raise Interrupted
        if not data:
            break
    if length is not None:
        raise _short(done, length)
    return done


def dismiss(reply: BaseHTTPResponse) -> None:
    """Let a reply's body go: a tiny one is read so that the connection stays, others are cut."""
    sock = getattr(reply.connection, "sock", None)  # none where the connection ends anyway
    length = reply.length_remaining
    if sock is not None and length is not None and length <= _DRAINED:
        deadline = time.monotonic() + _PATIENCE
        sock.settimeout(_PATIENCE)  # until its next request
        with contextlib.suppress(Exception):  # then it is closed below
            while time.monotonic() < deadline and reply.read1(_DRAINED, decode_content=False):
                pass
    reply.close()  # which spares a connection whose body is at its end


def _broken(error: Exception, done: int, length: int | None, silence: float) -> Fault | None:
    chain = list(causes(error))
    if any(isinstance(cause, TimeoutError) for cause in chain):
        text = f"no data for {silence:g} s after {_amount(done, length)}"
        return Fault("timeout", text, retryable=True)
    if any(isinstance(cause, ConnectionError) for cause in chain):
        text = f"connection reset after {_amount(done, length)}"
        return Fault("incomplete", text, retryable=True)
    if any(isinstance(cause, http.client.IncompleteRead) for cause in chain):
        return _short(done, length)
    return None


def _short(done: int, length: int | None) -> Fault:
    if length is None:
        text = f"connection closed inside a chunked body after {done} bytes"
    else:
        text = f"short body: {done} of {length} bytes"
    return Fault("incomplete", text, retryable=True)


def _amount(done: int, length: int | None) -> str:
    return f"{done} bytes" if length is None else f"{done} of {length} bytes"
