"""A reply's body: its bytes to the part as they come, or let go."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from downloader.shared import TransferProgress
from downloader.wire.errors import Cancelled, TransferError
from downloader.wire.framing import Framing
from downloader.wire.reply import Reply

# A body that is not wanted is read where that is cheaper than another connection.
_DRAINED = 64 * 1024  # bytes
_PATIENCE = 2.0  # seconds


def receive(
    reply: Reply,
    write: Callable[[int, memoryview], None],
    track: TransferProgress,
    is_over: Callable[[], bool],
    most: float,
) -> int:
    """Write the whole body as it was sent, undecoded, and return where it ends, in bytes.

    It begins where the track says. `write` takes an offset and bytes that are valid during the
    call. Raises `TransferError` if the body ends early, falls silent, is broken or goes beyond
    `most` bytes, `Cancelled` once the run is over.
    """
    ending, body, done = reply.framing, reply.body(), track.done
    end = None if ending.length is None else done + ending.length
    while True:
        data = _next(body, (done, end), reply, is_over)
        if data is None:
            break
        if done + len(data) > most:
            raise TransferError("too-large", f"the body has more than {most:.0f} bytes")
        write(done, data)
        done += len(data)
        track.advance(len(data))
        if done != end and is_over():
            raise Cancelled
    if ending.ends_with_connection and is_over():  # its end may be the one that breaking off made
        raise Cancelled
    return done


def dismiss(reply: Reply) -> None:
    """Let a reply's body go: a tiny one is read so that the connection stays, others are cut."""
    with contextlib.suppress(Exception):  # then it is closed below
        length = reply.framing.length
        if length is not None and length <= _DRAINED:
            reply.hurry(_PATIENCE)
            for _ in reply.body():
                pass
    reply.close()  # which spares a connection whose body is at its end


def _next(
    body: Iterator[memoryview],
    extent: tuple[int, int | None],
    reply: Reply,
    is_over: Callable[[], bool],
) -> memoryview | None:
    try:
        return next(body, None)
    except Exception as error:
        if is_over():
            raise Cancelled from error
        fault = _fault(error, extent, reply)
        if fault is None:
            raise
        raise fault from error


def _fault(error: Exception, extent: tuple[int, int | None], reply: Reply) -> TransferError | None:
    done, end = extent
    so_far = f"{done} bytes" if end is None else f"{done} of {end} bytes"
    match error:
        case TimeoutError():
            text = f"no data for {reply.silence:g} s after {so_far}"
            return TransferError("timeout", text, retryable=True)
        case ConnectionError():
            text = f"connection reset after {so_far}"
            return TransferError("incomplete", text, retryable=True)
        case EOFError():
            return TransferError("incomplete", _early_end(so_far, reply.framing), retryable=True)
    return None


def _early_end(so_far: str, ending: Framing) -> str:
    if ending.length is not None:
        return f"short body: {so_far}"
    if ending.is_chunked:
        return f"connection closed inside a chunked body after {so_far}"
    return f"TLS ended without notice after {so_far}: the body may have been cut"
