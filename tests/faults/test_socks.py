"""SOCKS proxies (L13): requests go through them, plain and TLS, and what they refuse is said.

The server is one of these tests' own; names that nobody knows prove who looks them up.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer, Reply, echo
from hole import resolve_to, resolved
from installed import Installed
from listening import CERTIFICATE
from socks_server import SocksServer
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader.errors import UsageError
from downloader.policy import Timeouts
from downloader.transfer.proxies import Proxies
from downloader.transfer.target import Origin

MakeRig = Callable[..., Rig]
VARIABLES = [f"{name}_proxy" for name in ("all", "http", "https", "no")]


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def through(server: GoodServer, **more: Any) -> SocksServer:
    return SocksServer(("127.0.0.1", server.port), **more)


@by_any_way
@pytest.mark.parametrize("variable", ["ALL_PROXY", "http_proxy"])
def test_l13_name_is_looked_up_by_the_proxy_with_socks5h(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    with GoodServer({"/a?b": echo}) as server, through(server) as proxy:
        monkeypatch.setenv(variable, proxy.proxy())
        sent = json.loads(make_rig(proxy=None).body("http://far.invalid:81/a?b"))
        assert (sent["host"], server.paths) == ("far.invalid:81", ["/a?b"])
        assert set(proxy.asked) == {("far.invalid", 81)}


@by_any_way
def test_l13_name_is_looked_up_here_with_socks5(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GoodServer({"/": b"body"}) as server, SocksServer() as proxy:
        resolve_to(monkeypatch, "near.invalid", resolved("127.0.0.1", server.port))
        rig = make_rig(proxy=proxy.proxy("socks5"))
        assert rig.body(f"http://near.invalid:{server.port}/") == b"body"
        assert set(proxy.asked) == {("127.0.0.1", server.port)}


@by_any_way
def test_l13_tls_goes_through_too_and_connections_are_kept(make_rig: MakeRig) -> None:
    with GoodServer({"/": b"x" * 100_000}, tls=True) as server, through(server) as proxy:
        rig = make_rig(proxy=proxy.proxy(), cacert=CERTIFICATE)
        url = server.url().replace("127.0.0.1", "localhost")
        assert rig.body(url) == rig.body(url) == b"x" * 100_000
        rig.fetcher.close()
        assert (proxy.asked, server.connections) == ([("localhost", server.port)], 1)


def test_l13_login_goes_to_the_proxy_alone(make_rig: MakeRig) -> None:
    with GoodServer({"/": echo}) as server, through(server, login=(b"p@", b"q:")) as proxy:
        sent = json.loads(make_rig(proxy=proxy.proxy(login="p%40:q%3A")).body("http://a.invalid/"))
    assert "proxy-authorization" not in sent
    assert "authorization" not in sent


@pytest.mark.parametrize("login", ["", "p:wrong"])
def test_l13_login_that_is_refused_is_no_matter_of_another_try(
    make_rig: MakeRig, login: str
) -> None:
    with SocksServer(login=(b"p", b"q")) as proxy:
        rig = make_rig(proxy=proxy.proxy(login=login))
        message = rig.message("http://a.invalid/")
        assert (proxy.connections, rig.stop.sleeps) == (1, [])
    assert message.startswith("connect: the proxy refused the connection: ")
    assert "wrong" not in message


@pytest.mark.parametrize(
    ("code", "again", "said"),
    [
        (1, True, "General SOCKS server failure"),
        (2, False, "Connection not allowed by ruleset"),
        (4, True, "Host unreachable"),
        (5, True, "Connection refused"),
        (8, False, "Address type not supported"),
    ],
)
def test_l13_refusal_is_said_as_the_proxy_says_it(
    make_rig: MakeRig, code: int, again: bool, said: str
) -> None:
    with SocksServer(answer=bytes([5, code, 0, 1]) + bytes(6)) as proxy:
        failure = make_rig(proxy=proxy.proxy()).fetch("http://a.invalid/").failure
        assert len(proxy.asked) == (3 if again else 1)
    assert failure is not None
    assert (failure.kind, failure.retryable) == ("connect", again)
    assert failure.message.endswith(f"the proxy refused the connection: 0x0{code}: {said}")


@pytest.mark.parametrize("answer", [b"\x05", b"HTTP/1.1 400 Bad\r\n\r\n", b"\x05\x00\x00\x09"])
def test_l13_garbage_of_a_proxy_is_no_internal_fault(make_rig: MakeRig, answer: bytes) -> None:
    with SocksServer(answer=answer) as proxy:
        message = make_rig(proxy=proxy.proxy()).message("http://a.invalid/")
    assert message.startswith("connect: gave up after 3 tries: the proxy refused the connection")


def test_l13_mute_proxy_is_a_timeout(make_rig: MakeRig) -> None:
    with SocksServer(mute=True) as proxy:
        rig = make_rig(proxy=proxy.proxy(), timeouts=Timeouts(connect=0.2, silence=20))
        message = rig.message("http://a.invalid/")
    assert message == (
        "timeout: gave up after 3 tries: no connection to a.invalid port 80 within 0.2 s"
    )


def test_l13_mute_proxy_can_be_broken_off(make_rig: MakeRig) -> None:
    with SocksServer(mute=True) as proxy:
        rig = make_rig(proxy=proxy.proxy(), timeouts=Timeouts(connect=1e6, silence=20))

        def stop() -> None:
            rig.stop.request()
            rig.fetcher.abort()

        timer = threading.Timer(0.3, stop)
        timer.start()
        assert rig.message("http://a.invalid/") == "connect: interrupted"
        timer.join()


def test_l13_proxy_that_is_not_there_is_named(make_rig: MakeRig) -> None:
    with SocksServer() as proxy:
        port = proxy.port
    message = make_rig(proxy=f"socks5h://127.0.0.1:{port}").message("http://a.invalid/")
    assert message.endswith(f"connection refused by 127.0.0.1 port {port}")


def test_l13_private_address_is_refused_where_names_are_looked_up_here(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SocksServer() as proxy:
        resolve_to(monkeypatch, "near.example", resolved("127.0.0.1", 80))
        rig = make_rig(proxy=proxy.proxy("socks5"), public_only=True)
        assert rig.message("http://near.example/").startswith("refused: near.example leads to ")
        assert rig.message("http://127.0.0.1/").startswith("refused: ")
        assert proxy.asked == []


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "SOCKS5h"])
def test_l13_without_the_extra_it_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setitem(sys.modules, "socks", None)
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://u:sesame@127.0.0.1:1080")
    with pytest.raises(UsageError) as caught:
        Proxies()
    assert str(caught.value) == (
        f"all_proxy: {scheme.lower()} proxies need the extra: pip install 'dl-downloader[socks]'"
    )


def test_l13_exempt_hosts_go_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://proxy.example")
    monkeypatch.setenv("NO_PROXY", "a.example")
    assert Proxies().leading_to(Origin("http", "a.example", 80)) is None
    assert Proxies().leading_to(Origin("http", "b.example", 80)) == "socks5://proxy.example"


@pytest.mark.parametrize("mode", [[], ["--sequential"], ["--fetch-processes", "2"]])
def test_l13_run_goes_through_the_proxy(tmp_path: Path, mode: list[str]) -> None:
    dl = Installed(tmp_path)
    files = {f"/{number}.bin": Reply(b"x" * 3000) for number in range(30)}
    with GoodServer(files) as server, through(server) as proxy:
        urls = dl.write_list([f"http://far.invalid{path}" for path in files])
        done = dl("fetch", urls, *mode, env={"ALL_PROXY": proxy.proxy()})
        assert done.returncode == 0, done.stderr
        assert {host for host, _ in proxy.asked} == {"far.invalid"}
    assert len(dl.files()) == len(files)
