"""urllib3's connections, watched: timed while they open, and broken off from any thread.

urllib3's seams are used: its connections' `connect()` and `_new_conn()` (which urllib3's own SOCKS
connections override).
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import threading
import time
from typing import Any
from weakref import WeakSet

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.util.wait import wait_for_write

from downloader.policy import Timeouts
from downloader.urls.addresses import is_private_host, is_public
from downloader.wire.deadlines import NEVER, Deadlines, Opening
from downloader.wire.errors import not_public
from downloader.wire.kept import KeptConnections
from downloader.wire.reader import SIZE, Buffer, SocketReader


class Notes(threading.local):
    """What a thread's connections did for its present request.

    `connecting` is the seconds spent opening connections, `opening` true while (or because) one
    does not open, `peer` where it leads. The caller sets `until`, when (by `time.monotonic()`) the
    time of its item is up.
    """

    connecting = 0.0
    opening = False
    peer = ("", 0)
    until = NEVER

    def __init__(self) -> None:
        self.buffer = Buffer()
        self.deadlines: Deadlines = Deadlines(Timeouts())


class Connections:
    """All sockets of one fetcher, and each thread's notes; `piece` bytes are read at once.

    With `public_only` no connection opens to an address that is not public, proxies' excepted.
    """

    def __init__(self, timeouts: Timeouts, *, public_only: bool = False) -> None:
        self._public_only = public_only
        self.notes = Notes()
        self.piece = SIZE
        self._timeouts = timeouts
        self.broken = False
        self._lock = threading.Lock()
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self.kept = KeptConnections()

    def watch(self, sock: socket.socket) -> None:
        """Break this socket off with all others. Raises `OSError` when that has happened."""
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

    def inlet(self, connection: Watched, received: bytes = b"") -> SocketReader:
        """Return what reads the next reply on a connection, within the present deadlines.

        Of that reply `received` has come already.
        """
        notes = self.notes
        if not notes.opening:
            notes.deadlines = Deadlines(self._timeouts, notes.until)
            notes.peer = (connection.host, connection.port)
        return SocketReader(connection.sock, notes.buffer, notes.deadlines, self.piece, received)

    def open(self, peer: tuple[str, int]) -> None:
        """Note that this thread's connection opens from now on."""
        notes = self.notes
        notes.opening, notes.peer = True, peer
        notes.deadlines = Opening(self._timeouts, notes.until)

    def refuse_private_host(self, host: str) -> None:
        """Raise `Fault` for a URL's host that is not public, whoever would look it up."""
        if self._public_only and is_private_host(host):
            raise not_public(host)

    def dial(
        self, host: str, port: int, options: list[Any], *, to_proxy: bool = False
    ) -> socket.socket:
        """Connect to the first of the host's addresses that answers.

        As `socket.create_connection`, but it can be broken off while it connects, and addresses
        share the time there is. Raises `Fault` where none of them may be connected to.
        """
        failed: OSError = ConnectionError("the host has no address")
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        if self._public_only and not to_proxy:
            found = _public(host, found)
        for tried, (family, kind, proto, _, address) in enumerate(found):
            patience = self.notes.deadlines.patience(time.monotonic())
            sock = socket.socket(family, kind, proto)
            try:
                for option in options:
                    sock.setsockopt(*option)
                self._connect(sock, address, patience / (len(found) - tried))
                return sock
            except OSError as error:
                sock.close()
                failed = error
            except BaseException:
                sock.close()
                raise
        self.notes.deadlines.check()
        raise failed

    def _connect(self, sock: socket.socket, address: Any, patience: float) -> None:
        sock.setblocking(False)
        number = sock.connect_ex(address)
        if number in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            self.watch(sock)  # not before: what does not connect yet cannot be shut
            if not wait_for_write(sock, patience):
                raise TimeoutError("timed out")
            number = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            raise OSError(number, os.strerror(number))
        self.notes.deadlines.arm(sock, time.monotonic())


class Watched(HTTPConnection):
    """A connection that notes how it opened and can be broken off."""

    def __init__(self, *args: Any, wire: Connections, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._wire = wire

    def connect(self) -> None:
        """Open the connection and note the time that took."""
        notes = self._wire.notes
        self._wire.open((self.host, self.port))
        began = time.monotonic()
        try:
            super().connect()
            notes.opening = False
        finally:
            notes.connecting += time.monotonic() - began

    def _new_conn(self) -> socket.socket:
        try:
            options, to_proxy = list(self.socket_options or ()), self.proxy is not None
            return self._wire.dial(self.host, self.port, options, to_proxy=to_proxy)
        except OSError as error:
            # Not an OSError itself: urllib3 takes some of those for a fault while sending.
            raise NewConnectionError(self, str(error)) from error


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


def _public(host: str, found: list[Any]) -> list[Any]:
    """Leave only the public ones of the addresses that were looked up; they are used as they are.

    Raises `Fault` where none is: a name may lead inside today and outside tomorrow.
    """
    public = [each for each in found if is_public(each[4][0])]
    if found and not public:
        raise not_public(host, found[0][4][0])
    return public
