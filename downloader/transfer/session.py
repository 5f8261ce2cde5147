"""The session: requests on kept connections, and one requests adapter that opens new ones.

Neither requests nor urllib3 is on the way of a request on a kept connection. What they are needed
for is opening one: TLS, proxies and tunnels. The adapter's documented hooks are overridden so that
nothing is parsed twice.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.util import Timeout
from urllib3.util.ssl_ import create_urllib3_context

from downloader import urls
from downloader.errors import UsageError
from downloader.policy import Timeouts
from downloader.transfer.errors import is_stale
from downloader.transfer.proxies import Proxies
from downloader.transfer.target import Origin, Target
from downloader.wire.connections import Connections
from downloader.wire.exchange import (
    BegunExchange,
    HttpConnection,
    Opened,
    Pool,
    TlsPool,
)
from downloader.wire.reply import Reply
from downloader.wire.request import request

# Pools, one for each of the origins asked lately. They only open connections, and hold none.
_POOLS = 64


class Route(NamedTuple):
    """Where a connection through a proxy leads; the route of a direct one is the bare origin.

    `origin` is `None` for a proxy that forwards requests to any http origin.
    """

    origin: Origin | None
    proxy: str


class _Get(PreparedRequest):
    """A GET made by hand, for which the adapter opens a connection."""

    def __init__(self, target: Target, proxy: str | None) -> None:
        super().__init__()
        self.method = "GET"
        self.url = target.url
        self.headers = cast(Any, {})
        self.target = target
        self.proxy = proxy


class Adapter(HTTPAdapter):
    """Asks for one URL at a time on many threads at once, keeping connections alive."""

    def __init__(
        self,
        *,
        timeouts: Timeouts,
        proxies: Proxies,
        cacert: str | None,
        public_only: bool = False,
    ) -> None:
        self.wire = Connections(timeouts, public_only=public_only)
        self.kept = self.wire.kept
        self._timeout = Timeout(connect=timeouts.connect, read=timeouts.silence)
        self._proxies = proxies
        self._cacert = cacert
        if cacert is not None:
            _ = self._trust  # a file that cannot be used is said before the first request
        super().__init__(pool_connections=_POOLS, pool_maxsize=1, max_retries=0)

    def get(self, target: Target, headers: Mapping[str, str]) -> Reply:
        """Send one GET and return its reply, the body unread.

        A kept connection that the server closed meanwhile is no fault: the request is sent again
        at once on a fresh one (RFC 9112 section 9.3.1). Raises whatever the libraries raise.
        """
        self.wire.refuse_private_host(target.origin.host)
        proxy = self._proxies.leading_to(target.origin)
        sent = self._request(target, headers, proxy)
        kept = self.kept.take(_route(target.origin, proxy))
        reply = None if kept is None else self._on_kept(kept, sent)
        return reply or self._on_fresh(target, proxy, sent)

    def take_over(self, target: Target, headers: Mapping[str, str], begun: BegunExchange) -> Reply:
        """Return the reply to a request that another part has sent; as `get` in all else."""
        proxy = self._proxies.leading_to(target.origin)
        sent = self._request(target, headers, proxy)
        reply = self._on_kept(begun.connection, sent, begun.received)
        return reply or self._on_fresh(target, proxy, sent)

    def route(self, target: Target) -> Hashable | None:
        """Return the route of direct connections to a target, `None` if a proxy leads to it."""
        return target.origin if self._proxies.leading_to(target.origin) is None else None

    def drop_idle(self) -> None:
        """Close all idle connections now."""
        self.kept.drop()

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.kept.close()
        for manager in (self.poolmanager, *list(self.proxy_manager.values())):
            manager.clear()

    def _request(self, target: Target, headers: Mapping[str, str], proxy: str | None) -> bytes:
        if proxy is None or target.origin.scheme == "https":
            return request("GET", target.path, headers)
        # A proxy that forwards is told the whole URL (RFC 9112 section 3.2), and who asks.
        absolute = urls.without_login(target.url)
        return request("GET", absolute, {**headers, **self.proxy_headers(proxy)})

    def _on_kept(
        self, connection: HttpConnection, sent: bytes, received: bytes | None = None
    ) -> Reply | None:
        """Return the reply on a kept connection, `None` if that has turned out to be closed."""
        self.wire.state.opening = False
        try:
            return connection.exchange(sent, received)
        except Exception as error:
            if self.wire.broken or not is_stale(error):
                raise
        return None

    def _on_fresh(self, target: Target, proxy: str | None, sent: bytes) -> Reply:
        self.wire.state.opening = False
        opened = self.send(_Get(target, proxy), stream=True, timeout=cast(Any, self._timeout))
        connection = cast(Opened, opened.raw).connection
        connection.route = _route(target.origin, proxy)
        return connection.exchange(sent)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """One context for all connections: reading the certificates takes 16 ms."""
        context = create_urllib3_context()
        # A connection that was cut shall not look like one that was closed (wire.StrictTls).
        context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        path = self._cacert or DEFAULT_CA_BUNDLE_PATH
        try:
            if os.path.isdir(path):
                context.load_verify_locations(capath=path)
            else:
                context.load_verify_locations(cafile=path)
        except OSError:
            raise UsageError(f"--cacert {path}: no certificate can be read from it") from None
        return context

    # What follows overrides requests' hooks.

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        """Make the pools of our own connections."""
        super().init_poolmanager(connections, maxsize, block, wire=self.wire, **pool_kwargs)
        _mount(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Make the pools of our own connections to a proxy."""
        if proxy in self.proxy_manager:
            return self.proxy_manager[proxy]
        trust = self._trust if proxy.startswith("https:") else None
        manager = super().proxy_manager_for(
            proxy, wire=self.wire, proxy_ssl_context=trust, **proxy_kwargs
        )
        _mount(manager)
        return manager

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """Return the pool of the request's origin."""
        assert isinstance(request, _Get)
        scheme, host, port = request.target.origin
        manager = self.proxy_manager_for(request.proxy) if request.proxy else self.poolmanager
        tls = {"ssl_context": self._trust} if scheme == "https" else None
        return cast(HTTPConnectionPool, manager.connection_from_host(host, port, scheme, tls))

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the certificates to the context that the pool was made with."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return a target that tells a pool whether a proxy forwards to it, or needs a tunnel."""
        assert isinstance(request, _Get)
        origin = request.target.origin
        return f"http://{origin.authority}/" if request.proxy and origin.scheme == "http" else "/"

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Wrap in nothing what the pool hands out, which is no reply."""
        response = Response.__new__(Response)
        response.raw = resp
        return response


def _route(origin: Origin, proxy: str | None) -> Hashable:
    if proxy is None:
        return origin
    return Route(origin if origin.scheme == "https" else None, proxy)


def _mount(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}
    # TLS settings are the same for all: the origin alone tells pools apart.
    manager.key_fn_by_scheme = cast(Any, {"http": _pool_key, "https": _pool_key})


def _pool_key(context: dict[str, Any]) -> Hashable:
    return context["scheme"], context["host"], context["port"]
