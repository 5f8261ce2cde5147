"""All sockets of one fetcher: opened with patience, read with deadlines, broken off together."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from downloader.policy import Timeouts
from downloader.urls.addresses import is_private_host, is_public
from downloader.wire.deadlines import Deadlines, Opening
from downloader.wire.dialling import Race, Remembered
from downloader.wire.errors import not_public
from downloader.wire.kept import KeptConnections
from downloader.wire.reader import SIZE, SocketReader
from downloader.wire.state import ThreadState

if TYPE_CHECKING:
    from downloader.wire.exchange import HttpConnection


class Connections:
    """All sockets of one fetcher, and each thread's state; up to `piece` bytes are read at once.

    With `public_only` no connection opens to an address that is not public, proxies' excepted.
    """

    def __init__(self, timeouts: Timeouts, *, public_only: bool = False, piece: int = SIZE) -> None:
        self._public_only = public_only
        self.state = ThreadState(timeouts)
        self.kept = KeptConnections()
        self._remembered = Remembered()
        self._piece = piece
        self._timeouts = timeouts
        self.broken = False
        self._lock = threading.Lock()
        self._sockets: WeakSet[socket.socket] = WeakSet()

    def watch(self, sock: socket.socket) -> None:
        """Break this socket off with all others. Raises `OSError` if that has happened."""
        with self._lock:
            if not self.broken:
                self._sockets.add(sock)
                return
        raise ConnectionAbortedError("broken off")

    def break_off(self) -> None:
        """Wake every thread that waits on a socket, and let no socket open any more."""
        with self._lock:
            self.broken = True
            sockets = list(self._sockets)
        for sock in sockets:
            with contextlib.suppress(OSError):  # closed meanwhile
                # Not SSLSocket.shutdown(): it would let the reader go on without TLS.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def reader(self, connection: HttpConnection, received: bytes = b"") -> SocketReader:
        """Return what reads the next reply on a connection, within the present deadlines.

        Of that reply `received` has come already.
        """
        state = self.state
        if not state.opening:
            state.deadlines = Deadlines(self._timeouts, state.until)
            state.peer = (connection.host, connection.port)
        return SocketReader(connection.sock, state.buffer, state.deadlines, self._piece, received)

    @contextlib.contextmanager
    def opening(self, peer: tuple[str, int]) -> Iterator[None]:
        """Note that this thread's connection opens meanwhile, and the time that it takes."""
        state = self.state
        state.opening, state.peer = True, peer
        state.deadlines = Opening(self._timeouts, state.until)
        began = time.monotonic()
        try:
            yield
            state.opening = False
        finally:
            state.connecting += time.monotonic() - began

    def refuse_private_host(self, host: str) -> None:
        """Raise `TransferError` for a URL's host that is not public, whoever would look it up."""
        if self._public_only and is_private_host(host):
            raise not_public(host)

    def dial(
        self, host: str, port: int, options: list[Any], *, to_proxy: bool = False
    ) -> socket.socket:
        """Connect to the first of the host's addresses that answers (see `dialling`).

        It can be broken off while it connects. Raises `TransferError` if none of the addresses may
        be connected to.
        """
        name = host.strip("[]")
        found = self._look_up(name, port, to_proxy=to_proxy)
        order = self._remembered.sort(name, found)
        with contextlib.closing(Race(options, self.watch)) as race:
            sock, address = race.run(order, self._patience)
        self._remembered.note(name, address, order)
        try:
            self.state.deadlines.arm(sock, time.monotonic())
        except BaseException:
            sock.close()
            raise
        return sock

    def address(self, host: str, port: int) -> str:
        """Look a host up for a proxy that does not; return its first address that may be used."""
        return str(self._look_up(host, port)[0][4][0])

    def _look_up(self, host: str, port: int, *, to_proxy: bool = False) -> list[Any]:
        found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return _public(host, found) if self._public_only and not to_proxy else found

    def _patience(self) -> float:
        """Return the seconds that this thread's connection may still take to open."""
        return self.state.deadlines.patience(time.monotonic())


def _public(host: str, found: list[Any]) -> list[Any]:
    """Leave only the public ones of the addresses that were looked up; they are used as they are.

    Raises `TransferError` if none is: a name may lead inside today and outside tomorrow.
    """
    public = [each for each in found if is_public(each[4][0])]
    if found and not public:
        raise not_public(host, found[0][4][0])
    return public
