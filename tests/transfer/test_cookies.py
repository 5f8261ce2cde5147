"""Cookies of one item: read as RFC 6265 says, bounded, and for nobody but their site (D16)."""

from __future__ import annotations

import pytest

from downloader.transfer.cookie_jar import LARGEST, MOST, ItemJar
from downloader.transfer.cookies import WAITING_AT_MOST, Cookies, WaitingCookies
from downloader.transfer.target import target
from downloader.wire.head import Fields

SENDER = "http://a.b.example/x/y?q"


def sent(lines: list[str], url: str = SENDER, sender: str = SENDER) -> str:
    """Return the Cookie field for a URL after `sender` has set these."""
    jar = ItemJar()
    jar.take(target(sender), lines)
    return jar.header(target(url))


@pytest.mark.parametrize(
    ("line", "cookie"),
    [
        ("a=1", "a=1"),
        (" a = 1 ;x", "a=1"),
        ('a="1 2,3"', 'a="1 2,3"'),
        ("a=", "a="),
        ("a=b=c", "a=b=c"),
        ("a=1; PATH=/", "a=1"),
        ("a=1; path=/; path=/elsewhere", ""),
        ("a=1; Expires=Wed, 09 Jun 2100 10:18:14 GMT", "a=1"),
        ("a=1; Expires=Wed, 09 Jun 1999 10:18:14 GMT", ""),
        ("a=1; Max-Age=0", ""),
        ("a=1; Max-Age=-1", ""),
        ("a=1; Max-Age=60; Expires=Wed, 09 Jun 1999 10:18:14 GMT", "a=1"),
        ("a=1; Max-Age=" + "9" * 18, "a=1"),
        ("a=1; Max-Age=x; Expires=x; Domain=; Path=x; =; ;", "a=1"),
        ("a=1; Expires=1 Jan 99999 00:00:00 GMT", "a=1"),
        ("a", ""),
        ("=1", ""),
        ("", ""),
        (";", ""),
        ("a=\x01", ""),
        ("a=\xfc", "a=\xfc"),
        ("a=1; HttpOnly; SameSite=Strict; Partitioned", "a=1"),
        ("a=" + "x" * (LARGEST - 1), "a=" + "x" * (LARGEST - 1)),
        ("a=" + "x" * LARGEST, ""),
    ],
)
def test_set_cookie_is_read_as_browsers_do(
    line: str, cookie: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sent([line]) == cookie
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("attributes", "url", "goes"),
    [
        ("", "http://a.b.example/x/", True),
        ("", "http://a.b.example/x", True),
        ("", "http://a.b.example/xx", False),
        ("", "http://a.b.example/", False),
        ("", "http://c.a.b.example/x/y", False),
        ("", "http://b.example/x/y", False),
        ("Path=/", "http://a.b.example:81/z", True),
        ("Path=/z", "http://a.b.example/z/z", True),
        ("Path=/; Domain=b.example", "http://c.b.example/", True),
        ("Path=/; Domain=.B.Example", "http://b.example/", True),
        ("Path=/; Domain=a.b.example", "http://d.a.b.example/", True),
        ("Path=/; Domain=b.example", "http://bb.example/", False),
        ("Path=/; Domain=b.example", "http://evil-b.example/", False),
        ("Path=/; Domain=example", "http://c.example/", False),
        ("Path=/; Domain=c.b.example", "http://c.b.example/", False),
        ("Path=/%c3%bc", "http://a.b.example/%C3%BC/z", True),
        ("Path=/\xc3\xbc", "http://a.b.example/%C3%BC", True),
        ("Path=/; Secure", "http://a.b.example/", False),
        ("Path=/; Secure", "https://a.b.example/", True),
    ],
)
def test_cookie_goes_where_domain_path_and_secure_say(
    attributes: str, url: str, goes: bool
) -> None:
    assert sent([f"id=1; {attributes}"], url) == ("id=1" if goes else "")


@pytest.mark.parametrize(
    ("sender", "domain", "url", "goes"),
    [
        ("http://127.0.0.1/", "127.0.0.1", "http://127.0.0.1/", True),
        ("http://127.0.0.1/", "0.0.1", "http://10.0.0.1/", False),
        ("http://127.0.0.1/", "0.0.1", "http://127.0.0.1/", False),
        ("http://[::1]/", "", "http://[::1]/", True),
        ("http://[::1]/", "", "http://[::2]/", False),
        ("http://localhost/", "localhost", "http://localhost:81/", True),
        ("http://localhost/", "", "http://a.localhost/", False),
        ("http://a.co.uk/", "co.uk", "http://b.co.uk/", False),
        ("http://a.uk/", "uk", "http://b.uk/", False),
        ("http://u:p@a.example/", "", "http://v:q@a.example/", True),
    ],
)
def test_addresses_and_names_of_registries_have_no_common_cookies(
    sender: str, domain: str, url: str, goes: bool
) -> None:
    assert sent([f"id=1; Domain={domain}"], url, sender) == ("id=1" if goes else "")


def test_a_later_cookie_replaces_its_namesake_and_longer_paths_go_first() -> None:
    assert sent(["a=1", "b=1; Path=/", "a=2", "c=1", "c=; Max-Age=0"]) == "a=2; b=1"


def test_no_more_than_fifty_are_kept() -> None:
    lines = [f"a{number}=1" for number in range(MOST + 9)]
    assert sent(lines).count("=") == MOST
    assert sent([*lines, "a0=; Max-Age=0", "z=1"]).endswith("z=1")


def test_nothing_is_sent_before_anything_is_set() -> None:
    cookies, fields = Cookies(), Fields()
    cookies.note(target(SENDER), fields)
    assert (cookies.header(target(SENDER)), cookies.is_begun) == ("", False)
    fields.on_header(b"SET-Cookie", b"a=1")
    cookies.note(target(SENDER), fields)
    assert (cookies.header(target(SENDER)), cookies.is_begun) == ("a=1", True)


def test_cookies_wait_for_their_item_once_and_the_oldest_are_forgotten() -> None:
    waiting, fields = WaitingCookies(), Fields()
    fields.on_header(b"set-cookie", b"a=1")
    for number in range(WAITING_AT_MOST + 1):
        cookies = Cookies()
        cookies.note(target(SENDER), fields)
        waiting.put(str(number), cookies)
    assert [waiting.take(path) is not None for path in ("0", "1", "1")] == [False, True, False]
