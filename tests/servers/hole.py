"""An address that swallows packets: nothing that connects there gets an answer (Linux)."""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import Any, Self

import pytest

# Elsewhere a full queue is answered, and 127.0.0.2 is no address.
needs_holes = pytest.mark.skipif(sys.platform != "linux", reason="full queues swallow on Linux")


class Hole:
    """A listening socket whose queue is full; `drain` lets it take what comes again."""

    def __init__(self, address: str, port: int = 0) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(0)
        self.port: int = self.listener.getsockname()[1]
        self._fill = [self._filled(family, address) for _ in range(3)]

    def _filled(self, family: int, address: str) -> socket.socket:
        sock = socket.socket(family)
        sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            sock.connect((address, self.port))
        return sock

    @property
    def found(self) -> Any:
        """What a resolver says of the address."""
        return resolved(self.listener.getsockname()[0], self.port)

    def drain(self) -> None:
        """Take all connections from now on, and close them at once."""
        for sock in self._fill:
            sock.close()
        with contextlib.suppress(OSError):
            while True:
                self.listener.accept()[0].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in (*self._fill, self.listener):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


def resolved(address: str, port: int) -> Any:
    """Return what `socket.getaddrinfo` says of an address."""
    return socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]


def resolve_to(monkeypatch: pytest.MonkeyPatch, host: str, *found: Any) -> None:
    """Have a name lead to these addresses; all other names fare as before."""
    real = socket.getaddrinfo

    def fake(name: Any, *given: Any, **more: Any) -> Any:
        return list(found) if name == host else real(name, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", fake)
