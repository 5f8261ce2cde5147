"""Digest authentication: a challenge is answered once, by the login of its own origin (P5)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable

import pytest
from good import GoodServer, Reply, Request, redirect
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader.transfer.headers import basic

MakeRig = Callable[..., Rig]
NETRC = {"127.0.0.1": ("u", "sesame")}


def md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def is_answer(request: Request, nonce: str = "n1", login: str = "u:r:sesame") -> bool:
    """Return True if a request answers a challenge as RFC 7616 has it."""
    said = request.headers.get("authorization", "")
    found = dict(re.findall(r'(\w+)="?([^",]+)"?', said.removeprefix("Digest ")))
    between = ":".join(found.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
    response = md5(f"{md5(login)}:{between}:{md5('GET:' + request.path)}")
    return (found.get("nonce"), found.get("response")) == (nonce, response)


class Guard:
    """Serves a file to those who answer, and asks all others."""

    def __init__(self, challenge: str = 'Digest realm="r", nonce="n1", qop="auth"') -> None:
        self.challenge = challenge
        self.nonce = "n1"

    def __call__(self, request: Request) -> Reply:
        if is_answer(request, self.nonce):
            return Reply(b"in")
        return Reply(b"who?", 401, {"WWW-Authenticate": self.challenge})


def schemes(server: GoodServer) -> list[str]:
    return [each.headers.get("authorization", "-").split()[0] for each in server.requests]


@by_any_way
def test_login_of_a_url_answers_and_then_is_asked_no_more(rig: Rig) -> None:
    with GoodServer({"/a?x": Guard(), "/b;c": Guard()}) as server:
        assert rig.body(server.url("/a?x", login="u:sesame")) == b"in"
        assert rig.body(server.url("/b;c", login="u:sesame")) == b"in"
        assert schemes(server) == ["Basic", "Digest", "Digest"]
        answers = [each.headers["authorization"] for each in server.requests[1:]]
        assert [re.findall("nc=([0-9]+)", said) for said in answers] == [["00000001"], ["00000002"]]


@by_any_way
def test_login_of_netrc_answers_and_basic_is_sent_once(make_rig: MakeRig) -> None:
    with GoodServer({"/a": Guard(), "/b": Guard(), "/c": Guard()}) as server:
        rig = make_rig(logins=NETRC)
        assert [rig.body(server.url(path)) for path in ("/a", "/b", "/c")] == [b"in"] * 3
        assert schemes(server) == ["Basic", "Digest", "Digest", "Digest"]


@by_any_way
def test_nonce_that_has_ended_is_replaced(rig: Rig) -> None:
    guard = Guard()
    with GoodServer({"/a": guard}) as server:
        rig.body(server.url("/a", login="u:sesame"))
        guard.nonce, guard.challenge = "n2", 'Digest realm="r", nonce="n2", qop="auth", stale=true'
        assert rig.body(server.url("/a", login="u:sesame")) == b"in"
        assert schemes(server) == ["Basic", "Digest", "Digest", "Digest"]


@by_any_way
def test_wrong_login_is_refused_after_one_answer(rig: Rig) -> None:
    with GoodServer({"/a": Guard()}) as server:
        said = rig.message(server.url("/a", login="u:wrong"))
        assert len(server.requests) == 2
    assert said.startswith("http-status: 401 Unauthorized: the login was refused: see --netrc, ")


@by_any_way
def test_nobody_answers_without_a_login_of_that_origin(make_rig: MakeRig) -> None:
    with GoodServer({"/a": Guard()}) as other, GoodServer() as server:
        server.files["/"] = redirect(other.url("/a"))
        said = make_rig().message(server.url(login="u:sesame"))
        assert schemes(other) == ["-"]
    wants = (
        f"127.0.0.1:{other.port} wants a login: give one by --netrc, with an entry for this host"
    )
    assert said == f"http-status: 401 Unauthorized: {wants}"


@by_any_way
def test_header_of_the_user_is_left_as_it_is(make_rig: MakeRig) -> None:
    with GoodServer({"/a": Guard()}) as server:
        rig = make_rig(headers=(("Authorization", "Bearer t"),))
        assert "the login was refused" in rig.message(server.url("/a", login="u:sesame"))
        assert schemes(server) == ["Bearer"]


@by_any_way
def test_redirect_to_a_host_of_netrc_answers_there(make_rig: MakeRig) -> None:
    with GoodServer({"/a": Guard()}) as gate, GoodServer() as server:
        server.files["/"] = redirect(gate.url("/a").replace("127.0.0.1", "localhost"))
        rig = make_rig(logins={"localhost": ("u", "sesame")})
        assert rig.body(server.url()) == b"in"
        assert (schemes(server), schemes(gate)) == (["-"], ["Basic", "Digest"])


@by_any_way
def test_one_host_may_want_digest_here_and_basic_there(rig: Rig) -> None:
    def plain(request: Request) -> Reply:
        if request.headers.get("authorization") == basic("u", "sesame"):
            return Reply(b"in")
        return Reply(b"", 401, {"WWW-Authenticate": 'Basic realm="b"'})

    with GoodServer({"/a": Guard(), "/b": plain}) as server:
        for path in ("/a", "/b", "/a"):
            assert rig.body(server.url(path, login="u:sesame")) == b"in"
        assert schemes(server) == ["Basic", "Digest", "Digest", "Basic", "Digest"]


@by_any_way
def test_answers_go_through_a_try_that_failed(rig: Rig) -> None:
    def busy_at_first(request: Request) -> Reply:
        return Guard()(request) if len(server.requests) > 1 else Reply(status=503)

    with GoodServer({"/a": busy_at_first}) as server:
        assert rig.body(server.url("/a", login="u:sesame")) == b"in"
        assert schemes(server) == ["Basic", "Basic", "Digest"]


@pytest.mark.parametrize(
    ("challenges", "login", "said"),
    [
        ("", "", "it wants a login: give one by --netrc, USER:PASSWORD@ in the URL, or -H "),
        ('Basic realm="x"', "u:p", "the login was refused: see --netrc, USER:PASSWORD@ in the "),
        ("Negotiate, NTLM", "u:p", "it wants a login of another kind: Negotiate (-H '"),
        (
            "Digest realm=x, nonce=y, algorithm=X",
            "u:p",
            "it wants a login of another kind: Digest (-H ",
        ),
        ("=== ???", "u:p", "the login was refused: "),
    ],
)
def test_a_401_says_in_one_sentence_what_to_do(
    rig: Rig, challenges: str, login: str, said: str
) -> None:
    asks = Reply(b"", 401, {"WWW-Authenticate": challenges})
    with GoodServer({"/": asks}) as server:
        message = rig.message(server.url(login=login))
        assert len(server.requests) == 1
    assert message.startswith(f"http-status: 401 Unauthorized: {said}")
    assert "\n" not in message
