"""What every test server shares: a free loopback port, a thread a connection, a clean end."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path
from typing import Self

# A self-signed certificate for 127.0.0.1 and localhost with its key, valid for 100 years; made
# for these tests alone.
CERTIFICATE = str(Path(__file__).with_name("localhost.pem"))
# What every server serves, unseen, whatever else it does: a connection is kept afterwards.
WARM_UP = "/warm-up"
WARM = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Listening(ABC):
    """A server on 127.0.0.1; `port` is its own, `connections` counts what it accepted.

    Use it in a `with` block: on leaving, every socket is closed and every thread has ended.
    `closing` is set then, for whoever waits inside `serve`.
    """

    def __init__(self, *, tls: bool = False) -> None:
        self.scheme = "https" if tls else "http"
        self.closing = threading.Event()
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, name=f"accept {self.port}")]

    @abstractmethod
    def serve(self, connection: socket.socket, number: int) -> None:
        """Serve one connection (counted from 1) until it ends; it is closed afterwards."""

    def url(self, path: str = "/", *, login: str = "") -> str:
        """Return the URL of a path on this server."""
        return f"{self.scheme}://{login}{'@' if login else ''}127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every connection and every thread."""
        self.closing.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port)).close()  # wakes accept()
        self._threads[0].join()
        self.hang_up()
        for thread in self._threads:
            thread.join()

    def hang_up(self) -> None:
        """End every open connection; the server goes on."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _accept(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                if self.closing.is_set():
                    connection.close()
                    return
                self.connections += 1
                thread = threading.Thread(
                    target=self._run, args=(connection, self.connections), name=f"serve {self.port}"
                )
                with self._lock:
                    self._open.add(connection)
                    self._threads.append(thread)
                thread.start()

    def _run(self, connection: socket.socket, number: int) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self.scheme == "https":
                connection = self._secured(connection)
            self.serve(connection, number)
        except OSError:
            pass  # the peer went away, or the server closes
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _secured(self, plain: socket.socket) -> ssl.SSLSocket:
        with self._lock:
            secured = _context().wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
            self._open.discard(plain)
            self._open.add(secured)
        try:
            secured.do_handshake()
        except BaseException:
            with self._lock:
                self._open.discard(secured)
            secured.close()
            raise
        return secured


@cache
def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context
