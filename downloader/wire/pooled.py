"""Connections that urllib3 opens, for TLS, proxies and tunnels.

http.client, on which urllib3 and requests stand, takes many broken replies for whole files, so it
only lends its name here. A pool of urllib3 opens a connection, with all that TLS and proxies need;
it believes to make an exchange, but `request()` and `getresponse()` of its `ConnectionCls`,
urllib3's seam, are replaced by ones that only open, and hand the connection out. The connection is
kept in `KeptConnections`, never in a pool.

Beyond that seam these private names of urllib3 2 are relied on; a test names each one that goes:
`_tunnel()` of a connection, overridden so that a proxy's reply is read as strictly, and
`_new_conn()`, overridden in `watched`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from downloader.policy import TRANSIENT_STATUSES
from downloader.wire.errors import TransferError, cleaned
from downloader.wire.exchange import HttpConnection
from downloader.wire.reply import final_head
from downloader.wire.request import request
from downloader.wire.watched import Watched, WatchedTls


class PooledConnection(HttpConnection, Watched):
    """A connection that a pool opens."""

    def request(self, *_: object, **__: object) -> None:
        """Open the connection, if its tunnel has not opened it: a pool's call. Nothing is sent."""
        if self.sock is None:
            self.connect()

    def getresponse(self) -> Opened:  # type: ignore[override]  # a pool asks no more of it
        """Hand the open connection out: a pool's call. Nothing is read."""
        return Opened(self)

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
        reader = self._wire.reader(self)
        reader.send(request("CONNECT", self._end, self._told))
        head = final_head(reader)
        if not 200 <= head.status < 300:
            text = (
                f"the proxy refused the connection: {head.status} {cleaned(head.reason)}".rstrip()
            )
            raise TransferError("connect", text, retryable=head.status in TRANSIENT_STATUSES)
        if reader.start != reader.end:
            raise TransferError("protocol", "the proxy sent bytes of its own into the tunnel")


class PooledTlsConnection(PooledConnection, WatchedTls):
    """The same over TLS, where a connection that was cut is told from one that was closed."""

    def connect(self) -> None:
        """Open the connection."""
        super().connect()
        cast(Any, self.sock).suppress_ragged_eofs = False


class Opened:
    """What a pool takes for a reply: the connection that it has opened."""

    status = 0
    version_string = ""
    length_remaining = None
    headers: Mapping[str, str] = {}

    def __init__(self, connection: PooledConnection) -> None:
        self.connection = connection


class Pool(HTTPConnectionPool):
    """The connections to one origin."""

    ConnectionCls = cast(Any, PooledConnection)


class TlsPool(HTTPSConnectionPool):
    """The connections to one https origin."""

    ConnectionCls = cast(Any, PooledTlsConnection)
