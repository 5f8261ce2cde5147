"""Redirects, row by row: followed exactly, and never where they must not lead.

The numbers are those of the catalogue of faults. Where hosts have names, the server is the proxy
of all of them, and sees the URLs as they are asked for.
"""

from __future__ import annotations

import errno
import json
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from good import GoodServer, Reply, echo, redirect
from listening import CERTIFICATE
from raw import Endless, RawServer, Script
from transfer_rig import Rig
from tunnel import TunnelServer
from ways_rig import by_any_way

from downloader.policy import Limits

BASE = "http://a/b/c/d;p?q"
MakeRig = Callable[..., Rig]

# RFC 3986 section 5.4, without those that lead to the base itself or out of http.
OF_THE_RFC = {
    "g": "http://a/b/c/g",
    "./g": "http://a/b/c/g",
    "g/": "http://a/b/c/g/",
    "/g": "http://a/g",
    "//g": "http://g/",
    "?y": "http://a/b/c/d;p?y",
    "g?y": "http://a/b/c/g?y",
    "g#s": "http://a/b/c/g",
    "g?y#s": "http://a/b/c/g?y",
    ";x": "http://a/b/c/;x",
    "g;x": "http://a/b/c/g;x",
    "g;x?y#s": "http://a/b/c/g;x?y",
    ".": "http://a/b/c/",
    "./": "http://a/b/c/",
    "..": "http://a/b/",
    "../": "http://a/b/",
    "../g": "http://a/b/g",
    "../..": "http://a/",
    "../../": "http://a/",
    "../../g": "http://a/g",
    "../../../g": "http://a/g",
    "../../../../g": "http://a/g",
    "/./g": "http://a/g",
    "/../g": "http://a/g",
    "g.": "http://a/b/c/g.",
    ".g": "http://a/b/c/.g",
    "g..": "http://a/b/c/g..",
    "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g",
    "./g/.": "http://a/b/c/g/",
    "g/./h": "http://a/b/c/g/h",
    "g/../h": "http://a/b/c/h",
    "g;x=1/./y": "http://a/b/c/g;x=1/y",
    "g;x=1/../y": "http://a/b/c/y",
    "g?y/./x": "http://a/b/c/g?y/./x",
    "g?y/../x": "http://a/b/c/g?y/../x",
    "g#s/./x": "http://a/b/c/g",
    "g#s/../x": "http://a/b/c/g",
}
MORE = {
    "a b": "http://a/b/c/a%20b",
    "g?a b": "http://a/b/c/g?a%20b",
    "ü": "http://a/b/c/%C3%BC",
    "/ü?ö=ä": "http://a/%C3%BC?%C3%B6=%C3%A4",
    "//bücher.example/g": "http://xn--bcher-kva.example/g",
    "%c3%bc": "http://a/b/c/%c3%bc",
    "%7Eg": "http://a/b/c/%7Eg",
    "g%zz": "http://a/b/c/g%zz",
    "/a%2F..%2Fg": "http://a/a%2F..%2Fg",
    "/%2e%2e/g": "http://a/%2e%2e/g",
    "//g:80/x": "http://g/x",
    "//g:8080/x": "http://g:8080/x",
    "http://A.Example/g": "http://a.example/g",
    "HTTP://g?y": "http://g/?y",
    "?": "http://a/b/c/d;p?",
    "g?a=http://h/../x": "http://a/b/c/g?a=http://h/../x",
    "/a//b": "http://a/a//b",
    "/a/b:c": "http://a/a/b:c",
    "g{x}": "http://a/b/c/g{x}",
    "http://127.1/x": "http://127.0.0.1/x",
    "http://0x7f.1/x": "http://127.0.0.1/x",
    "http://[0:0::1]/x": "http://[::1]/x",
    "//g.#x": "http://g./",
}


