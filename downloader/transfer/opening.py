"""Opening connections: plain ones at once, all others through urllib3's pools."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING

from downloader.policy import Timeouts
from downloader.transfer.target import Target
from downloader.wire.connections import Connections
from downloader.wire.exchange import HttpConnection, PlainConnection

if TYPE_CHECKING:
    from downloader.transfer.pooled_opening import PooledOpener


class Opener:
    """Opens connections, on many threads at once.

    Raises `UsageError` for a `cacert` that cannot be used.
    """

    def __init__(self, connections: Connections, timeouts: Timeouts, cacert: str | None) -> None:
        self._connections = connections
        self._timeouts = timeouts
        self._cacert = cacert
        self._lock = threading.Lock()
        self._made: PooledOpener | None = None
        if cacert is not None:
            self._pools()  # a file that cannot be used is said before the first request

    def open(self, target: Target, proxy: str | None) -> HttpConnection:
        """Return an open connection to a target. Raises whatever the system or libraries raise."""
        if proxy is not None or target.origin.scheme == "https":
            return self._pools().open(target, proxy)
        connection = PlainConnection(target.origin.host, target.origin.port, wire=self._connections)
        connection.connect()
        return connection

    def proxy_headers(self, proxy: str) -> Mapping[str, str]:
        """Return what a proxy is told of who asks."""
        return self._pools().proxy_headers(proxy)

    def close(self) -> None:
        """Forget all pools."""
        if self._made:
            self._made.close()

    def _pools(self) -> PooledOpener:
        """Return the pools, made when they are first needed: their libraries take 50 ms to load."""
        from downloader.transfer.pooled_opening import PooledOpener  # noqa: PLC0415  see above

        with self._lock:
            self._made = self._made or PooledOpener(self._connections, self._timeouts, self._cacert)
            return self._made
