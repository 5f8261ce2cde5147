"""Proxies: the explicit one wins, "" means none, the environment is asked once."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from good import GoodServer, echo
from listening import CERTIFICATE
from raw import RawServer
from transfer_rig import Rig
from tunnel import TunnelServer

from downloader.errors import UsageError
from downloader.transfer.proxies import Proxies
from downloader.transfer.target import Origin

FAR = "http://far.example/a"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)


def test_explicit_proxy_is_asked_for_everything(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({FAR: b"body"}) as proxy:
        assert make_rig(proxy=proxy.url()).body(FAR) == b"body"


def test_proxys_login_goes_to_the_proxy_and_the_urls_to_the_host(
    make_rig: Callable[..., Rig],
) -> None:
    with GoodServer({FAR: echo}) as proxy:
        rig = make_rig(proxy=proxy.url(login="p:q"))
        sent = json.loads(rig.body(FAR.replace("//", "//u:p@")))
    assert sent["proxy-authorization"] == "Basic cDpx"
    assert (sent["authorization"], sent["host"]) == ("Basic dTpw", "far.example")


def test_environments_proxy_is_used(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    with GoodServer({FAR: b"body"}) as proxy:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.port}")
        rig = make_rig(proxy=None)
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")  # too late
        assert rig.body(FAR) == b"body"


def test_empty_proxy_means_none(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1/")
    with GoodServer({"/": b"direct"}) as server:
        assert make_rig(proxy="").body(server.url()) == b"direct"


def test_https_goes_through_a_tunnel_that_sees_no_header(make_rig: Callable[..., Rig]) -> None:
    with TunnelServer() as proxy, GoodServer({"/": echo}, tls=True) as server:
        rig = make_rig(proxy=proxy.url(login="p:q"), cacert=CERTIFICATE, headers=(("X-Key", "s"),))
        sent = json.loads(rig.body(server.url()))
        rig.fetcher.close()
        asked = proxy.requests[0]
    assert (asked.method, asked.path) == ("CONNECT", f"127.0.0.1:{server.port}")
    assert asked.headers["proxy-authorization"] == "Basic cDpx"
    assert "x-key" not in asked.headers
    assert "proxy-authorization" not in sent


def test_refused_tunnel_names_the_status(make_rig: Callable[..., Rig]) -> None:
    with RawServer([b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"]) as proxy:
        message = make_rig(proxy=proxy.url()).message("https://far.example/")
    assert message == (
        "connect: the proxy refused the connection: 407 Proxy Authentication Required"
    )


@pytest.mark.parametrize(
    ("exempt", "host", "direct"),
    [
        ("*", "a.example", True),
        ("a.example", "a.example", True),
        (".example", "a.example", True),
        ("example", "a.example", True),
        ("a.example", "ba.example", False),
        ("b.example, a.example:80", "a.example", True),
        ("a.example:81", "a.example", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("::1", "[::1]", True),
        ("", "a.example", False),
        ("10.0.0.0/8", "a.example", False),
    ],
)
def test_no_proxy_exempts(
    monkeypatch: pytest.MonkeyPatch, exempt: str, host: str, direct: bool
) -> None:
    monkeypatch.setenv("all_proxy", "http://proxy.example")
    monkeypatch.setenv("no_proxy", exempt)
    assert (Proxies().leading_to(Origin("http", host, 80)) is None) is direct


@pytest.mark.parametrize("address", ["socks4://h", "socks5://", "http://", "http://u:sesame@h:x/"])
def test_unusable_proxy_is_refused_without_its_login(address: str) -> None:
    with pytest.raises(UsageError, match="--proxy") as caught:
        Proxies(address)
    assert "sesame" not in str(caught.value)
