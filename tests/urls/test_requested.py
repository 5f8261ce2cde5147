"""What `downloader.urls.requested` promises: bytes go out as they were given."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from url_texts import GIVEN, TEXTS

from downloader import urls
from downloader.errors import BadUrl


@pytest.mark.parametrize("given", GIVEN)
def test_path_and_query_stay_byte_for_byte(given: str) -> None:
    assert urls.requested(f"http://h{given}") == f"http://h{given}"


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("http://h/ü?ü=%c3%bc", "http://h/%C3%BC?%C3%BC=%c3%bc"),
        ("http://h/%ü", "http://h/%%C3%BC"),
        ("http://h", "http://h/"),
        ("http://h?q={}", "http://h/?q={}"),
        ("http://h/a%2f#b", "http://h/a%2f"),
        ("HTTPS://BÜCHER.example:443/%7e", "https://xn--bcher-kva.example/%7e"),
        ("http://u;x:p|@127.1:80/%7e", "http://u%3Bx:p%7C@127.0.0.1/%7e"),
    ],
)
def test_only_what_cannot_stand_in_a_request_is_encoded(text: str, sent: str) -> None:
    assert urls.requested(text) == sent


@settings(deadline=None, max_examples=400)
@given(TEXTS)
def test_what_is_requested_has_the_normal_form_of_what_was_given(text: str) -> None:
    try:
        normal = urls.normalise(text)
    except BadUrl:
        with pytest.raises(BadUrl):
            urls.requested(text)
        return
    sent = urls.requested(text)
    assert re.fullmatch(r"[!-~]+", sent)
    assert urls.requested(sent) == sent
    assert (urls.normalise(sent), urls.origin(sent)) == (normal, urls.origin(normal))


def test_without_login_is_otherwise_the_same_url() -> None:
    assert urls.without_login("http://u:p@h:81/a@b?c@d") == "http://h:81/a@b?c@d"


# RFC 3986 sections 5.4.1 and 5.4.2, without what is no http URL; fragments are dropped.
BASE = "http://a/b/c/d;p?q"


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g/"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        ("#s", "http://a/b/c/d;p?q"),
        ("g#s", "http://a/b/c/g"),
        ("g?y#s", "http://a/b/c/g?y"),
        (";x", "http://a/b/c/;x"),
        ("g;x", "http://a/b/c/g;x"),
        ("g;x?y#s", "http://a/b/c/g;x?y"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("../../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        (".g", "http://a/b/c/.g"),
        ("g..", "http://a/b/c/g.."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/./x", "http://a/b/c/g?y/./x"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
        ("?", "http://a/b/c/d;p?"),
        ("https://H/ü", "https://h/%C3%BC"),
        ("HTTP://h", "http://h/"),
        ("a b ü", "http://a/b/c/a%20b%20%C3%BC"),
        ("//u:p@h:81/x#f", "http://u:p@h:81/x"),
        ("/a//b", "http://a/a//b"),
        ("x/http://y", "http://a/b/c/x/http://y"),
    ],
)
def test_a_location_is_resolved(reference: str, target: str) -> None:
    assert urls.join(BASE, reference) == target


def test_a_relative_location_keeps_the_login_of_its_own_origin() -> None:
    assert urls.join("http://u:p@h:81/a", "b") == "http://u:p@h:81/b"


@pytest.mark.parametrize(
    "location",
    [
        *("", "http://[::1", "http://a..b/", "http://h:99999/", "\udcff", "http:g", "http:///x"),
        *("file:///etc/passwd", "ftp://h/", "data:,x", "javascript:x", "gopher://h", "///x"),
        *("/a\r\nb", "/a\tb", "/a\x00", "\\\\evil\\x", "http://a b/", "http://x@y@z/"),
    ],
)
def test_a_location_that_cannot_be_followed_is_refused(location: str) -> None:
    with pytest.raises(BadUrl):
        urls.join(BASE, location)


@settings(deadline=None)
@given(TEXTS)
def test_any_location_is_followed_or_refused(location: str) -> None:
    try:
        target = urls.join("http://u:p@h:81/a/b?c", location)
    except BadUrl:
        return
    assert urls.requested(target) == target


@pytest.mark.parametrize("location", GIVEN)
def test_a_whole_location_stays_byte_for_byte(location: str) -> None:
    assert urls.join(BASE, f"https://h{location}") == f"https://h{location}"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/%2b?{x}|%zz", "http://a/%2b?{x}|%zz"),
        ("g%7e", "http://a/%2f/g%7e"),
        ("?y", "http://a/%2f/..?y"),
    ],
)
def test_a_reference_keeps_what_it_takes_from_the_base(location: str, target: str) -> None:
    base = "http://a/%2f/.." if location == "?y" else "http://a/%2f/x"
    assert urls.join(base, location) == target
