"""The exchange: one request, one reply, on connections that urllib3 opens.

http.client, on which urllib3 and requests stand, takes many broken replies for whole files, so it
only lends its name here. A pool of urllib3 opens a connection, with all that TLS, proxies and
tunnels need; it believes to make an exchange, but `request()` and `getresponse()` of its
`ConnectionCls`, urllib3's seam, are replaced by ones that only open, and hand the connection out.
The exchange itself is ours: the request goes out in one send; the reply's head is read into a
buffer and parsed by llhttp (see `parser`); a body goes from the same buffer into the part, past
any parser; the connection is kept in `KeptConnections`, never in a pool.

Beyond that seam these private names of urllib3 2 are relied on; a test names each one that goes:
`_tunnel()` of a connection, overridden so that a proxy's reply is read as strictly, and
`_new_conn()`, overridden in `connections`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import RemoteDisconnected
from typing import Any, cast

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from downloader.policy import TRANSIENT_STATUSES
from downloader.wire.connections import Watched, WatchedTls
from downloader.wire.errors import TransferError, cleaned
from downloader.wire.framing import Framing, framing, pieces
from downloader.wire.head import Head
from downloader.wire.parser import read_head
from downloader.wire.reader import SocketReader
from downloader.wire.request import request

# Replies that only announce another one (RFC 9110 section 15.2): more than these are an attack.
_MOST_INFORMATIONAL = 20


class HttpConnection(Watched):
    """A connection whose replies are read strictly; `route` is where it leads, and through what."""

    route: Hashable = None

    def request(self, *_: object, **__: object) -> None:
        """Open the connection, if its tunnel has not opened it: a pool's call. Nothing is sent."""
        if self.sock is None:
            self.connect()

    def getresponse(self) -> Opened:  # type: ignore[override]  # a pool asks no more of it
        """Hand the open connection out: a pool's call. Nothing is read."""
        return Opened(self)

    def exchange(self, request: bytes, received: bytes | None = None) -> Reply:
        """Send a request and read the head of its reply.

        If another part has sent it already, `received` is what has come of the reply since then.
        Raises `TransferError` for a reply that cannot be trusted, `RemoteDisconnected` if the
        connection ends before its first byte; the connection is closed then.
        """
        try:
            reader = self._wire.inlet(self, received or b"")
            if received is None:
                reader.send(request)
            return Reply(_final_head(reader), reader, self)
        except BaseException:
            self.close()
            raise

    def keep(self) -> None:
        """Let another request use the connection, now that no reply is under way on it."""
        self._wire.kept.put(self.route, self)

    def set_tunnel(
        self,
        host: str,
        port: int | None = None,
        headers: Mapping[str, str] | None = None,
        scheme: str = "http",
    ) -> None:
        """Note where the tunnel leads, and what the proxy is told."""
        super().set_tunnel(host, port, headers, scheme)
        name = host.strip("[]")
        self._end = f"[{name}]:{port}" if ":" in name else f"{name}:{port}"
        self._told = {"Host": self._end, **(headers or {})}

    def _tunnel(self) -> None:
        """Ask the proxy for the tunnel (RFC 9110 section 9.3.6)."""
        inlet = self._wire.inlet(self)
        inlet.send(request("CONNECT", self._end, self._told))
        head = _final_head(inlet)
        if not 200 <= head.status < 300:
            text = (
                f"the proxy refused the connection: {head.status} {cleaned(head.reason)}".rstrip()
            )
            raise TransferError("connect", text, retryable=head.status in TRANSIENT_STATUSES)
        if inlet.start != inlet.end:
            raise TransferError("protocol", "the proxy sent bytes of its own into the tunnel")


class HttpsConnection(HttpConnection, WatchedTls):
    """The same over TLS, where a connection that was cut is told from one that was closed."""

    def connect(self) -> None:
        """Open the connection."""
        super().connect()
        cast(Any, self.sock).suppress_ragged_eofs = False


@dataclass(frozen=True, slots=True)
class BegunExchange:
    """An exchange that another part has begun on a kept connection, and that is to be gone on with.

    `received` is all that has come of the reply: nothing, part of its head, or its head and the
    start of its body; it has to fit a reader's buffer. `sent_at` is the `time.monotonic()` at
    which the request was sent.
    """

    route: Hashable
    connection: HttpConnection
    received: bytes
    sent_at: float


class Opened:
    """What a pool takes for a reply: the connection that it has opened."""

    status = 0
    version_string = ""
    length_remaining = None
    headers: Mapping[str, str] = {}

    def __init__(self, connection: HttpConnection) -> None:
        self.connection = connection


class Reply:
    """A reply whose body is unread: to be read or let go before its thread's next request."""

    def __init__(self, head: Head, inlet: SocketReader, connection: HttpConnection) -> None:
        self.status = head.status
        self.reason = head.reason
        self.headers = head.fields
        self._head = head
        self._inlet = inlet
        self._connection = connection
        self._is_open = True

    @cached_property
    def framing(self) -> Framing:
        """How the body ends. Raises `TransferError` where that is not clear."""
        return framing(self._head)

    def body(self) -> Iterator[memoryview]:
        """Yield the body as it comes, each piece valid until the next, and let the reply go.

        Raises what `framing.pieces` raises.
        """
        yield from pieces(self._inlet, self.framing)
        self._let_go(is_spent=not self.framing.ends_with_connection and self._inlet.is_spent)

    @property
    def silence(self) -> float:
        """The longest silence between two of its bytes, in seconds."""
        return self._inlet.deadlines.timeouts.silence

    def hurry(self, seconds: float) -> None:
        """Give up on the body after this time."""
        self._inlet.deadlines.hurry(seconds)

    def close(self) -> None:
        """Let the reply go: its connection ends, unless the whole body was read."""
        self._let_go(is_spent=False)

    def _let_go(self, *, is_spent: bool) -> None:
        if not self._is_open:
            return
        self._is_open = False
        if is_spent and self._head.keeps_alive:
            self._connection.keep()
        else:
            self._connection.close()


class Pool(HTTPConnectionPool):
    """The connections to one origin."""

    ConnectionCls = cast(Any, HttpConnection)


class TlsPool(HTTPSConnectionPool):
    """The connections to one https origin."""

    ConnectionCls = cast(Any, HttpsConnection)


def _final_head(inlet: SocketReader) -> Head:
    """Read the head that is no announcement (RFC 9110 section 15.2)."""
    for announced in range(_MOST_INFORMATIONAL + 1):
        head = read_head(inlet)
        if head is None and announced:
            text = "the connection was closed after an informational reply"
            raise TransferError("incomplete", text, retryable=True)
        if head is None:
            raise RemoteDisconnected("the peer closed the connection without a reply")
        if head.status >= 200:
            return head
    raise TransferError(
        "protocol", f"more than {_MOST_INFORMATIONAL} informational replies in a row"
    )
