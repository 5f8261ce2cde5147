"""Opening connections: requests' adapter over urllib3's pools, for TLS, proxies and tunnels.

That is all they are needed for: what a pool takes for an exchange only opens (see `wire.exchange`).
The adapter's documented hooks are overridden so that nothing is parsed twice.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.util import Timeout

from downloader.policy import Timeouts
from downloader.transfer.proxies import forwards
from downloader.transfer.target import Target
from downloader.transfer.trust import Trust, trust
from downloader.wire.connections import Connections
from downloader.wire.exchange import HttpConnection
from downloader.wire.pooled import Opened, Pool, TlsPool

# Pools, one for each of the origins asked lately. They only open connections, and hold none.
_POOLS = 64


class _Asked(PreparedRequest):
    """Where a connection is to lead, in the shape that the adapter takes."""

    def __init__(self, target: Target, proxy: str | None) -> None:
        super().__init__()
        self.method = "GET"
        self.url = target.url
        self.headers = cast(Any, {})
        self.target = target
        self.proxy = proxy


class PooledOpener(HTTPAdapter):
    """Opens connections, on many threads at once."""

    def __init__(self, connections: Connections, timeouts: Timeouts, cacert: str | None) -> None:
        self._connections = connections
        self._timeout = Timeout(connect=timeouts.connect, read=timeouts.silence)
        self._cacert = cacert
        if cacert is not None:
            _ = self._trust  # a file that cannot be used is said before the first request
        super().__init__(pool_connections=_POOLS, pool_maxsize=1, max_retries=0)

    def open(self, target: Target, proxy: str | None) -> HttpConnection:
        """Return an open connection to a target. Raises whatever the libraries raise."""
        asked = _Asked(target, proxy)
        try:
            opened = self.send(asked, stream=True, timeout=cast(Any, self._timeout))
        except Exception as error:
            fault = self._trust.fault(error) if self._has_trust else None
            if fault is None:
                raise
            raise fault from error
        return cast(Opened, opened.raw).connection

    def close(self) -> None:
        """Forget all pools."""
        for manager in (self.poolmanager, *list(self.proxy_manager.values())):
            manager.clear()

    @cached_property
    def _trust(self) -> Trust:
        return trust(self._cacert)

    @property
    def _has_trust(self) -> bool:
        """Return True if TLS was needed, and its certificates could be read."""
        return "_trust" in self.__dict__

    # What follows overrides requests' hooks.

    def init_poolmanager(
        self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any
    ) -> None:
        """Make the pools of our own connections."""
        super().init_poolmanager(connections, maxsize, block, wire=self._connections, **pool_kwargs)
        _mount(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        """Make the pools of our own connections to a proxy."""
        if proxy in self.proxy_manager:
            return self.proxy_manager[proxy]
        if proxy.startswith("socks"):
            from downloader.wire.socks import SocksPool, SocksTlsPool  # noqa: PLC0415  an extra

            manager = super().proxy_manager_for(proxy, wire=self._connections, **proxy_kwargs)
            _mount(manager, SocksPool, SocksTlsPool)
            return manager
        context = self._trust.context() if proxy.startswith("https:") else None
        manager = super().proxy_manager_for(
            proxy, wire=self._connections, proxy_ssl_context=context, **proxy_kwargs
        )
        _mount(manager)
        return manager

    def get_connection_with_tls_context(
        self, request: PreparedRequest, verify: Any, proxies: Any = None, cert: Any = None
    ) -> HTTPConnectionPool:
        """Return the pool of the request's origin."""
        assert isinstance(request, _Asked)
        scheme, host, port = request.target.origin
        manager = self.proxy_manager_for(request.proxy) if request.proxy else self.poolmanager
        tls = {"ssl_context": self._trust.context()} if scheme == "https" else None
        return cast(HTTPConnectionPool, manager.connection_from_host(host, port, scheme, tls))

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave the certificates to the context that the pool was made with."""

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        """Return a target that tells a pool whether a proxy forwards to it, or needs a tunnel."""
        assert isinstance(request, _Asked)
        origin = request.target.origin
        is_forwarded = request.proxy and forwards(request.proxy, origin)
        return f"http://{origin.authority}/" if is_forwarded else "/"

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Wrap in nothing what the pool hands out, which is no reply."""
        response = Response.__new__(Response)
        response.raw = resp
        return response


def _mount(manager: PoolManager, plain: type[Any] = Pool, tls: type[Any] = TlsPool) -> None:
    manager.pool_classes_by_scheme = {"http": plain, "https": tls}
    # TLS settings are the same for all: the origin alone tells pools apart.
    manager.key_fn_by_scheme = cast(Any, {"http": _pool_key, "https": _pool_key})


def _pool_key(context: dict[str, Any]) -> Hashable:
    return context["scheme"], context["host"], context["port"]
