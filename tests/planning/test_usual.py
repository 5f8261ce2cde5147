"""What `downloader.planning.usual` promises: what it recognises needs no change."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloader import urls
from downloader.planning import naming, numbering, usual

PIECES = st.sampled_from(
    [
        *(
            "a",
            "B",
            "7",
            "é",
            "%41",
            "%2f",
            "%2F",
            "%zz",
            ".",
            "..",
            "-",
            "~",
            "$",
            "(",
            "+",
            ",",
            ";",
        ),
        *("=", ":", "@", "*", "!", "'", "&", "[", "]", "|", " ", "\\", "/", "//", "?", "#", "%"),
        *("con", "NUL", "clock$", "lpt1", "Com9", ".tar.gz", "x" * 125, "\n", "\x7f", "\ud800"),
    ]
)
HOSTS = st.sampled_from(
    [
        *("example.org", "Example.org", "127.0.0.1", "127.1", "0x7f.1", "[::1]", "[0::1]", "a..b"),
        *("example.org:80", "example.org:443", "h:8080", "h:080", "h:", "h:0", "u@h", "u:p@h"),
        *("", "x" * 64, "x.", "bücher.example", "xn--bcher-kva.example", "a_b", "-", "[", ":1"),
    ]
)
ODD = st.builds(
    lambda scheme, host, pieces: f"{scheme}://{host}/{''.join(pieces)}",
    st.sampled_from(["http", "https", "HTTP", "ftp"]),
    HOSTS,
    st.lists(PIECES, max_size=6),
)
NAMES = st.builds(
    lambda first, rest, last: first + rest + last,
    st.sampled_from(["a", "B", "0", "a", "con", "NUL", "$", ".", "-", "~", "%41", ":"]),
    st.text("aB0.-~$,", max_size=3),
    st.sampled_from(["", "", "a", ".a", ".", "*", "?", "x" * 125]),
)
NEARLY_USUAL = st.builds(
    lambda host, folder, name, query: f"http://{host}/{folder}{name}{query}",
    st.sampled_from(["h", "h", "example.org:8080", "[::1]", "127.0.0.1", "127.1", "h:80"]),
    st.sampled_from(["", "", "x/", "x.y/", "-/", "~u/", "a:b/", "./", "../", ".x/", "%41/", "//"]),
    NAMES,
    st.sampled_from(["", "", "?", "?a=b/c", "?a%2F", "?b?:", "?a%2f", "?%", "?%2", "?a@b", "#"]),
)
URLS = st.one_of(NEARLY_USUAL, ODD)


@settings(deadline=None, max_examples=1000)
@given(URLS)
def test_what_is_recognised_is_normal_already_and_names_its_file(url: str) -> None:
    name = usual.name(url)
    if name is not None:
        assert urls.normalise(url) == urls.without_login(url) == url
        assert naming.from_url(url) == name
        assert numbering.key(name) == usual.key(name)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://data.example.org/pub/set-01/file_001.tar.gz", "file_001.tar.gz"),
        ("http://127.0.0.1:8080/a", "a"),
        ("http://[::1]/x/A.bin?sig=a%2Fb&t=1", "A.bin"),
        ("https://example.org/console.txt", "console.txt"),
    ],
)
def test_usual_urls_are_recognised(url: str, name: str) -> None:
    assert usual.name(url) == name


@pytest.mark.parametrize(
    "url",
    [
        *("", "a", "http://h", "http://h/", "http://H/a", "http://h:80/a", "http://u@h/a"),
        *(
            "http://h/a#b",
            "http://h/.a",
            "http://h/-a",
            "http://h/a.",
            "http://h/con",
            "http://h/a*",
        ),
        *("http://h/Com1.txt?x", "http://h/a%20b", "http://h/../a", "http://h//a", "http://h/é"),
        *(
            "http://h/" + "a" * 200,
            "http://h/" + "a/" * 2000 + "b",
            "http://h/a?%2f",
            "http://h/a\n",
        ),
    ],
)
def test_others_are_not(url: str) -> None:
    assert usual.name(url) is None
