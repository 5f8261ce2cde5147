"""What comes from the peer: read into one large buffer a thread, taken from it without copies."""

from __future__ import annotations

import ssl
import time
from typing import Any

from downloader.wire import tls
from downloader.wire.deadlines import Deadlines, no_reply

# One read takes what has arrived, up to this; half of it costs large files a third more CPU time.
SIZE = 512 * 1024  # bytes


class Buffer:
    """A thread's buffer: what one exchange reads is used up before the next one begins."""

    __slots__ = ("data", "view")

    def __init__(self) -> None:
        self.data = bytearray(SIZE)
        self.view = memoryview(self.data)


class SocketReader:
    """The bytes of one connection that were read and not used yet: `data[start:end]`.

    `is_ragged` says that TLS ended without the peer's notice (close_notify, RFC 8446 section
    6.1): somebody on the way may have cut it. One read takes `piece` bytes at most; it raises
    `TimeoutError` after a silence, `TransferError` for the other deadlines, `ConnectionError` if
    the peer broke off. `received` was read before, by somebody else.
    """

    __slots__ = ("_piece", "_sock", "_view", "data", "deadlines", "end", "is_ragged", "start")

    def __init__(
        self,
        sock: Any,
        buffer: Buffer,
        deadlines: Deadlines,
        piece: int = SIZE,
        received: bytes = b"",
    ) -> None:
        self.data = buffer.data
        self.start = 0
        self.end = len(received)
        if received:
            buffer.view[: self.end] = received
        self.deadlines = deadlines
        self.is_ragged = False
        self._view = buffer.view
        self._sock = sock
        self._piece = piece

    @property
    def is_spent(self) -> bool:
        """Return True if the peer has sent nothing, so far, that was not used."""
        tls = getattr(self._sock, "sslobj", self._sock)  # urllib3's TLS within TLS
        is_pending = getattr(tls, "pending", None)
        return self.start == self.end and not (is_pending and is_pending())

    def send(self, data: bytes) -> None:
        """Send all of it on the same connection."""
        self.deadlines.arm(self._sock, time.monotonic())
        self._sock.sendall(data)

    def fill(self) -> int:
        """Read what has arrived, waiting for it; return how many bytes, 0 at the end."""
        if self.start == self.end:
            self.start = self.end = 0
        elif self.end == SIZE:
            self._move_to_front()
        began = time.monotonic()
        self.deadlines.arm(self._sock, began)
        received = self._receive()
        self.deadlines.note(received, time.monotonic() - began)
        self.end += received
        return received

    def take(self, end: int) -> bytes:
        """Use what there is up to the index `end`."""
        start, self.start = self.start, end
        return bytes(self._view[start:end])

    def some(self, most: int) -> memoryview:
        """Use up to `most` bytes, none only at the end; valid until the next reading."""
        if self.start == self.end and not self.fill():
            return self._view[:0]
        start = self.start
        self.start = min(self.end, start + most)
        return self._view[start : self.start]

    def line(self, most: int) -> bytes | None:
        """Use one line with the LF that ends it, `None` if it has more than `most` bytes.

        Raises `EOFError` at the end.
        """
        searched = 0
        while (found := self.data.find(b"\n", self.start + searched, self.end)) < 0:
            searched = self.end - self.start
            if searched >= most:
                return None
            if not self.fill():
                raise EOFError
        if found - self.start >= most:
            return None
        return self.take(found + 1)

    def _receive(self) -> int:
        try:
            return int(self._sock.recv_into(self._view[self.end : self.end + self._piece]))
        except TimeoutError:
            self.deadlines.check()
            if self.deadlines.awaits_reply:
                raise no_reply(self.deadlines.timeouts) from None
            raise
        except ssl.SSLError as error:
            if not tls.is_end(error):
                raise
            self.is_ragged = tls.is_ragged(error)
            return 0

    def _move_to_front(self) -> None:
        rest = self.end - self.start
        self._view[:rest] = self._view[self.start : self.end]
        self.start, self.end = 0, rest
