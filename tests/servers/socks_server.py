"""A SOCKS5 proxy (RFC 1928, RFC 1929) that records what it is asked for, or misbehaves."""

from __future__ import annotations

import socket
import struct
import threading

from listening import Listening
from tunnel import pass_on

SUCCEEDED = b"\x05\x00\x00\x01" + bytes(6)


class SocksServer(Listening):
    """Connects every request to its end, or to `to`, and passes bytes both ways.

    With `login` it wants that user and password. `answer` replaces its reply to each request, after
    which it closes; `mute` has it say nothing at all.
    """

    def __init__(
        self,
        to: tuple[str, int] | None = None,
        *,
        login: tuple[bytes, bytes] | None = None,
        answer: bytes = b"",
        mute: bool = False,
    ) -> None:
        super().__init__()
        self._to = to
        self._login = login
        self._answer = answer
        self._mute = mute
        self.asked: list[tuple[str, int]] = []

    def proxy(self, scheme: str = "socks5h", login: str = "") -> str:
        """Return the proxy's own URL."""
        return self.url("", login=login).replace("http", scheme, 1)

    def serve(self, connection: socket.socket, number: int) -> None:
        """Open one tunnel and keep it until either side ends it."""
        if self._mute:
            connection.recv(1)
            self.closing.wait()
            return
        if not self._is_welcome(connection):
            return
        end = self._end_asked_for(connection)
        self.asked.append(end)
        if self._answer:
            connection.sendall(self._answer)
            return
        with socket.create_connection(self._to or end) as target:
            connection.sendall(SUCCEEDED)
            back = threading.Thread(target=pass_on, args=(target, connection))
            back.start()
            pass_on(connection, target)
            back.join()

    def _is_welcome(self, connection: socket.socket) -> bool:
        _, count = _read(connection, 2)
        offered = _read(connection, count)
        method = 0 if self._login is None else 2
        if method not in offered:
            connection.sendall(b"\x05\xff")
            return False
        connection.sendall(bytes([5, method]))
        if self._login is None:
            return True
        user = _read(connection, _read(connection, 2)[1])
        is_right = (user, _read(connection, _read(connection, 1)[0])) == self._login
        connection.sendall(b"\x01\x00" if is_right else b"\x01\x01")
        return is_right

    def _end_asked_for(self, connection: socket.socket) -> tuple[str, int]:
        kind = _read(connection, 4)[3]
        if kind == 3:
            host = _read(connection, _read(connection, 1)[0]).decode()
        elif kind == 1:
            host = socket.inet_ntop(socket.AF_INET, _read(connection, 4))
        else:
            host = socket.inet_ntop(socket.AF_INET6, _read(connection, 16))
        return host, struct.unpack(">H", _read(connection, 2))[0]


def _read(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data
