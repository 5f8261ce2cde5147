"""Credentials, row by row: for the origin that they were given for, and for nobody's eyes.

The numbers are those of the catalogue of faults.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from good import GoodServer, Reply, Request, echo, redirect
from installed import Installed
from listening import CERTIFICATE
from raw import RawServer
from transfer_rig import Rig
from tunnel import TunnelServer
from ways_rig import by_any_way

from downloader.errors import UsageError
from downloader.policy import Limits, Retry
from downloader.transfer import cookie_file
from downloader.transfer.cookie_file import GivenCookies
from downloader.transfer.headers import basic

MakeRig = Callable[..., Rig]
Sent = dict[str, str]

SECRETS = (
    ("Authorization", "Bearer sesame"),
    ("Cookie", "id=sesame"),
    ("Proxy-Authorization", "Basic sesame"),
    ("X-Api-Key", "sesame"),
    ("Referer", "http://sesame.example/"),
)
PLAIN = {"host", "user-agent", "accept", "accept-encoding", "want-repr-digest"}


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


@pytest.fixture
def other() -> Iterator[GoodServer]:
    """Another origin: the same host on another port."""
    with GoodServer({"/": echo}) as server:
        yield server


def asked(server: GoodServer) -> Request:
    return server.requests[-1]


# D6: what the user gives goes to the listed origin only.


def test_d6_other_port_gets_nothing_of_the_user(make_rig: MakeRig, other: GoodServer) -> None:
    with GoodServer({"/": redirect(other.url())}) as server:
        make_rig(headers=SECRETS).body(server.url(login="u:sesame"))
        assert asked(server).headers["x-api-key"] == "sesame"
    assert set(asked(other).headers) == PLAIN
    assert "sesame" not in json.dumps(dict(asked(other).headers))


def test_d6_other_host_gets_nothing_of_the_user(make_rig: MakeRig) -> None:
    far, near = "http://far.example/", "http://near.example/"
    with GoodServer({near: redirect(far), far: echo}) as proxy:
        rig = make_rig(proxy=proxy.url(), headers=SECRETS)
        assert set(json.loads(rig.body(near))) == PLAIN


def test_d6_other_scheme_gets_nothing_of_the_user(make_rig: MakeRig) -> None:
    with GoodServer({"/": echo}, tls=True) as secure, GoodServer() as plain:
        plain.files["/"] = redirect(secure.url())
        rig = make_rig(cacert=CERTIFICATE, headers=SECRETS)
        assert set(json.loads(rig.body(plain.url(login="u:sesame")))) == PLAIN


@pytest.mark.parametrize("host", ["A.EXAMPLE", "a.example:80"])
def test_d6_listed_origin_is_known_in_any_spelling(make_rig: MakeRig, host: str) -> None:
    listed, there = "http://a.example/", "http://a.example/x"
    with GoodServer({listed: redirect(f"http://{host}/x"), there: echo}) as proxy:
        sent = json.loads(make_rig(proxy=proxy.url(), headers=SECRETS).body(listed))
    assert sent["x-api-key"] == "sesame"


@pytest.mark.parametrize(
    "host", ["a.example.", "sub.a.example", "a.example.evil", "xa.example", "a.example:81"]
)
def test_d6_similar_host_is_another(make_rig: MakeRig, host: str) -> None:
    listed, there = "http://a.example/", f"http://{host}/x"
    with GoodServer({listed: redirect(there), there: echo}) as proxy:
        sent = json.loads(make_rig(proxy=proxy.url(), headers=SECRETS).body(listed))
    assert set(sent) == PLAIN


def test_d6_way_back_to_the_listed_origin_has_them_again(
    make_rig: MakeRig, other: GoodServer
) -> None:
    with GoodServer({"/": redirect(other.url("/back")), "/end": echo}) as server:
        other.files["/back"] = redirect(server.url("/end"))
        sent = json.loads(make_rig(headers=SECRETS).body(server.url()))
    assert sent["authorization"] == "Bearer sesame"
    assert set(asked(other).headers) == PLAIN


def test_d6_tries_after_the_first_keep_to_it(make_rig: MakeRig, other: GoodServer) -> None:
    other.files["/"] = [Reply(status=503), echo(Request("", "", {}, 0))]
    with GoodServer({"/": redirect(other.url())}) as server:
        make_rig(headers=SECRETS).body(server.url())
    assert [set(each.headers) for each in other.requests] == [PLAIN, PLAIN]


# D11: a login in a URL.


def test_d11_login_is_sent_to_its_origin_only(rig: Rig, other: GoodServer) -> None:
    with GoodServer({"/": redirect(other.url())}) as server:
        result = rig.fetch(server.url(login="us%20er:p%C3%BC%3A%40ss"))
        assert asked(server).headers["authorization"] == basic("us er", "pü:@ss")
        assert asked(server).path == "/"
    assert "authorization" not in asked(other).headers
    assert result.final_url == other.url()


def test_d11_login_of_a_redirect_is_for_that_origin(rig: Rig, other: GoodServer) -> None:
    with GoodServer({"/": redirect(other.url(login="its:own"))}) as server:
        result = rig.fetch(server.url(login="u:sesame"))
    assert asked(other).headers["authorization"] == basic("its", "own")
    assert result.final_url == other.url()


def test_d11_no_referer_is_sent(rig: Rig, other: GoodServer) -> None:
    with GoodServer({"/": redirect(other.url())}) as server:
        rig.body(server.url(login="u:sesame"))
        assert "referer" not in {**asked(server).headers, **asked(other).headers}


# D12: netrc.


def netrc(tmp_path: Path, text: str) -> dict[str, str]:
    (tmp_path / "my netrc").write_text(text)
    return {"NETRC": str(tmp_path / "my netrc")}


def fetched(dl: Installed, *arguments: str, env: dict[str, str]) -> Sent:
    """Run the command; return the headers that were sent, as the server echoes them."""
    done = dl("fetch", "-o", "sent", *arguments, env=env)
    assert done.returncode == 0, done.stderr
    sent: Sent = json.loads(dl.files()["sent"])
    return sent


MACHINE = "machine 127.0.0.1 login u password sesame\n"
LOGIN = basic("u", "sesame")


def test_d12_netrc_is_read_only_where_it_is_asked_for(dl: Installed, tmp_path: Path) -> None:
    env = netrc(tmp_path, MACHINE) | {"HOME": str(tmp_path)}
    (tmp_path / ".netrc").write_text(MACHINE)
    with GoodServer({"/": echo}) as server:
        assert "authorization" not in fetched(dl, server.url(), env=env)
        assert fetched(dl, server.url(), "--netrc", env=env)["authorization"] == LOGIN
        assert fetched(dl, server.url(), env=env | {"DL_NETRC": "1"})["authorization"] == LOGIN
        home = {"HOME": str(tmp_path)}
        assert fetched(dl, server.url(), "--netrc", env=home)["authorization"] == LOGIN


@pytest.mark.parametrize(
    "text",
    [
        "default login u password sesame\n",
        "machine localhost login u password sesame\ndefault login u password sesame\n",
        "machine 127.0.0 login u password sesame\nmachine 27.0.0.1 login u password sesame\n",
        "machine 0.0.1 login u password sesame\n",
    ],
)
def test_d12_default_entry_and_similar_hosts_are_never_used(
    dl: Installed, tmp_path: Path, text: str
) -> None:
    with GoodServer({"/": echo}) as server:
        sent = fetched(dl, "--netrc", server.url(), env=netrc(tmp_path, text))
    assert "authorization" not in sent


def test_d12_redirect_to_a_host_that_netrc_names_gets_its_login(make_rig: MakeRig) -> None:
    logins = {"near.example": ("n", "sesame"), "far.example": ("f", "sesame")}
    near, far, other = "http://near.example/", "http://far.example/", "http://other.example/"
    with GoodServer({near: redirect(far), far: redirect(other), other: echo}) as proxy:
        rig = make_rig(proxy=proxy.url(), logins=logins, headers=SECRETS[1:])
        assert set(json.loads(rig.body(near))) == PLAIN
        sent = [each.headers.get("authorization") for each in proxy.requests]
        assert sent == [basic("n", "sesame"), basic("f", "sesame"), None]
        assert "x-api-key" not in proxy.requests[1].headers


@by_any_way
def test_d12_way_over_a_login_host_that_netrc_names_and_back_with_a_cookie(
    make_rig: MakeRig,
) -> None:
    """As data archives do it: neither the listed host nor its list knows the login."""

    def file(request: Request) -> Reply:
        return Reply(b"in") if request.headers.get("cookie") == "s=1" else redirect(login)

    def check(request: Request) -> Reply:
        is_known = request.headers.get("authorization") == LOGIN
        return redirect(server.url("/back")) if is_known else Reply(status=401)

    with GoodServer() as server, GoodServer({"/login": check}) as gate:
        login = gate.url("/login").replace("127.0.0.1", "localhost")
        server.files = {"/a": file, "/back": sets("s=1; Path=/", to="/a")}
        rig = make_rig(logins={"localhost": ("u", "sesame")})
        assert rig.body(server.url("/a")) == b"in"
        assert server.paths == ["/a", "/back", "/a"]
        assert not any("authorization" in each.headers for each in server.requests)


@by_any_way
@pytest.mark.parametrize("hops", [1, 2])
def test_d12_once_over_https_its_logins_go_over_https_only(make_rig: MakeRig, hops: int) -> None:
    logins = {"127.0.0.1": ("u", "sesame"), "localhost": ("v", "sesame")}
    with GoodServer({"/": echo}) as plain, GoodServer(tls=True) as secure:
        secure.files.update({"/1": redirect(plain.url()), "/2": redirect("/1")})
        lax = make_rig(cacert=CERTIFICATE, limits=Limits(downgrade=True), logins=logins)
        assert "authorization" not in json.loads(lax.body(secure.url(f"/{hops}")))
        assert asked(secure).headers["authorization"] == LOGIN
        plain.files["/up"] = redirect(secure.url("/1").replace("127.0.0.1", "localhost"))
        assert "authorization" not in json.loads(lax.body(plain.url("/up")))
        assert asked(secure).headers["authorization"] == basic("v", "sesame")


def test_d12_header_and_login_of_the_url_go_before_netrc(make_rig: MakeRig) -> None:
    logins = {"127.0.0.1": ("netrc", "sesame")}
    with GoodServer({"/": echo}) as server:
        assert json.loads(make_rig(logins=logins).body(server.url(login="u:p")))[
            "authorization"
        ] == basic("u", "p")
        given = make_rig(logins=logins, headers=(("authorization", "Bearer t"),))
        assert json.loads(given.body(server.url()))["authorization"] == "Bearer t"


@pytest.mark.parametrize("text", ["machine 127.0.0.1 login u password p sesame", None])
def test_d12_netrc_that_cannot_be_used_is_said_before_any_request(
    dl: Installed, tmp_path: Path, text: str | None
) -> None:
    env = netrc(tmp_path, text) if text else {"NETRC": str(tmp_path / "none")}
    with GoodServer({"/": echo}) as server:
        done = dl("fetch", "--netrc", server.url(), env=env)
        assert (done.returncode, server.requests) == (2, [])
    assert done.stderr.startswith(b"dl: --netrc: ")
    assert done.stderr.count(b"\n") == 1
    assert b"sesame" not in done.stderr


# D13: who is the host?


@pytest.mark.parametrize(
    ("url", "host", "login"),
    [
        ("http://good.example@evil.example/", "evil.example", basic("good.example", "")),
        ("http://good.example:80@evil.example/", "evil.example", basic("good.example", "80")),
        ("http://u;x@evil.example/", "evil.example", basic("u;x", "")),
        ("http://good.example%2F@evil.example/", "evil.example", basic("good.example/", "")),
        ("http://good.example%40x@evil.example/", "evil.example", basic("good.example@x", "")),
        ("http://evil.example/@good.example/", "evil.example", None),
        ("http://evil.example?@good.example/", "evil.example", None),
        ("http://evil.example#@good.example/", "evil.example", None),
        ("http://evil.example:80#@good.example:80/", "evil.example", None),
    ],
)
def test_d13_host_that_is_checked_is_the_one_that_is_asked(
    make_rig: MakeRig, url: str, host: str, login: str | None
) -> None:
    seen: list[Request] = []

    class World(GoodServer):
        def _reply(self, request: Request) -> Reply:
            seen.append(request)
            return Reply(b"x")

    with World() as proxy:
        make_rig(proxy=proxy.url()).body(url)
    assert seen[0].headers["host"] == host
    assert seen[0].path.startswith(f"http://{host}/")
    assert seen[0].headers.get("authorization") == login


MISREAD = [
    "http://good.example\\@evil.example/",
    "http://good.example\\.evil.example/",
    "http:\\\\evil.example/",
    "http://good.example%2Fevil.example/",
    "http://good.example%40evil.example/",
    "http://good.example%00.evil.example/",
    "http://a@b@evil.example/",
    "http://good.example /",
    "http://good.example\u3000/",
    "http://[::1%25lo]/",
    "http://good.example:80:80/",
    "http://good.example:+80/",
]


def test_d13_host_that_other_parsers_read_otherwise_is_refused(dl: Installed) -> None:
    with GoodServer() as server:
        name = dl.write_list([*MISREAD, server.url("/x")])
        done = dl("fetch", name, "--format", "json", "--proxy", server.url())
        assert server.paths == [server.url("/x")]
    told = {
        each["line"]: each["error"]["kind"] for each in map(json.loads, done.stdout.splitlines())
    }
    assert [told[line] for line in range(1, len(MISREAD) + 1)] == ["bad-url"] * len(MISREAD)


# D14: bytes that would end a line of the request.


ODD = [b"\r", b"\0", b"\x0b", b"\x1b", b"\x7f", b"\xc2\x85"]


def test_d14_control_byte_in_a_listed_url_is_refused_with_its_line(dl: Installed) -> None:
    with GoodServer({"/b": b"x"}) as server:
        hostile = [server.url("/a").encode() + odd + b"X-Evil: 1" for odd in ODD]
        lines = [b"# first", *hostile, server.url("/b").encode()]
        (dl.folder / "list").write_bytes(b"\n".join(lines))
        done = dl("fetch", "list", "--format", "none", "-q")
        assert server.paths == ["/b"]
    said = done.stderr.splitlines()
    assert [line.split(b" ")[1] for line in said] == [b"list:%d:" % n for n in range(2, 8)]
    assert not any(odd in line for odd in ODD for line in said)


@pytest.mark.parametrize("value", ["a\rb", "a\nX-Evil: 1", "a\x00b", "a\x7fb", "a\x1bb"])
def test_d14_control_byte_in_a_header_is_refused(make_rig: MakeRig, value: str) -> None:
    for name, text in (("X-A", value), (value, "x")):
        with pytest.raises(UsageError, match="--header") as caught:
            make_rig(headers=((name, text),))
        assert not set("\r\n\0\x7f\x1b") & set(str(caught.value))


def test_d14_control_byte_in_a_header_is_a_usage_error(dl: Installed) -> None:
    with GoodServer({"/": b"x"}) as server:
        done = dl("fetch", "-H", "X-A: a\nX-Evil: sesame", server.url())
        assert (done.returncode, server.requests) == (2, [])
    assert done.stderr.count(b"\n") == 1
    assert b"sesame" not in done.stderr


# D15: proxies.


def test_d15_login_of_the_proxy_goes_to_the_proxy_only(make_rig: MakeRig) -> None:
    with GoodServer({"/": echo}, tls=True) as server, TunnelServer() as proxy:
        rig = make_rig(proxy=proxy.url(login="p:sesame"), cacert=CERTIFICATE, headers=SECRETS[3:])
        sent = json.loads(rig.body(server.url()))
        rig.fetcher.close()
        told = proxy.requests[0].headers
    assert told["proxy-authorization"] == basic("p", "sesame")
    assert "x-api-key" not in told
    assert "proxy-authorization" not in sent


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("reply", "tries"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", 1),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", 3),
        (b"HTTP/1.1 200", 3),
        (b"", 3),
    ],
)
def test_d15_proxy_that_answers_for_the_host(
    make_rig: MakeRig, scheme: str, reply: bytes, tries: int
) -> None:
    with RawServer([reply]) as proxy:
        rig = make_rig(proxy=proxy.url(login="p:sesame"), retry=Retry(retries=2, base=0.0))
        result = rig.fetch(f"{scheme}://u:sesame@far.example/")
        assert result.failure is not None
        assert len(proxy.requests) == tries
        assert result.failure.retryable is (tries > 1)
    assert "sesame" not in result.failure.message


def test_d15_proxy_that_plays_the_host_has_no_certificate(make_rig: MakeRig) -> None:
    evil = GoodServer({"/": b"forged"}, tls=True)
    with evil, TunnelServer(to=("127.0.0.1", evil.port)) as proxy:
        message = make_rig(proxy=proxy.url()).message("https://far.example/")
    assert message.startswith("tls: certificate verify failed")


def test_d15_proxy_of_the_environment_is_told_once_without_its_login(dl: Installed) -> None:
    with GoodServer({f"http://a.example/{n}": b"x" for n in range(3)}) as proxy:
        name = dl.write_list([f"http://a.example/{n}" for n in range(3)])
        env = {"http_proxy": proxy.url(login="p:sesame"), "https_proxy": f"127.0.0.1:{proxy.port}"}
        done = dl("fetch", name, env=env)
    said = f"requests go through a proxy, as the environment says: 127.0.0.1:{proxy.port}"
    assert (done.returncode, done.stderr.count(said.encode())) == (0, 1)
    assert b"sesame" not in done.stderr
    direct = dl("fetch", "http://127.0.0.1:1/", "--proxy", "", "--retries", "0", env=env)
    assert b"proxy" not in direct.stderr


# D16: cookies.


def sets(*cookies: str, to: str = "", status: int = 0) -> Reply:
    """Return a reply that sets cookies, and leads on where that is said."""
    lines = "\r\nSet-Cookie: ".join(cookies)
    headers = {"Set-Cookie": lines} | ({"Location": to} if to else {})
    return Reply(status=status or (302 if to else 200), headers=headers)


def cookies_of(server: GoodServer) -> list[str | None]:
    return [each.headers.get("cookie") for each in server.requests]


@by_any_way
def test_d16_url_that_leads_to_itself_once_its_cookie_is_set(rig: Rig) -> None:
    def gate(request: Request) -> Reply:
        return Reply(b"in") if "cookie" in request.headers else sets("id=1; Path=/", to="/a")

    with GoodServer({"/a": gate}) as server:
        assert rig.body(server.url("/a")) == b"in"
        assert cookies_of(server) == [None, "id=1"]


@by_any_way
def test_d16_cookies_of_a_way_over_a_gate_and_back(rig: Rig) -> None:
    """The gate's cookie goes to the gate, and the file's host gets back its own."""
    with GoodServer() as server, GoodServer() as gate:
        login = gate.url("/login").replace("127.0.0.1", "localhost")
        gate.files = {"/login": sets("gate=1", to="/agree"), "/agree": redirect(server.url("/a"))}
        first = sets("one=1", "two=2; Path=/elsewhere", to=login)
        server.files = {"/a": [first, redirect("/b")], "/b": b"in"}
        assert rig.body(server.url("/a")) == b"in"
        assert cookies_of(gate) == [None, "gate=1"]
        assert cookies_of(server) == [None, "one=1", "one=1"]


@by_any_way
def test_d16_cookies_live_for_an_items_tries_and_then_are_forgotten(rig: Rig) -> None:
    not_now = [sets("id=1; Path=/", status=503), Reply(b"x")]
    busy = sets("id=2; Path=/", status=429)
    cut = sets("id=3; Path=/")
    short = Reply(b"x", headers={**cut.headers, "Content-Length": "9"}, close=True)
    again = Reply(b"x")
    with GoodServer({"/a": not_now, "/b": [busy, again], "/c": [short, again]}) as server:
        for path in ("/a", "/b", "/c"):
            rig.body(server.url(path))
        assert cookies_of(server) == [None, "id=1", None, "id=2", None, "id=3"]


def test_d16_cookies_are_for_the_sites_that_set_them(make_rig: MakeRig) -> None:
    a, sub, other = "http://a.example/", "http://sub.a.example/", "http://other.example/"
    baked = sets("own=1", "wide=2; Domain=a.example", "evil=3; Domain=other.example", to=sub)
    with GoodServer({a: baked, sub: redirect(other), other: echo}) as proxy:
        rig = make_rig(proxy=proxy.url())
        assert "cookie" not in json.loads(rig.body(a))
        assert cookies_of(proxy) == [None, "wide=2", None]


@by_any_way
def test_d16_secure_cookie_goes_over_https_only(make_rig: MakeRig) -> None:
    with GoodServer({"/": echo}, tls=True) as secure, GoodServer() as plain:
        plain.files = {"/": sets("s=1; Secure", "p=2", to="/b"), "/b": redirect(secure.url())}
        assert json.loads(make_rig(cacert=CERTIFICATE).body(plain.url()))["cookie"] == "s=1; p=2"
        assert cookies_of(plain) == [None, "p=2"]


@by_any_way
def test_d16_cookies_of_servers_replace_namesakes_in_a_header_of_the_user(
    make_rig: MakeRig, other: GoodServer
) -> None:
    with GoodServer({"/a": sets("id=new", to="/b"), "/b": echo}) as server:
        rig = make_rig(headers=(("cookie", "lang=en; id=old"),))
        assert json.loads(rig.body(server.url("/a")))["cookie"] == "lang=en; id=new"
        assert cookies_of(server)[0] == "lang=en; id=old"
        other.files["/"] = echo
        server.files["/a"] = redirect(other.url())
        assert "cookie" not in json.loads(rig.body(server.url("/a")))


def given(*lines: str) -> GivenCookies:
    """Return the cookies of a file with these lines, whose blanks stand for tabs."""
    rows = [line.replace(" ", "\t") for line in lines]
    with NamedTemporaryFile("w") as file:
        file.write("\n".join(rows))
        file.flush()
        return cookie_file.read(file.name)


@by_any_way
def test_d16_cookies_of_a_file_go_to_the_hosts_that_it_names(make_rig: MakeRig) -> None:
    cookies = given("127.0.0.1 FALSE / FALSE 0 id 1", "localhost FALSE /b FALSE 0 id 2")
    with GoodServer() as server, GoodServer({"/": echo, "/b": echo}) as other:
        local = other.url("/b").replace("127.0.0.1", "localhost")
        server.files = {"/a": redirect(local), "/b": redirect(local[:-1]), "/c": echo}
        rig = make_rig(cookies=cookies)
        assert json.loads(rig.body(server.url("/a")))["cookie"] == "id=2"
        assert "cookie" not in json.loads(rig.body(server.url("/b")))
        assert json.loads(rig.body(server.url("/c")))["cookie"] == "id=1"
        assert cookies_of(server) == ["id=1", "id=1", "id=1"]


def test_d16_cookies_of_a_file_go_to_no_similar_host(make_rig: MakeRig) -> None:
    hosts = ["a.example", "sub.a.example", "xa.example", "example", "b.example", "s.b.example"]
    urls = [f"http://{host}/" for host in hosts]
    cookies = given("a.example FALSE / FALSE 0 n 1", ".b.example TRUE / FALSE 0 w 2")
    with GoodServer(dict.fromkeys(urls, b"x")) as proxy:
        rig = make_rig(proxy=proxy.url(), cookies=cookies)
        for url in urls:
            rig.body(url)
        assert cookies_of(proxy) == ["n=1", None, None, None, "w=2", "w=2"]


@by_any_way
def test_d16_server_replaces_and_ends_cookies_of_the_file_for_one_item(make_rig: MakeRig) -> None:
    cookies = given("127.0.0.1 FALSE / FALSE 0 id old", "127.0.0.1 FALSE / FALSE 0 end 1")
    leads = sets("id=new; Path=/", "end=; Path=/; Max-Age=0", to="/b")
    with GoodServer({"/a": leads, "/b": redirect("/c"), "/c": echo}) as server:
        rig = make_rig(cookies=cookies)
        assert json.loads(rig.body(server.url("/a")))["cookie"] == "id=new"
        assert json.loads(rig.body(server.url("/c")))["cookie"] == "id=old; end=1"


@by_any_way
def test_d16_secure_cookie_of_a_file_goes_over_https_only(make_rig: MakeRig) -> None:
    cookies = given("127.0.0.1 FALSE / TRUE 0 id 1")
    with GoodServer({"/": echo}, tls=True) as secure, GoodServer({"/": echo}) as plain:
        rig = make_rig(cookies=cookies, cacert=CERTIFICATE)
        assert json.loads(rig.body(secure.url()))["cookie"] == "id=1"
        assert "cookie" not in json.loads(rig.body(plain.url()))


# P5: none is printed, logged or stored.


def everything_below(folder: Path) -> bytes:
    return b"".join(
        path.name.encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("how", [(), ("--format", "json", "-v"), ("--sequential", "-q")])
def test_p5_no_secret_is_told_or_kept(dl: Installed, tmp_path: Path, how: tuple[str, ...]) -> None:
    """Logins of URLs, headers, netrc and a proxy; what is stored, fails, leads on or is no URL."""
    secrets = [f"sesame{number}" for number in range(1, 9)]
    encoded = [basic(*pair).split()[1] for pair in (("u", "sesame1"), ("p", "sesame4"))]
    env = netrc(tmp_path, "machine netrc.example login n password sesame3\n")
    site = "http://a.example"

    class World(GoodServer):
        """The proxy of all hosts."""

    with World() as proxy:
        proxy.files.update(
            {
                f"{site}/ok": b"fine",
                f"{site}/gone": Reply(b"u:sesame1", 404),
                f"{site}/cut": Reply(b"x", headers={"Content-Length": "99"}, close=True),
                f"{site}/gate": sets("s=sesame8; Path=/", to="/ok"),
                f"{site}/to": redirect("http://v:sesame5@b.example/ok"),
                f"{site}/loop": redirect("http://v:sesame5@a.example/loop"),
                f"{site}/bad": redirect("http://v:sesame5@a..b/"),
                f"{site}/scheme": redirect("ftp://v:sesame5@a.example/"),
                "http://b.example/ok": b"there",
                "http://netrc.example/ok": b"mine",
            }
        )
        paths = ["ok", "gone", "cut", "to", "loop", "bad", "scheme", "gate"]
        lines = [f"http://u:sesame1@a.example/{path}" for path in paths]
        lines += ["http://netrc.example/ok", "http://u:sesame1@a.example/ok"]
        lines += ["http://u:sesame6@a b/", "http://u:sesame6@[::1/", "ftp://u:sesame6@a.example/"]
        lines += ["http://u:ses/sesame6@a.example/", "u:sesame6@a.example", "https://u:sesame6@x/"]
        folder = tmp_path / "run"
        folder.mkdir()
        run = Installed(folder)
        name = run.write_list(lines)
        (tmp_path / "cookies").write_text("a.example\tFALSE\t/\tFALSE\t0\tid\tsesame7\n")
        done = run(
            *(
                "fetch",
                name,
                "--netrc",
                "--cookies",
                str(tmp_path / "cookies"),
                "-H",
                "X-Key: sesame2",
                "--retries",
                "1",
                "--max-time",
                "9",
            ),
            *("--proxy", proxy.url(login="p:sesame4"), "--report", "report.json", *how),
            env=env | {"DL_DEBUG": "1"},
        )
        (folder / name).unlink()
        wrong = [each for each in proxy.requests if each.headers["host"] == "b.example"]
        assert "id=sesame7; s=sesame8" in [each.headers.get("cookie") for each in proxy.requests]
    assert done.returncode == 1, done.stderr
    told = done.stdout + done.stderr + everything_below(folder)
    assert b"mine" in told
    assert b"there" in told
    assert [each for each in secrets + encoded if each.encode() in told] == []
    assert len(wrong) == 1
    assert wrong[0].headers["authorization"] == basic("v", "sesame5")
    assert not {"x-key", "cookie"} & set(wrong[0].headers)


@pytest.mark.parametrize(
    "arguments",
    [
        ("-H", "Authorization sesame"),
        ("-H", "X Key: sesame"),
        ("-H", "Content-Length: sesame"),
        ("--proxy", "http://u:sesame@h:x/"),
        ("--proxy", "socks4://u:sesame@h/"),
        ("--proxy", "u:sesame@"),
        ("--sums", "http://u:sesame@127.0.0.1:1/SUMS"),
        ("--sums", "http://u:sesame@[::1/SUMS"),
        ("--user-agent", "sesame\n"),
    ],
)
def test_p5_usage_error_quotes_no_secret(dl: Installed, arguments: tuple[str, str]) -> None:
    done = dl("fetch", *arguments, "--retries", "0", "http://127.0.0.1:1/x")
    assert done.returncode == 2, done.stderr
    assert b"sesame" not in done.stderr + done.stdout


def test_p5_source_that_is_a_url_is_told_without_its_login(dl: Installed) -> None:
    done = dl("fetch", "http://u:sesame@127.0.0.1:1/x", "--retries", "0", "--format", "json", "-v")
    kept = everything_below(dl.folder / "downloads")
    assert done.returncode == 1
    assert b"sesame" not in done.stdout + done.stderr + kept


def test_p5_secret_is_not_in_the_part_or_the_journal_of_a_run_that_is_killed(
    dl: Installed,
) -> None:
    server = GoodServer({"/": Reply(b"x" * 100_000)}, rate=20_000)
    options = ("-H", "X-Key: sesame")
    with server, dl.begin("fetch", *options, server.url(login="u:sesame")) as process:
        while not server.requests:
            assert process.poll() is None
        process.kill()
        process.communicate()
    assert b"sesame" not in everything_below(dl.folder / "downloads")