def raw(text: str) -> str:
    """Return the text whose Latin-1 is this text's UTF-8: what a server writes into a header."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(("location", "target"), [*OF_THE_RFC.items(), *MORE.items()])
def test_d2_reference_leads_exactly_there(make_rig: MakeRig, location: str, target: str) -> None:
    with GoodServer({BASE: redirect(raw(location)), target: b"found"}) as world:
        result = make_rig(proxy=world.url()).fetch(BASE)
        assert (result.failure, result.size) == (None, 5)
        assert (world.paths, result.final_url) == ([BASE, target], target)


@pytest.mark.parametrize("location", ["#s", BASE, "//a/b/c/d;p?q", "../c/./d;p?q#x"])
def test_d1_redirect_to_itself_is_followed_until_there_are_too_many(
    make_rig: MakeRig, location: str
) -> None:
    with GoodServer({BASE: redirect(location)}) as world:
        message = make_rig(proxy=world.url()).message(BASE)
        named = f"{BASE} -> {BASE} -> {BASE} -> ... -> {BASE}"
        assert message == f"redirect: more than 20 redirects: {named}"
        assert world.paths == [BASE] * 21


@by_any_way
def test_d1_a_chain_may_come_back_to_a_url(rig: Rig) -> None:
    there_and_back: list[Any] = [redirect("/gate"), redirect("/a"), b"found"]
    with GoodServer({"/a": there_and_back, "/gate": redirect("/a")}) as server:
        assert rig.body(server.url("/a")) == b"found"
        assert server.paths == ["/a", "/gate", "/a", "/a"]


@by_any_way
def test_d1_endless_and_long_chains_are_named_and_not_tried_again(rig: Rig) -> None:
    hops: dict[str, Any] = {f"/{number}": redirect(f"/{number + 1}") for number in range(30)}
    with GoodServer({**hops, "/x": redirect("/y"), "/y": redirect("/x")}) as server:
        x, y = server.url("/x"), server.url("/y")
        said = "redirect: more than 20 redirects: "
        assert rig.message(x) == f"{said}{x} -> {y} -> {x} -> ... -> {y}"
        chain = [server.url(path) for path in ("/0", "/1", "/2", "/21")]
        named = " -> ".join([*chain[:3], "...", chain[3]])
        assert rig.message(server.url("/0")) == said + named
        assert len(server.requests) == 21 + 21


@by_any_way
def test_d1_hosts_that_play_ball_are_stopped_too(rig: Rig) -> None:
    def hop(request: Any) -> Reply:
        return redirect(f"/?{len(server.requests)}")

    with GoodServer() as server:
        server.files.update({f"/?{number}": hop for number in range(100)})
        assert rig.message(server.url("/?0")).startswith("redirect: more than 20 redirects: ")
        assert len(server.requests) == 21


@by_any_way
@pytest.mark.parametrize("hops", [1, 2])
def test_d3_https_leads_to_http_only_where_that_is_allowed(make_rig: MakeRig, hops: int) -> None:
    with GoodServer({"/": echo}) as plain, GoodServer(tls=True) as secure:
        secure.files.update({"/1": redirect(plain.url()), "/2": redirect("/1")})
        strict = make_rig(cacert=CERTIFICATE)
        said = f"redirect from https to http refused (--allow-downgrade): {plain.url()}"
        assert strict.message(secure.url(f"/{hops}")) == f"redirect: {said}"
        assert plain.requests == []
        secrets = (("X-Key", "s"), ("Authorization", "Bearer s"), ("Cookie", "s"))
        lax = make_rig(cacert=CERTIFICATE, limits=Limits(downgrade=True), headers=secrets)
        sent = json.loads(lax.body(secure.url(f"/{hops}", login="u:p")))
    assert not {"x-key", "authorization", "cookie"} & set(sent)


@by_any_way
def test_d3_http_leads_to_https(make_rig: MakeRig) -> None:
    with GoodServer({"/": b"safe"}, tls=True) as secure, GoodServer() as plain:
        plain.files["/"] = redirect(secure.url())
        assert make_rig(cacert=CERTIFICATE).body(plain.url()) == b"safe"


@by_any_way
@pytest.mark.parametrize(
    ("location", "scheme"),
    [
        ("file:///etc/passwd", "file"),
        ("FILE:/etc/passwd", "file"),
        ("ftp://h/x", "ftp"),
        ("data:,x", "data"),
        ("javascript:alert(1)", "javascript"),
        ("gopher://h:70/_x", "gopher"),
        ("ws://h/", "ws"),
        ("dict://h/", "dict"),
    ],
)
def test_d4_other_schemes_are_refused_by_name(rig: Rig, location: str, scheme: str) -> None:
    with GoodServer({"/": redirect(location)}) as server:
        why = f"the URL's scheme is {scheme}: only http and https are fetched"
        said = f"redirect: redirect 302 that cannot be followed: {why}"
        assert (rig.message(server.url()), len(server.requests)) == (said, 1)


PRIVATE = [
    *("http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/"),
    *("http://017700000001/", "http://0/", "http://10.0.0.1/", "http://192.168.0.1:8080/x"),
    *("http://172.16.1.1/", "http://100.64.0.1/", "http://169.254.169.254/latest/meta-data/"),
    *("http://224.0.0.1/", "http://[::1]/", "http://[::]/", "http://[::ffff:127.0.0.1]/"),
    *("http://[::ffff:a9fe:a9fe]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/"),
    *("http://[fe80::1]/", "http://[fd00:ec2::254]/", "http://[ff02::1]/", "https://127.0.0.1/"),
    *("http://localhost/", "http://a.LOCALHOST./", "http://u:p@127.0.0.1/"),
]


@pytest.mark.parametrize("url", PRIVATE)
def test_d5_private_address_is_refused_before_it_is_asked(make_rig: MakeRig, url: str) -> None:
    message = make_rig(public_only=True).message(url)
    assert message.startswith("refused: ")
    assert message.endswith(" is not a public address: refused by --no-private")


@pytest.mark.parametrize("url", PRIVATE)
def test_d5_redirect_from_a_public_host_to_a_private_one_is_refused(
    make_rig: MakeRig, url: str
) -> None:
    with GoodServer({"http://8.8.8.8/": redirect(url)}) as proxy:
        rig = make_rig(proxy=proxy.url(), public_only=True)
        assert rig.message("http://8.8.8.8/").startswith("refused: ")
        assert proxy.paths == ["http://8.8.8.8/"]


def resolve(monkeypatch: pytest.MonkeyPatch, *answers: list[tuple[str, int]]) -> list[str]:
    """Have names lead to these addresses, the n-th look-up to the n-th; return what was asked."""
    asked: list[str] = []

    real = socket.getaddrinfo

    def getaddrinfo(host: str, *rest: Any, **more: Any) -> list[Any]:
        if host == "127.0.0.1":  # the servers' own
            return real(host, *rest, **more)
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        families = [socket.AF_INET6 if ":" in each[0] else socket.AF_INET for each in found]
        return [(f, socket.SOCK_STREAM, 6, "", a) for f, a in zip(families, found, strict=True)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fe80::1%lo", "::ffff:10.0.0.1"]
)
def test_d5_name_that_leads_inside_is_refused_and_not_connected_to(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with GoodServer({"/": b"secret"}) as server:
        resolve(monkeypatch, [(address, server.port)])
        message = make_rig(public_only=True).message(f"http://public.example:{server.port}/")
        assert server.connections == 0
    leads = f"public.example leads to {address}, which is not a public address"
    assert message == f"refused: {leads}: refused by --no-private"


def refuse_all(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Refuse every connection; return where they were to lead."""
    connected: list[Any] = []

    def connect(_: socket.socket, address: Any) -> int:
        connected.append(address)
        return errno.ECONNREFUSED

    monkeypatch.setattr(socket.socket, "connect_ex", connect)
    return connected


