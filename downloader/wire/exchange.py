"""The exchange: one request, one reply, on a connection that is kept for the next.

The request goes out in one send; the reply's head is read into a buffer and parsed by llhttp (see
`parser`); a body goes from the same buffer into the part, past any parser; the connection is kept
in `KeptConnections`. Plain connections are opened here, all others by urllib3 (see `pooled`).
"""

from __future__ import annotations

import socket
from collections.abc import Hashable
from typing import Any

from downloader.wire.connections import Connections
from downloader.wire.reply import Reply, final_head

# Small requests go out at once (RFC 1122 section 4.2.3.4), as with most clients.
_OPTIONS = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]


class HttpConnection:
    """A connection whose replies are read strictly; `route` is where it leads, and through what."""

    host: str
    port: int
    sock: Any
    route: Hashable = None
    _wire: Connections

    def exchange(self, request: bytes, received: bytes | None = None) -> Reply:
        """Send a request and read the head of its reply.

        If another part has sent it already, `received` is what has come of the reply since then.
        Raises `TransferError` for a reply that cannot be trusted, `NoReplyError` if the connection
        ends before its first byte; the connection is closed then.
        """
        try:
            reader = self._wire.reader(self, received or b"")
            if received is None:
                reader.send(request)
            return Reply(final_head(reader), reader, self)
        except BaseException:
            self.close()
            raise

    def reopen(self, sock: socket.socket) -> None:
        """Go on with a socket that was open before, for somebody else."""
        self._wire.watch(sock)
        self.sock = sock

    def keep(self) -> None:
        """Let another request use the connection, now that no reply is under way on it."""
        self._wire.kept.put(self.route, self)

    def close(self) -> None:
        """Close the connection; twice is no error."""
        sock, self.sock = self.sock, None
        if sock is not None:
            sock.close()


class PlainConnection(HttpConnection):
    """A connection without TLS, straight to its host."""

    def __init__(self, host: str, port: int, *, wire: Connections) -> None:
        self.host = host.strip("[]")
        self.port = port
        self.sock = None
        self._wire = wire

    def connect(self) -> None:
        """Open the connection. Raises `OSError`, or `TransferError` for the item's time."""
        with self._wire.opening((self.host, self.port)):
            self.sock = self._wire.dial(self.host, self.port, _OPTIONS)
