"""What `downloader.urls` and `downloader.hostnames` promise."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from url_texts import PIECES, TEXTS
from urllib3.util import parse_url

from downloader import urls
from downloader.errors import BadUrl

LONG_LABEL = "a" * 64


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("http://h", "http://h/"),
        ("HTTP://EXAMPLE.org/A", "http://example.org/A"),
        ("http://h?q", "http://h/?q"),
        ("http://h/a#frag", "http://h/a"),
        ("http://h#frag", "http://h/"),
        ("http://h/a?", "http://h/a?"),
        ("https://h:443/", "https://h/"),
        ("http://h:443/", "http://h:443/"),
        ("http://h:/", "http://h/"),
        ("http://h:0080/", "http://h/"),
        ("http://h:65535/", "http://h:65535/"),
        ("http://h./", "http://h./"),
        ("http://a_b/", "http://a_b/"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://BÜCHER。example/", "http://xn--bcher-kva.example/"),
        ("http://faß.de/", "http://xn--fa-hia.de/"),
        ("http://xn--a/", "http://xn--a/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://0177.0.0.1/", "http://127.0.0.1/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://\uff11\uff12\uff17.1/", "http://127.0.0.1/"),
        ("http://[::1]/", "http://[::1]/"),
        ("http://[0:0:0:0:0:0:0:A]:8080/", "http://[::a]:8080/"),
        ("http://h/ü?ü", "http://h/%C3%BC?%C3%BC"),
        ("http://h/%c3%bc", "http://h/%C3%BC"),
        ("http://h/100%", "http://h/100%25"),
        ("http://h/%2", "http://h/%252"),
        ("http://h/%zz%20", "http://h/%25zz%20"),
        ('http://h/[a]{b}|"<>^`', "http://h/%5Ba%5D%7Bb%7D%7C%22%3C%3E%5E%60"),
        ("http://h/a;b=c:d@e,f!$&'()*+~", "http://h/a;b=c:d@e,f!$&'()*+~"),
        ("http://h/a/./b/../c", "http://h/a/c"),
        ("http://h/../..", "http://h/"),
        ("http://h/a/..", "http://h/"),
        ("http://h/a//b", "http://h/a//b"),
        ("http://h/%2e%2E/a", "http://h/%2E%2E/a"),
        ("http://h/?a/../b?c", "http://h/?a/../b?c"),
        ("http://u:p@h/", "http://u:p@h/"),
        ("http://u:p:q%@h/", "http://u:p:q%25@h/"),
        ("http://u;x:p|ü@h/", "http://u%3Bx:p%7C%C3%BC@h/"),
        ("http://@h/", "http://h/"),
        ("http://:@h/", "http://h/"),
        ("http://h/a@b", "http://h/a@b"),
    ],
)
def test_a_valid_url_is_normalised(text: str, normal: str) -> None:
    assert urls.normalise(text) == normal


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "does not begin with http"),
        ("//h/a", "does not begin with http"),
        ("h/a", "does not begin with http"),
        ("localhost:8080/a", "does not begin with http"),
        ("\ufeffhttp://h/", "does not begin with http"),
        ("ftp://h/a", "scheme is ftp"),
        ("file:///etc/passwd", "scheme is file"),
        ("javascript:alert(1)", "scheme is javascript"),
        ("data:,x", "scheme is data"),
        ("http:", "no host"),
        ("http:///x", "no host"),
        ("http:/x", "no host"),
        ("http:x", "no host"),
        ("http://?q", "no host"),
        ("http://u@/x", "no host"),
        ("http://:80/", "no host"),
        ("http://h:0/", "port"),
        ("http://h:99999/", "port"),
        ("http://h:65536/", "port"),
        ("http://h:-1/", "port"),
        ("http://h:8o/", "port"),
        ("http://h:\u0661/", "port"),
        (f"http://h:{'9' * 5000}/", "port"),
        ("http://a..b/", "host is not valid"),
        ("http://.a/", "host is not valid"),
        ("http://./", "host is not valid"),
        (f"http://{LONG_LABEL}/", "host is not valid"),
        (f"http://{'ü' * 64}/", "international"),
        (f"http://{'a.' * 127}b/", "longer than 253"),
        (f"http://{'ü' * 300}/", "longer than 253"),
        ("http://a%2Fb/", "host is not valid"),
        ("http://a%40b/", "host is not valid"),
        ("http://a%00b/", "host is not valid"),
        ("http://a!b/", "host is not valid"),
        ("http://a\u2100b/", "host is not valid"),
        ("http://a\u202eb/", "international"),
        ("http://1.2.3.256/", "IPv4"),
        ("http://1.2.3.4.5/", "IPv4"),
        ("http://08/", "IPv4"),
        ("http://0x100000000/", "IPv4"),
        ("http://[::1", "port"),
        ("http://[::1]x/", "IPv6"),
        ("http://[]/", "IPv6"),
        ("http://[v1.a]/", "IPv6"),
        ("http://[fe80::1%25eth0]/", "zone"),
        ("http://good@evil@x/", "second"),
        ("http://u%0Ax@h/", "control"),
        ("http://u%FF@h/", "login is not valid UTF-8"),
        ("http://h/a b", "space: write %20"),
        (" http://h/", "space"),
        ("http://h/a\u00a0b", "white space"),
        ("http://h/a\u2028b", "white space"),
        ("http://h/a\tb", "control"),
        ("http://h/a\r\nX: y", "control"),
        ("http://h/#\n", "control"),
        ("http://h/\x00", "control"),
        ("http://h/\x7f", "control"),
        ("http://h/\x85", "control"),
        ("http://h\\@evil/", "backslash"),
        ("http://h/\udcff", "not valid UTF-8"),
        ("http://h/" + "a" * 70_000, "longer than 64 KiB"),
        ("http://h/" + "ü" * 60_000, "longer than 64 KiB"),
        ("http://h/" + urls.CUT, "longer than 64 KiB"),
    ],
)
def test_what_cannot_be_requested_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(BadUrl, match=reason):
        urls.normalise(text)


@settings(deadline=None, max_examples=400)
@given(TEXTS)
def test_any_text_is_normalised_once_for_all_or_refused(text: str) -> None:
    """No exception but BadUrl, ASCII out, and a second pass changes nothing."""
    try:
        normal = urls.normalise(text)
    except BadUrl:
        return
    assert normal.isascii()
    assert re.fullmatch(r"[!-~]+", normal)
    assert urls.normalise(normal) == normal


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES)).map(lambda pieces: "http://h" + "".join(pieces)))
def test_urllib3_reads_the_same_url(text: str) -> None:
    """One parser decides: what is connected to is what was checked."""
    try:
        normal = urls.normalise(text)
    except BadUrl:
        return
    read = parse_url(normal)
    default = 443 if read.scheme == "https" else 80
    assert (read.scheme, read.host, read.port or default) == urls.origin(normal)
    assert read.url == normal


def test_origin_has_the_default_port() -> None:
    assert urls.origin("HTTPS://U:p@Example.org/a") == ("https", "example.org", 443)
    assert urls.origin("http://[::1]:8080/") == ("http", "[::1]", 8080)


@pytest.mark.parametrize(
    ("url", "login"),
    [
        ("http://h/", None),
        ("http://u@h/", ("u", "")),
        ("http://u:@h/", ("u", "")),
        ("http://:p@h/", ("", "p")),
        ("http://u%40x:p%3A:%C3%BC%25@h/", ("u@x", "p::ü%")),
        ("http://@h/a@b", None),
    ],
)
def test_a_login_is_decoded(url: str, login: tuple[str, str] | None) -> None:
    assert urls.login(url) == login


def test_path_is_the_normalised_one() -> None:
    assert urls.path("http://u@h/a/../b%2fc ü?d/e#f/g".replace(" ", "%20")) == "/b%2Fc%20%C3%BC"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://u:p@h/a?b#c", "http://h/a?b#c"),
        ("http://h/pkg@1.0/x", "http://h/pkg@1.0/x"),
        ("HTTP://u@H/ü", "HTTP://H/ü"),
        ("http://u:secret/word@h/", "http://h/"),
        ("http://u:secret?word@h/", "http://h/"),
        ("http://u:secret#word@h/", "http://h/"),
        ("http://u:sec ret@h/", "http://h/"),
        ("http://u:secret@a@h/", "http://h/"),
        ("http:\\\\u:secret@h/", "h/"),
        ("//u:secret@h/", "//h/"),
        ("u:secret@h", "h"),
        ("u:secret//@h", "h"),
        (" http://u:secret@h/", "h/"),
        ("ftp://u:secret@h/", "ftp://h/"),
        ("http://u:secret\n@h/", "http://h/"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_masked_shows_no_login_of_any_text(text: str, shown: str) -> None:
    assert urls.masked(text) == shown


@settings(deadline=None)
@given(st.text().filter(lambda user: not set("/?#\\") & set(user)), TEXTS)
def test_masked_never_shows_a_login(user: str, rest: str) -> None:
    """Not even where something makes the URL invalid, before or after it."""
    assert "s3cr3t" not in urls.masked(f"http://{user}:s3cr3t@{rest}")


def test_no_sentence_quotes_a_password() -> None:
    for text in ("http://u:s3cr3t/@h/", "http://u:s3cr3t@a@h/", "http://u:s3cr3t@h:x/"):
        with pytest.raises(BadUrl) as caught:
            urls.normalise(text)
        assert "s3cr3t" not in str(caught.value)
