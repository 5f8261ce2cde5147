"""The exchange on urllib3's connections: what goes out, and what urllib3 must offer."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
import urllib3
from good import GoodServer, Reply
from raw import RawServer
from transfer_rig import Rig
from urllib3.connection import HTTPConnection

from downloader.policy import Timeouts
from downloader.wire.connections import Connections
from downloader.wire.errors import TransferError
from downloader.wire.exchange import HttpConnection
from downloader.wire.pooled import Pool
from downloader.wire.reader import SocketReader
from downloader.wire.request import request

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n"
CHANGED = f"urllib3 {version('urllib3')} has changed what downloader/wire relies on: "


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (HTTPConnection, "_tunnel"),
        (HTTPConnection, "_new_conn"),
    ],
)
def test_urllib3_still_has_what_is_overridden_or_called(owner: type, name: str) -> None:
    assert callable(getattr(owner, name, None)), f"{CHANGED}{owner.__name__}.{name} is gone"


def test_urllib3_still_hands_out_what_it_takes_for_a_reply() -> None:
    with GoodServer({"/": b"x"}) as server:
        pool: Any = Pool("127.0.0.1", server.port, wire=Connections(Timeouts()))
        opened = pool.urlopen("GET", "/", redirect=False, retries=False, preload_content=False)
        assert isinstance(opened.connection, HttpConnection), f"{CHANGED}it wraps replies"
        assert opened.connection.sock is not None, f"{CHANGED}it does not open connections"
        assert server.requests == []
        opened.connection.close()


def test_urllib3_still_asks_its_connections_for_the_exchange(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where urllib3 went past the overridden methods, http.client would read the reply."""

    def is_not_called(*_: object, **__: object) -> None:
        pytest.fail(f"{CHANGED}http.client makes the exchange")

    with GoodServer({"/": b"x"}) as server:
        for name in ("putrequest", "endheaders"):
            monkeypatch.setattr(HTTPConnection, name, is_not_called)
        monkeypatch.setattr("http.client.HTTPResponse.begin", is_not_called)
        assert rig.body(server.url()) == b"x"


def test_request_goes_out_in_one_send(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []
    send = SocketReader.send

    def noted(reader: SocketReader, data: bytes) -> None:
        sent.append(data)
        send(reader, data)

    monkeypatch.setattr(SocketReader, "send", noted)
    with GoodServer({"/a": b"x"}) as server:
        rig.body(server.url("/a"))
    assert len(sent) == 1
    assert sent[0].startswith(b"GET /a HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % server.port)
    assert sent[0].endswith(b"\r\n\r\n")


@pytest.mark.parametrize("target", ["/a b", "/a\r\nX: 1", "/a\0", "/\x7f", "/ü", ""])
def test_target_that_would_garble_the_request_is_not_sent(target: str) -> None:
    with pytest.raises(TransferError, match="cannot be requested"):
        request("GET", target, {})


@pytest.mark.parametrize(
    ("name", "value"), [("X", "a\r\nY: b"), ("X", "a\n"), ("X", "\0"), ("X: ", "a"), ("", "a")]
)
def test_header_that_would_garble_the_request_is_not_sent(name: str, value: str) -> None:
    with pytest.raises(TransferError, match="garble"):
        request("GET", "/", {name: value})


def test_users_host_replaces_that_of_the_url(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": b"x"}) as server:
        make_rig(headers=(("host", "other.example"),)).body(server.url())
        assert server.requests[0].headers["host"] == "other.example"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (ESTABLISHED + b"\r\nand more", "the proxy sent bytes of its own into the tunnel"),
        (ESTABLISHED + b"X: a\rb\r\n\r\n", "the reply's header is broken: "),
        (ESTABLISHED + b"X: 1\r\n" * 101 + b"\r\n", "more than 100 header lines"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 21, "more than 20 informational replies"),
        (b"garbage\r\n\r\n", "not a reply of HTTP/1"),
    ],
)
def test_reply_of_a_proxy_is_read_as_strictly(
    make_rig: Callable[..., Rig], reply: bytes, said: str
) -> None:
    with RawServer([reply], then="stall") as proxy:
        message = make_rig(proxy=proxy.url()).message("https://far.example/")
    assert message.startswith("protocol: ")
    assert said in message


def test_tunnel_to_an_ipv6_address_is_asked_for_in_brackets(make_rig: Callable[..., Rig]) -> None:
    with RawServer([b"HTTP/1.1 403 No\r\n\r\n"]) as proxy:
        make_rig(proxy=proxy.url()).message("https://[::1]:8443/")
        asked = proxy.requests[0]
    assert (asked.method, asked.path, asked.headers["host"]) == (
        "CONNECT",
        "[::1]:8443",
        "[::1]:8443",
    )


def test_other_users_of_urllib3_are_left_alone() -> None:
    with GoodServer({"/": Reply(b"x")}) as server:
        with urllib3.PoolManager() as manager:
            assert manager.request("GET", server.url()).data == b"x"
        with urllib.request.urlopen(server.url()) as reply:
            assert reply.read() == b"x"
