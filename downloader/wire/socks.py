"""Connections through a SOCKS proxy (RFC 1928, RFC 1929), by PySocks: the extra `socks`.

PySocks would open sockets of its own, which nobody could break off, and try one address after the
other. It is given one that is connected already.
"""

from __future__ import annotations

import socket
from typing import Any

import socks
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from downloader.wire.connections import Connections
from downloader.wire.errors import TransferError, cleaned
from downloader.wire.pooled import PooledConnection, PooledTlsConnection

_PORT = 1080  # RFC 1928 section 3
# Answers that another try does not change: not allowed, no such command, no such address type.
_FINAL = ("0x02", "0x07", "0x08")


class _Connected(socket.socket):
    """A socket that is connected to the proxy before PySocks connects it."""

    def connect(self, _: object) -> None:
        """Do nothing: there is nothing left to do."""


class _Negotiating(socks.socksocket, _Connected):  # type: ignore[misc]  # an untyped package
    """PySocks' own socket on a connected one: in the order of methods it stands before ours."""


class SocksConnection(PooledConnection):
    """A connection that a pool opens through a SOCKS proxy, described as urllib3 does."""

    def __init__(self, *args: Any, _socks_options: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._proxy = _socks_options

    def _open_socket(self) -> socket.socket:
        """Connect to the proxy, and have it connect to the host."""
        wire, proxy = self._wire, self._proxy
        host = self.host.strip("[]")
        if not proxy["rdns"]:  # the name is looked up here
            host = wire.address(host, self.port)
        peer = (proxy["proxy_host"].strip("[]"), int(proxy["proxy_port"] or _PORT))
        wire.state.peer = peer
        sock = wire.dial(*peer, list(self.socket_options or ()), to_proxy=True)
        wire.state.peer = (self.host, self.port)
        return _negotiated(wire, sock, proxy, (host, self.port))


class SocksTlsConnection(PooledTlsConnection, SocksConnection):
    """The same over TLS."""


class SocksPool(HTTPConnectionPool):
    """The connections to one origin through a SOCKS proxy."""

    ConnectionCls = SocksConnection  # type: ignore[assignment]  # see `pooled`


class SocksTlsPool(HTTPSConnectionPool):
    """The connections to one https origin through a SOCKS proxy."""

    ConnectionCls = SocksTlsConnection  # type: ignore[assignment]  # see `pooled`


def _negotiated(
    wire: Connections, plain: socket.socket, proxy: dict[str, Any], end: tuple[str, int]
) -> socket.socket:
    """Return a socket that leads to `end`. Raises `TransferError` if the proxy refuses."""
    patience = plain.gettimeout()
    sock = _Negotiating(plain.family, plain.type, plain.proto, fileno=plain.detach())
    try:
        wire.watch(sock)
        sock.settimeout(patience)
        told = (proxy["rdns"], proxy["username"], proxy["password"])
        sock.set_proxy(proxy["socks_version"], "proxy", 1, *told)  # whose address is of no use
        sock.connect(end)
        opened = socket.socket(fileno=sock.detach())
    except OSError as error:
        sock.close()
        raise _cause(error) from error
    opened.settimeout(patience)
    wire.watch(opened)
    return opened


def _cause(error: OSError) -> Exception:
    """Return what PySocks wraps: the system's error, or what the proxy has said."""
    while isinstance(error, socks.ProxyError) and isinstance(error.socket_err, OSError):
        error = error.socket_err
    if not isinstance(error, socks.ProxyError):
        return error
    is_final = isinstance(error, socks.SOCKS5AuthError) or str(error).startswith(_FINAL)
    text = f"the proxy refused the connection: {cleaned(str(error))}"
    return TransferError("connect", text, retryable=not is_final)
