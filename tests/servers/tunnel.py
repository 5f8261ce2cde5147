"""A proxy that tunnels (CONNECT, RFC 9110 section 9.3.6) and records who asked for what."""

from __future__ import annotations

import contextlib
import socket
import threading

from good import Request, read_request
from listening import Listening


class TunnelServer(Listening):
    """Connects every CONNECT to its target, or to `to`, and passes bytes both ways."""

    def __init__(self, to: tuple[str, int] | None = None) -> None:
        super().__init__()
        self._to = to
        self.requests: list[Request] = []

    def serve(self, connection: socket.socket, number: int) -> None:
        """Open one tunnel and keep it until either side ends it."""
        with connection.makefile("rb", buffering=0) as stream:
            request = read_request(stream, number)  # type: ignore[arg-type]  # reads lines too
        if request is None:
            return
        self.requests.append(request)
        host, _, port = request.path.rpartition(":")
        with socket.create_connection(self._to or (host, int(port))) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=pass_on, args=(target, connection))
            back.start()
            pass_on(connection, target)
            back.join()


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    """Pass bytes on until either side ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for each in (source, sink):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
