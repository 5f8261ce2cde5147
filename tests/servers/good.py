"""A well-behaved HTTP/1.1 server: keep-alive, fixed or scripted replies, a record of requests.

with GoodServer({"/a.bin": b"bytes"}, delay=0.05) as server:
fetch(server.url("/a.bin"))
assert server.requests[0].headers["accept-encoding"] == "identity"
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO

from listening import WARM, WARM_UP, Listening


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: `path` is the target as it was sent, header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    connection: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: `chunked` is the size of its chunks, 0 for a Content-Length.

    `delay` is the seconds before the header, `close` ends the connection afterwards.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunked: int = 0
    delay: float = 0.0
    close: bool = False


Step = bytes | Reply
Route = Step | Sequence[Step] | Callable[[Request], Reply]


def redirect(location: str, status: int = 302) -> Reply:
    """Return a reply that leads elsewhere."""
    return Reply(status=status, headers={"Location": location})


def echo(request: Request) -> Reply:
    """Answer with the request's headers as a JSON object."""
    return Reply(json.dumps(dict(request.headers)).encode())


class GoodServer(Listening):
    """Serves `files`: a path leads to bytes, a reply, a script, or a function of the request.

    A script gives one reply a request, its last one for ever. `delay` is seconds before every
    reply, `rate` a cap in bytes per second on every connection, `headers` go with every reply.
    What is not in `files` is answered with 404.
    """

    def __init__(
        self,
        files: Mapping[str, Route] | None = None,
        *,
        delay: float = 0.0,
        rate: float | None = None,
        headers: Mapping[str, str] | None = None,
        tls: bool = False,
    ) -> None:
        super().__init__(tls=tls)
        self.files: dict[str, Route] = dict(files or {})
        self.requests: list[Request] = []
        self._delay = delay
        self._rate = rate
        self._headers = dict(headers or {})

    @property
    def paths(self) -> list[str]:
        """The targets that were asked for, in their order."""
        return [request.path for request in self.requests]

    def serve(self, connection: socket.socket, number: int) -> None:
        """Answer request after request until the peer, or a reply, ends the connection."""
        with connection.makefile("rb") as stream:
            while (request := read_request(stream, number)) is not None:
                if request.path == WARM_UP:
                    connection.sendall(WARM)
                    continue
                self.requests.append(request)
                reply = self._reply(request)
                self.closing.wait(self._delay + reply.delay)
                self._send(connection, head(reply, self._headers))
                if request.method != "HEAD":
                    self._send(connection, framed(reply), self._rate)
                if reply.close or request.headers.get("connection") == "close":
                    return

    def _reply(self, request: Request) -> Reply:
        route = self.files.get(request.path, Reply(b"not here", 404))
        if callable(route):
            return route(request)
        if isinstance(route, bytes | Reply):
            return _as_reply(route)
        asked = self.paths.count(request.path)
        return _as_reply(route[min(asked, len(route)) - 1])

    def _send(self, connection: socket.socket, data: bytes, rate: float | None = None) -> None:
        if rate is None:
            connection.sendall(data)
            return
        tick = 0.02  # seconds
        step = max(1, int(rate * tick))
        for start in range(0, len(data), step):
            connection.sendall(data[start : start + step])
            if self.closing.wait(tick):
                return


def read_request(stream: BinaryIO, number: int) -> Request | None:
    """Read one request's header, `None` at the end of the connection."""
    line = stream.readline()
    if not line.strip():
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        key, text = name.strip().lower(), value.strip()
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return Request(method, path, headers, number)


def head(reply: Reply, more: Mapping[str, str]) -> bytes:
    """Return a reply's status line and header."""
    known = HTTPStatus(reply.status).phrase if reply.status in list(HTTPStatus) else ""
    headers = {**more, **reply.headers}
    if reply.chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif reply.status >= 200 and reply.status not in (204, 304):
        headers.setdefault("Content-Length", str(len(reply.body)))
    if reply.close:
        headers["Connection"] = "close"
    lines = [f"HTTP/1.1 {reply.status} {known}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def framed(reply: Reply) -> bytes:
    """Return a reply's body as it is sent."""
    if not reply.chunked:
        return reply.body
    starts = range(0, len(reply.body), reply.chunked)
    pieces = [reply.body[start : start + reply.chunked] for start in starts]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in [*pieces, b""])


def _as_reply(step: Step) -> Reply:
    return Reply(step) if isinstance(step, bytes) else step
