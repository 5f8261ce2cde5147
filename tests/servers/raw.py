r"""A scripted server on raw sockets, for replies that no well-behaved server gives.

with RawServer([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b"short"]) as server:
fetch(server.url("/a.bin"))
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from good import Request, read_request
from listening import WARM, WARM_UP, Listening

End = Literal["close", "notify", "reset", "keep", "stall"]
Piece = bytes | threading.Event


@dataclass(frozen=True, slots=True)
class Endless:
    """Pieces without end: the first, then another again and again, after a pause in seconds."""

    first: bytes
    again: bytes
    pause: float = 0.0

    def __iter__(self) -> Iterator[bytes]:
        """Begin anew for every connection."""
        yield self.first
        while True:
            time.sleep(self.pause)
            yield self.again


_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 seconds


@dataclass(frozen=True, slots=True)
class Script:
    """What is sent after a request, and what happens then.

    `pieces` are sent one after the other; an event among them is waited for. `step` is the bytes
    of one write, 0 for a piece at once. `then`: close (TLS is cut), notify (close TLS in order),
    reset, keep for another request, or stall until the peer goes. Without `reads` no request is
    read first.
    """

    pieces: Iterable[Piece] = ()
    then: End = "close"
    step: int = 0
    reads: bool = True


class RawServer(Listening):
    """Plays one script on every connection, or another one by path or by connection.

    `paths` has scripts by the request's target, or for each a script by request; `each` has one
    for the first connection, one for the second. The last of several serves for ever. `sent` is
    set whenever all of a script was sent, or the peer would not have it.
    """

    def __init__(
        self,
        pieces: Iterable[Piece] = (),
        *,
        then: End = "close",
        step: int = 0,
        reads: bool = True,
        paths: Mapping[str, Script | Sequence[Script]] | None = None,
        each: Sequence[Script] = (),
        tls: bool = False,
    ) -> None:
        super().__init__(tls=tls)
        self.requests: list[Request] = []
        self.sent = threading.Event()
        self._script = Script(pieces, then, step, reads)
        self._paths = dict(paths or {})
        self._each = list(each)

    def serve(self, connection: socket.socket, number: int) -> None:
        """Play the connection's script, again and again where it keeps the connection."""
        script = self._script
        if self._each:
            script = self._each[min(number, len(self._each)) - 1]
        with connection.makefile("rb") as stream:
            while True:
                if script.reads:
                    request = read_request(stream, number)
                    if request is None:
                        return
                    if request.path == WARM_UP:
                        connection.sendall(WARM)
                        continue
                    self.requests.append(request)
                    script = self._script_for(request) or script
                self._play(connection, script)
                if script.then != "keep":
                    break
        self._end(connection, script.then)

    def _script_for(self, request: Request) -> Script | None:
        scripts = self._paths.get(request.path)
        if scripts is None or isinstance(scripts, Script):
            return scripts
        asked = sum(earlier.path == request.path for earlier in self.requests)
        return scripts[min(asked, len(scripts)) - 1]

    def _play(self, connection: socket.socket, script: Script) -> None:
        try:
            for piece in script.pieces:
                if isinstance(piece, threading.Event):
                    while not (piece.wait(0.02) or self.closing.is_set()):
                        pass
                    continue
                step = script.step or len(piece) or 1
                for start in range(0, len(piece), step):
                    connection.sendall(piece[start : start + step])
        finally:
            self.sent.set()

    def _end(self, connection: socket.socket, then: End) -> None:
        if then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        elif then == "notify":
            cast(ssl.SSLSocket, connection).unwrap()
        elif then == "stall":
            while connection.recv(65536):
                pass
