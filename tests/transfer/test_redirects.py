"""Redirects: followed as far as they are safe, with credentials for the listed origin only."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from good import GoodServer, Reply, echo, redirect
from listening import CERTIFICATE
from raw import RawServer, Script
from transfer_rig import Rig

SECRETS = (
    ("Authorization", "Bearer s"),
    ("Cookie", "s=1"),
    ("X-Key", "s"),
    ("Proxy-Authorization", "s"),
)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/there/b.bin", "b.bin", "../there/b.bin", "b.bin#top"])
def test_redirect_is_followed(rig: Rig, status: int, location: str) -> None:
    with GoodServer({"/there/a": redirect(location, status), "/there/b.bin": b"found"}) as server:
        result = rig.fetch(server.url("/there/a"))
        assert result.final_url == server.url("/there/b.bin")
        assert (result.http_status, result.size, server.connections) == (200, 5, 1)


def test_location_in_utf8_is_encoded(rig: Rig) -> None:
    location = "/ü b".encode().decode("latin-1")
    with GoodServer({"/": redirect(location), "/%C3%BC%20b": b"found"}) as server:
        assert rig.body(server.url()) == b"found"


def test_other_origin_gets_none_of_the_users_headers(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": echo}) as other:
        with GoodServer({"/": redirect(other.url())}) as server:
            sent = json.loads(make_rig(headers=SECRETS).body(server.url()))
        assert server.requests[0].headers["x-key"] == "s"
    assert not set(sent) & {name.lower() for name, _ in SECRETS}


def test_other_origin_does_not_get_the_login(rig: Rig) -> None:
    with GoodServer({"/": echo}) as other:
        with GoodServer({"/": redirect(other.url())}) as server:
            sent = json.loads(rig.body(server.url(login="user:secret")))
        assert "authorization" in server.requests[0].headers
    assert "authorization" not in sent


def test_same_origin_keeps_headers_and_login(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": redirect("/next"), "/next": echo}) as server:
        sent = json.loads(make_rig(headers=(("X-Key", "s"),)).body(server.url(login="u:p")))
    assert (sent["x-key"], sent["authorization"]) == ("s", "Basic dTpw")


def test_https_does_not_lead_to_http(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": redirect("http://127.0.0.1:1/x")}, tls=True) as server:
        message = make_rig(cacert=CERTIFICATE).message(server.url())
    said = "redirect from https to http refused (--allow-downgrade)"
    assert message == f"redirect: {said}: http://127.0.0.1:1/x"


def test_loop_is_ended_and_named(rig: Rig) -> None:
    with GoodServer({"/a": redirect("/b"), "/b": redirect("/a")}) as server:
        a, b = server.url("/a"), server.url("/b")
        named = f"{a} -> {b} -> {a} -> ... -> {b}"
        assert rig.message(a) == f"redirect: more than 20 redirects: {named}"
        assert len(server.requests) == 21


def test_twenty_redirects_are_followed_and_no_more(rig: Rig) -> None:
    hops = {f"/{n}": redirect(f"/{n + 1}") for n in range(21)}
    with GoodServer({**hops, "/21": b"far"}) as server:
        assert rig.body(server.url("/1")) == b"far"
        assert rig.message(server.url("/0")).startswith("redirect: more than 20 redirects: ")


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://h/x",
        "data:,x",
        "javascript:x",
        "",
        "http://[::1",
        "http://h:99999/",
    ],
)
def test_location_that_cannot_be_fetched_is_a_fault(rig: Rig, location: str) -> None:
    with GoodServer({"/": redirect(location)}) as server:
        assert rig.message(server.url()).startswith("redirect: ")
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"Location: /a\r\nLocation: /b\r\n",
        b"Location: /\xff\r\n",
        b"Location: http://a..b/\r\n",
    ],
)
def test_unclear_location_is_a_fault(rig: Rig, header: bytes) -> None:
    with RawServer([b"HTTP/1.1 302 Found\r\n" + header + b"Content-Length: 0\r\n\r\n"]) as server:
        assert rig.message(server.url()).startswith("redirect: ")


@pytest.mark.parametrize(
    "length", [b"Content-Length: 99999999\r\n", b"", b"Transfer-Encoding: chunked\r\n"]
)
def test_large_body_of_a_redirect_is_not_read(rig: Rig, length: bytes) -> None:
    hop = b"HTTP/1.1 302 Found\r\nLocation: /b\r\n" + length + b"\r\n"
    whole = Script([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])
    with RawServer(paths={"/a": Script([hop], "stall"), "/b": whole}) as server:
        assert rig.body(server.url("/a")) == b"ok"


@pytest.mark.parametrize("status", [300, 305])
def test_other_3xx_are_not_followed(rig: Rig, status: int) -> None:
    with GoodServer({"/": redirect("/b", status), "/b": b"x"}) as server:
        assert rig.message(server.url()).startswith(f"redirect: {status} ")


def test_login_is_sent_as_basic_and_never_shown(rig: Rig) -> None:
    with GoodServer({"/": echo, "/to": redirect("/"), "/404": Reply(status=404)}) as server:
        for path in ("/", "/to"):
            result = rig.fetch(server.url(path, login="us%20er:p%C3%BCss"))
            assert result.final_url == server.url("/")
            assert server.requests[-1].headers["authorization"] == "Basic dXMgZXI6cMO8c3M="
            assert "p%C3%BCss" not in server.requests[-1].path
        assert "ss" not in rig.message(server.url("/404", login="user:pass"))


def test_the_users_authorization_beats_the_login(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": echo}) as server:
        rig = make_rig(headers=(("authorization", "Bearer t"),))
        assert json.loads(rig.body(server.url(login="u:p")))["authorization"] == "Bearer t"


def test_login_in_the_chain_is_never_shown(rig: Rig) -> None:
    with GoodServer({}) as server:
        server.files["/a"] = redirect(server.url("/b", login="u:sesame"))
        server.files["/b"] = redirect(server.url("/a", login="u:sesame"))
        assert "sesame" not in rig.message(server.url("/a", login="u:sesame"))
