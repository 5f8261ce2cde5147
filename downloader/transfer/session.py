"""The session: one requests adapter that all threads share, called without requests' detours.

`requests.Session` spends more time on a small file than the exchange itself; the adapter under it
brings pools, TLS and proxies. Its documented hooks are overridden so that nothing is parsed twice.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Hashable, Mapping
from functools import cached_property
from typing import Any, cast

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
from downloader.transfer.target import Target
from downloader.wire.connections import Connections
from downloader.wire.exchange import Pool, Reply, TlsPool

# Connections kept idle, over all hosts: far below the usual limit of 1024 open files.
_IDLE = 512


class _Get(PreparedRequest):
    """A GET made by hand."""

    def __init__(self, target: Target, headers: Mapping[str, str], proxy: str | None) -> None:
        super().__init__()
        self.method = "GET"
        self.url = target.url
        # A plain dict: nothing looks a header up, and copying requests' own type is slow.
        self.headers = cast(Any, headers)
        self.target = target
        self.proxy = proxy


class Adapter(HTTPAdapter):
    """Asks for one URL at a time on many threads at once, keeping connections alive."""

    def __init__(
        self,
        *,
        connections: int,
        timeouts: Timeouts,
        proxies: Proxies,
        cacert: str | None,
        public_only: bool = False,
    ) -> None:
        self.wire = Connections(timeouts, public_only=public_only)
        self._timeout = Timeout(connect=timeouts.connect, read=timeouts.silence)
        self._proxies = proxies
        self._cacert = cacert
        if cacert is not None:
            _ = self._trust  # a file that cannot be used is said before the first request
        hosts = max(8, _IDLE // connections)
        super().__init__(pool_connections=hosts, pool_maxsize=connections, max_retries=0)

    def get(self, target: Target, headers: Mapping[str, str]) -> Reply:
        """Send one GET and return its reply, the body unread.

        A kept connection that the server closed meanwhile is no fault: the request is sent again
        at once on a fresh one (RFC 9112 section 9.3.1). Raises whatever the libraries raise.
        """
        self.wire.refuse_private_host(target.origin.host)
        request = _Get(target, headers, self._proxies.leading_to(target.origin))
        notes = self.wire.notes
        notes.begin()
        try:
            return self._reply(request)
        except Exception as error:
            if self.wire.broken or not (notes.kept and is_stale(error)):
                raise
        notes.begin(fresh=True)
        return self._reply(request)

    def drop_idle(self) -> None:
        """Forget all pools: their idle connections close now, the others after their use."""
        for manager in self._managers():
            manager.clear()

    def close(self) -> None:
        """Close every connection that is not in use."""
        for manager in self._managers():
            for key in list(manager.pools.keys()):
                manager.pools[key].close()
            manager.clear()

    def _managers(self) -> list[PoolManager]:
        return [self.poolmanager, *list(self.proxy_manager.values())]

    def _reply(self, request: _Get) -> Reply:
        reply = self.send(request, stream=True, timeout=cast(Any, self._timeout))
        return cast(Reply, reply.raw)

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
        """Return the request target: absolute for a proxy that forwards (RFC 9112 section 3.2)."""
        assert isinstance(request, _Get)
        if request.proxy and request.target.origin.scheme == "http":
            return urls.without_login(request.target.url)
        return request.target.path

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        """Wrap the reply in nothing: no cookies are kept, no encoding is guessed."""
        response = Response.__new__(Response)
        response.raw = resp
        return response


def _mount(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}
    # TLS settings are the same for all: the origin alone tells pools apart.
    manager.key_fn_by_scheme = cast(Any, {"http": _pool_key, "https": _pool_key})


def _pool_key(context: dict[str, Any]) -> Hashable:
    return context["scheme"], context["host"], context["port"]
