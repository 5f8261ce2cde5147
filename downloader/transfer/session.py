"""The session: GETs on kept connections first, and on fresh ones if there is none.

Neither requests nor urllib3 is on the way of a request on a kept connection: see `opening`.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple, cast

from downloader import urls
from downloader.policy import Timeouts
from downloader.transfer.causes import is_stale
from downloader.transfer.opening import Opener
from downloader.transfer.proxies import Proxies, forwards
from downloader.transfer.target import Origin, Target
from downloader.wire.begun import BegunExchange
from downloader.wire.connections import Connections
from downloader.wire.exchange import HttpConnection
from downloader.wire.reply import Reply
from downloader.wire.request import request_line


class Route(NamedTuple):
    """Where a connection through a proxy leads; the route of a direct one is the bare origin.

    `origin` is `None` for a proxy that forwards requests to any http origin, and makes no tunnel.
    """

    origin: Origin | None
    proxy: str


class Session:
    """Asks for one URL at a time on many threads at once, keeping connections alive.

    Raises `UsageError` for a `cacert` that cannot be used.
    """

    def __init__(
        self,
        connections: Connections,
        *,
        timeouts: Timeouts,
        proxies: Proxies,
        cacert: str | None = None,
    ) -> None:
        self._connections = connections
        self._proxies = proxies
        self._opener = Opener(connections, timeouts, cacert)

    def get(self, target: Target, fields: bytes) -> Reply:
        """Send one GET with these header fields and return its reply, the body unread.

        A kept connection that the server closed meanwhile is no fault: the request is sent again
        at once on a fresh one (RFC 9112 section 9.3.1). Raises whatever the libraries raise.
        """
        self._connections.refuse_private_host(target.origin.host)
        proxy = self._proxies.leading_to(target.origin)
        request = self._request(target, fields, proxy)
        kept = self._connections.kept.take(_route(target.origin, proxy))
        reply = None if kept is None else self._on_kept(kept, request)
        return reply or self._on_fresh(target, proxy, request)

    def take_over(self, target: Target, fields: bytes, begun: BegunExchange) -> Reply:
        """Return the reply to a request that another part has sent; as `get` in all else."""
        proxy = self._proxies.leading_to(target.origin)
        request = self._request(target, fields, proxy)
        reply = self._on_kept(cast(HttpConnection, begun.connection), request, begun.received)
        return reply or self._on_fresh(target, proxy, request)

    def route(self, target: Target) -> Origin | None:
        """Return the route of direct connections to a target, `None` if a proxy leads to it."""
        return target.origin if self._proxies.leading_to(target.origin) is None else None

    def close(self) -> None:
        """Close every connection that is not in use."""
        self._connections.kept.close()
        self._opener.close()

    def _request(self, target: Target, fields: bytes, proxy: str | None) -> bytes:
        if proxy is None or not forwards(proxy, target.origin):
            return request_line("GET", target.path) + fields
        # A proxy that forwards is told the whole URL (RFC 9112 section 3.2), and who asks.
        line = request_line("GET", urls.without_login(target.url))
        told = self._opener.proxy_headers(proxy).items()
        return line + "".join(f"{name}: {value}\r\n" for name, value in told).encode() + fields

    def _on_kept(
        self, connection: HttpConnection, request: bytes, received: bytes | None = None
    ) -> Reply | None:
        """Return the reply on a kept connection, `None` if that has turned out to be closed."""
        self._connections.state.opening = False
        try:
            return connection.exchange(request, received)
        except Exception as error:
            if self._connections.broken or not is_stale(error):
                raise
        return None

    def _on_fresh(self, target: Target, proxy: str | None, request: bytes) -> Reply:
        self._connections.state.opening = False
        connection = self._opener.open(target, proxy)
        connection.route = _route(target.origin, proxy)
        return connection.exchange(request)


def _route(origin: Origin, proxy: str | None) -> Hashable:
    if proxy is None:
        return origin
    return Route(None if forwards(proxy, origin) else origin, proxy)