def test_d5_address_that_was_checked_is_the_one_that_is_connected_to(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when it is checked and private when it is used has no chance."""
    with GoodServer({"/": b"secret"}) as server:
        asked = resolve(monkeypatch, [("8.8.8.8", server.port)], [("127.0.0.1", server.port)])
        connected = refuse_all(monkeypatch)
        message = make_rig(public_only=True).message(f"http://rebinding.example:{server.port}/")
        assert server.connections == 0
    assert connected == [("8.8.8.8", server.port)]
    assert asked == ["rebinding.example"] * 2  # the second try looks up, and checks, again
    assert message.startswith("refused: ")


def test_d5_of_several_addresses_only_public_ones_are_tried(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, [("10.0.0.1", 80), ("8.8.8.8", 80), ("::1", 80)])
    connected = refuse_all(monkeypatch)
    assert make_rig(public_only=True).message("http://mixed.example/").startswith("connect: ")
    assert set(connected) == {("8.8.8.8", 80)}


def test_d5_proxy_may_be_private(make_rig: MakeRig) -> None:
    with GoodServer({"http://public.example/": b"found"}) as proxy:
        rig = make_rig(proxy=proxy.url(), public_only=True)
        assert rig.body("http://public.example/") == b"found"


def test_d5_proxy_of_a_tunnel_may_be_private(make_rig: MakeRig) -> None:
    server = GoodServer({"/": b"found"}, tls=True)
    with server, TunnelServer(to=("127.0.0.1", server.port)) as proxy:
        rig = make_rig(proxy=proxy.url(), public_only=True, cacert=CERTIFICATE)
        # Reached: the certificate is for another host.
        assert rig.message("https://8.8.8.8/").startswith("tls: certificate verify failed")


@by_any_way
def test_d5_private_addresses_are_fetched_where_nothing_is_said(rig: Rig) -> None:
    with GoodServer({"/": b"found"}) as server:
        assert rig.body(server.url()) == b"found"


@by_any_way
@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 999999999999\r\n",
        b"Content-Length: 65537\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"",
    ],
)
def test_d7_body_of_a_redirect_is_not_read(rig: Rig, head: bytes) -> None:
    begin = b"HTTP/1.1 302 Found\r\nLocation: /b\r\n" + head + b"\r\n"
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    whole = Script([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])
    with RawServer(paths={"/a": Script(Endless(begin, piece)), "/b": whole}) as server:
        assert rig.body(server.url("/a")) == b"ok"
        assert server.connections == 2
        assert rig.meter.received() == 2


@by_any_way
@pytest.mark.parametrize("status", [404, 500])
def test_d7_body_of_a_failure_is_not_read(make_rig: MakeRig, status: int) -> None:
    begin = b"HTTP/1.1 %d No\r\nContent-Length: 999999999999\r\n\r\n" % status
    with RawServer(Endless(begin, b"x" * 65536)) as server:
        assert make_rig().message(server.url()).startswith("http-status: ")


@by_any_way
@pytest.mark.parametrize(
    ("locations", "why"),
    [
        ([b"/a", b"/b"], "redirect 302 with two different Locations"),
        ([], "redirect 302 with no Location"),
        ([b""], "redirect 302 that cannot be followed: the redirect's Location is empty"),
        ([b"/\xff\xfe"], "is not valid UTF-8"),
        ([b"http://[::1"], "the URL's port is not a number"),
        ([b"http://[::1]x/"], "is not a valid IPv6 address"),
        ([b"http://a..b/"], "the URL's host is not valid"),
        ([b"http://h:99999/"], "the URL's port is not a number from 1 to 65535"),
        ([b"http://h:0/"], "the URL's port is not a number from 1 to 65535"),
        ([b"http://h:8_0/"], "the URL's port is not a number from 1 to 65535"),
        ([b"http:///x"], "the URL has no host"),
        ([b"http:g"], "the URL has no host"),
        ([b"http://" + b"a" * 64 + b".example/"], "the URL's host is not valid"),
        ([b"/a\\..\\b"], "the URL has a backslash"),
        ([b"\\\\evil\\x"], "the URL has a backslash"),
        ([b"/a\tb"], "the URL has a control character (U+0009)"),
        ([b"http://h\xc2\x85/"], "the URL has a control character (U+0085)"),
        ([b"http://a%2eb/"], "the URL's host is not valid"),
        ([b"http://a@b@c/"], 'the URL has a second "@" before its host'),
        ([b"http://[fe80::1%25eth0]/"], "the URL's host has a zone"),
        ([b"/" + b"a" * 70_000], "header"),
    ],
)
def test_d8_unclear_location_is_one_line_and_not_tried_again(
    rig: Rig, locations: list[bytes], why: str
) -> None:
    fields = b"".join(b"Location: " + each + b"\r\n" for each in locations)
    with RawServer([b"HTTP/1.1 302 Found\r\n" + fields + b"Content-Length: 0\r\n\r\n"]) as server:
        result = rig.fetch(server.url())
        assert result.failure is not None
        assert not result.failure.retryable
        assert result.failure.kind in ("redirect", "protocol")
        assert why in result.failure.message
        assert "\n" not in result.failure.message
        assert len(server.requests) == 1


@by_any_way
def test_d8_identical_locations_are_one(rig: Rig) -> None:
    hop = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    whole = Script([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])
    with RawServer(paths={"/a": Script([hop]), "/b": whole}) as server:
        assert rig.body(server.url("/a")) == b"ok"


@by_any_way
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_d9_get_stays_get(rig: Rig, status: int) -> None:
    with GoodServer({"/a": redirect("/b", status), "/b": b"ok"}) as server:
        assert rig.body(server.url("/a")) == b"ok"
        assert [each.method for each in server.requests] == ["GET", "GET"]


@by_any_way
@pytest.mark.parametrize("status", [300, 304, 305, 306, 309, 399])
def test_d9_other_3xx_are_not_followed(rig: Rig, status: int) -> None:
    with GoodServer({"/a": redirect("/b", status), "/b": b"no"}) as server:
        assert rig.message(server.url("/a")).split(": ")[0] in ("redirect", "protocol")
        assert server.paths == ["/a"]


@by_any_way
def test_redirect_that_hangs_can_be_broken_off(make_rig: MakeRig) -> None:
    asked = threading.Event()

    def hang(_: Any) -> Reply:
        asked.set()
        return Reply(delay=60)

    with GoodServer({"/a": redirect("/b"), "/b": hang}) as server:
        rig = make_rig()

        def break_off() -> None:
            asked.wait(30)
            rig.fetcher.abort()

        breaker = threading.Thread(target=break_off)
        breaker.start()
        assert "interrupted" in rig.message(server.url("/a"))
        breaker.join()
