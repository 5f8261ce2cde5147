"""The exchange: one request, one reply, on connections that urllib3 opens and keeps.

http.client, on which urllib3 and requests stand, takes many broken replies for whole files, so it
only lends its name here: `request()` and `getresponse()` of a pool's `ConnectionCls`, urllib3's
seam, are replaced. The request goes out in one send; the reply's head is read into a buffer and
parsed by llhttp (see `parser`); a body goes from the same buffer into the part, past any parser.
TLS, proxies and pools stay urllib3's.

Beyond that seam these private names of urllib3 2 are relied on; a test names each one that goes:
`_tunnel()` of a connection, overridden so that a proxy's reply is read as strictly; `_new_conn()`,
overridden in `connections`; `_pool` and `_connection`, which a pool sets on its replies, and its
`_put_conn()`, by which connections go back to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
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

# Replies that only announce another one (RFC 9110 section 15.2): more than these are an attack.
_MOST_INFORMATIONAL = 20

_TOKEN = re.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_TARGET = re.compile("[!-~]+")  # RFC 9112 section 3.2: no blank, no control, ASCII only
_FORBIDDEN = re.compile("[\r\n\0]")  # RFC 9110 section 5.5


class HttpConnection(Watched):
    """A connection whose requests cannot be garbled and whose replies are read strictly."""

    def request(  # type: ignore[override]  # as pools call it; what is not used is not named
        self, method: str, url: str, *, headers: Mapping[str, str], **_: object
    ) -> None:
        """Send one request without a body."""
        request = _request(method, url, headers)
        if self.sock is None:
            self.connect()
        self._inlet = self._wire.inlet(self.sock)
        self._inlet.send(request)

    def getresponse(self) -> Reply:  # type: ignore[override]  # a pool asks no more of it
        """Read the head of the reply. Raises `TransferError` for one that cannot be trusted."""
        return Reply(_final_head(self._inlet), self._inlet)

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
        inlet = self._wire.inlet(self.sock)
        inlet.send(_request("CONNECT", self._end, self._told))
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


class Reply:
    """A reply whose body is unread: to be read or let go before its thread's next request.

    The pool sets `_pool`, `_connection` and `retries`.
    """

    _pool: Any
    _connection: Any
    retries: Any
    length_remaining = None  # for urllib3's log

    def __init__(self, head: Head, inlet: SocketReader) -> None:
        self.status = head.status
        self.reason = head.reason
        self.headers = head.fields
        self.version_string = f"HTTP/1.{head.minor}"
        self._head = head
        self._inlet = inlet
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
        if not (is_spent and self._head.keeps_alive):
            self._connection.close()
        self._pool._put_conn(self._connection)


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


def _request(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    """Return a whole request (RFC 9112 section 3); `TransferError` for what would garble it."""
    if not _TARGET.fullmatch(target):
        raise TransferError("bad-url", "the URL cannot be requested: it is not plain ASCII")
    return f"{method} {target} HTTP/1.1\r\n".encode() + _header(tuple(headers.items()))


@lru_cache(maxsize=256)
def _header(fields: tuple[tuple[str, str], ...]) -> bytes:
    for name, value in fields:
        if not _TOKEN.fullmatch(name) or _FORBIDDEN.search(value):
            raise TransferError(
                "internal", f"a header that would garble the request: {cleaned(name)}"
            )
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{lines}\r\n".encode("latin-1")
