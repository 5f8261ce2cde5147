"""Messages between two processes, with open connections: marshalled values on a socket pair.

Values are plain (numbers, texts, bytes, tuples, lists): a batch of them costs less than one pickle.
"""

from __future__ import annotations

import marshal
import os
import socket
import struct
from collections import deque
from collections.abc import Iterator
from typing import Any, cast

# Bytes before each message: its length.
_LENGTH = struct.Struct("<I")
# Bytes, and descriptors, that one reading takes.
_PIECE = 256 * 1024
_DESCRIPTORS = 64


class Channel:
    """One end of a socket pair; a message may carry one descriptor.

    Raises `EOFError` once the other end is gone, or no file can be opened for a descriptor.
    """

    def __init__(self, end: socket.socket) -> None:
        self._socket = end
        self._received = bytearray()
        self._descriptors: deque[int] = deque()

    def fileno(self) -> int:
        """Return what can be waited for."""
        return self._socket.fileno()

    def send(self, *message: object, descriptor: int | None = None) -> None:
        """Send one message, waiting while the other end has much to read."""
        data = marshal.dumps((descriptor is not None, cast(Any, message)))
        framed = _LENGTH.pack(len(data)) + data
        try:
            if descriptor is not None:
                sent = socket.send_fds(self._socket, [framed], [descriptor])
                framed = framed[sent:]
            self._socket.sendall(framed)
        except OSError as error:
            raise EOFError from error

    def receive(self) -> Iterator[tuple[tuple[Any, ...], int | None]]:
        """Read what has come, waiting for something; yield each whole message and its descriptor.

        A descriptor is the receiver's to close.
        """
        try:
            data, descriptors, flags, _ = socket.recv_fds(self._socket, _PIECE, _DESCRIPTORS)
        except OSError as error:
            raise EOFError from error
        self._descriptors += descriptors
        if not data or flags & socket.MSG_CTRUNC:  # a connection is lost: nobody knows which
            raise EOFError
        self._received += data
        return self._messages()

    def close(self) -> None:
        """Close this end, and what came with messages that nobody has read."""
        self._socket.close()
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def _messages(self) -> Iterator[tuple[tuple[Any, ...], int | None]]:
        while len(self._received) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._received)
            end = _LENGTH.size + length
            if len(self._received) < end:
                return
            # From our own process, started by or starting this one.
            has_descriptor, message = marshal.loads(self._received[_LENGTH.size : end])
            del self._received[:end]
            yield message, self._descriptors.popleft() if has_descriptor else None
