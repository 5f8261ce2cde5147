"""A reply: its head has been read, its body comes piece by piece; then its connection is free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from downloader.wire.errors import NoReplyError, TransferError
from downloader.wire.framing import Framing, framing, pieces
from downloader.wire.head import Head
from downloader.wire.parser import read_head
from downloader.wire.reader import SocketReader

if TYPE_CHECKING:
    from downloader.wire.exchange import HttpConnection

# Replies that only announce another one (RFC 9110 section 15.2): more than these are an attack.
_MOST_INFORMATIONAL = 20


class Reply:
    """A reply whose body is unread: to be read or let go before its thread's next request."""

    def __init__(self, head: Head, reader: SocketReader, connection: HttpConnection) -> None:
        self.status = head.status
        self.reason = head.reason
        self.headers = head.fields
        self._head = head
        self._reader = reader
        self._connection = connection
        self._framing: Framing | None = None
        self._is_open = True

    @property
    def framing(self) -> Framing:
        """How the body ends. Raises `TransferError` if that is not clear."""
        if self._framing is None:
            self._framing = framing(self._head)
        return self._framing

    def body(self) -> Iterator[memoryview]:
        """Yield the body as it comes, each piece valid until the next, and let the reply go.

        Raises what `framing.pieces` raises.
        """
        ending = self.framing
        yield from pieces(self._reader, ending)
        is_over = ending.ends_with_connection or ending.is_last
        self._let_go(is_spent=not is_over and self._reader.is_spent)

    @property
    def silence(self) -> float:
        """The longest silence between two of its bytes, in seconds."""
        return self._reader.deadlines.timeouts.silence

    def hurry(self, seconds: float) -> None:
        """Give up on the body after this time."""
        self._reader.deadlines.hurry(seconds)

    def close(self) -> None:
        """Let the reply go: its connection ends, unless the whole body was read."""
        self._let_go(is_spent=False)

    def _let_go(self, *, is_spent: bool) -> None:
        if not self._is_open:
            return
        self._is_open = False
        if is_spent and self._head.keeps_alive:
            self._connection.keep()
        else:
            self._connection.close()


def final_head(reader: SocketReader) -> Head:
    """Read the head that is no announcement (RFC 9110 section 15.2)."""
    if reader.start == reader.end:
        reader.deadlines.await_reply()
    for announced in range(_MOST_INFORMATIONAL + 1):
        head = read_head(reader)
        if head is None and announced:
            text = "the connection was closed after an informational reply"
            raise TransferError("incomplete", text, retryable=True)
        if head is None:
            raise NoReplyError("the peer closed the connection without a reply")
        if head.status >= 200:
            return head
    raise TransferError(
        "protocol", f"more than {_MOST_INFORMATIONAL} informational replies in a row"
    )
