"""urllib3's connections, watched: timed while they open, and broken off from any thread.

urllib3's seams are used: its connections' `connect()` and `_new_conn()` (which urllib3's own SOCKS
connections override; ours are in `socks`).
"""

from __future__ import annotations

import socket
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from downloader.wire.connections import Connections


class Watched(HTTPConnection):
    """A connection that tells how it opened and can be broken off."""

    def __init__(self, *args: Any, wire: Connections, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wire = wire

    def connect(self) -> None:
        """Open the connection and note the time that took."""
        with self._wire.opening((self.host, self.port)):
            super().connect()

    def _new_conn(self) -> socket.socket:
        try:
            return self._open_socket()
        except OSError as error:
            # Not an OSError itself: urllib3 takes some of those for a fault while sending.
            raise NewConnectionError(self, str(error)) from error

    def _open_socket(self) -> socket.socket:
        options, to_proxy = list(self.socket_options or ()), self.proxy is not None
        return self._wire.dial(self.host, self.port, options, to_proxy=to_proxy)


class WatchedTls(Watched, HTTPSConnection):
    """The same over TLS."""

    def connect(self) -> None:
        """Open the connection; its handshake can be broken off too."""
        self._twin: socket.socket | None = None
        try:
            super().connect()
            inner = getattr(self.sock, "socket", self.sock)  # TLS within TLS, to an https proxy
            self._wire.watch(inner)
        finally:
            if self._twin is not None:
                self._twin.close()

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        try:
            # ssl takes the socket's descriptor for the handshake: a second one stays in reach.
            self._twin = sock.dup()
            self._wire.watch(self._twin)
        except OSError:
            sock.close()
            raise
        return sock
