"""What `downloader.formats.text` promises."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloader import urls
from downloader.errors import BadUrl, UsageError
from downloader.formats import text
from downloader.formats.reading import ListContext
from downloader.formats.text import ENDLESS, LONGEST_LINE, read
from downloader.models import UrlItem


def parsed(data: bytes) -> list[UrlItem]:
    return list(read(io.BytesIO(data), ListContext("list")))


def numbered_urls(data: bytes) -> list[tuple[int, str]]:
    return [(item.line, item.url) for item in parsed(data)]


def reason(item: UrlItem) -> str:
    if item.fault is not None:
        return item.fault
    with pytest.raises(BadUrl) as caught:
        urls.normalise(item.url)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n\n", []),
        (b"# http://h/\n  #x\n", []),
        (b"http://h/a", [(1, "http://h/a")]),
        (b"http://h/a\nhttp://h/b\n", [(1, "http://h/a"), (2, "http://h/b")]),
        (b"http://h/a\r\n\r\nhttp://h/b\r\n", [(1, "http://h/a"), (3, "http://h/b")]),
        (b" \t http://h/a \t\x0c\x0b\r\n", [(1, "http://h/a")]),
        (b"#1\n\n#3\n\thttp://h/#4", [(4, "http://h/#4")]),
        ("http://h/ü\u2028x\x85y\n".encode(), [(1, "http://h/ü\u2028x\x85y")]),
        (b"http://h/a\rhttp://h/b", [(1, "http://h/a\rhttp://h/b")]),
        (b"x\n\xef\xbb\xbfy", [(1, "x"), (2, "\ufeffy")]),
    ],
)
def test_each_line_is_an_item_with_its_number(data: bytes, lines: list[tuple[int, str]]) -> None:
    assert numbered_urls(data) == lines


def test_items_name_their_source() -> None:
    assert parsed(b"http://h/") == [UrlItem("http://h/", 1, "list")]


@pytest.mark.parametrize(
    "line", [b"http://h/\xff", b"http://h/\x00", b"\x7fELF\x01\x00\x1b[2J\xfe"]
)
def test_a_line_that_is_no_text_is_shown_escaped_and_refused(line: bytes) -> None:
    first, bad, last = parsed(b"http://h/1\n" + line + b"\nhttp://h/3\n")
    assert (first.url, bad.line, last.url) == ("http://h/1", 2, "http://h/3")
    assert bad.url.isprintable()
    assert reason(bad)


def test_bad_bytes_behind_what_is_shown_are_still_refused() -> None:
    (bad,) = parsed(b"http://h/" + b"a" * 500 + b"\xff")
    assert len(bad.url) < 300
    assert "no text" in reason(bad)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b" \n"])
@pytest.mark.parametrize("size", [LONGEST_LINE + 10, 3 * LONGEST_LINE, 1_000_000])
def test_a_line_that_is_too_long_is_shown_short_and_refused(size: int, end: bytes) -> None:
    data = b"http://h/" + b"a" * size + end
    bad, *others = parsed(data + b"\nhttp://h/2" if end else data)
    assert len(bad.url) < 300
    assert bad.url.endswith(urls.CUT)
    assert "longer than 64 KiB" in reason(bad)
    assert [item.url for item in others] == (["http://h/2"] if end else [])


def test_the_longest_line_is_read_whole() -> None:
    line = "http://h/" + "a" * (LONGEST_LINE - 9)
    assert numbered_urls(line.encode() + b"\nx") == [(1, line), (2, "x")]


def test_blanks_do_not_hide_what_follows_them() -> None:
    (bad,) = parsed(b" " * (LONGEST_LINE + 1) + b"http://h/")
    assert "longer" in reason(bad)


@pytest.mark.parametrize("tail", [b"\xff", b"\0", b"a" * LONGEST_LINE])
@pytest.mark.parametrize("head", [b"http://u:s3cr3t@h/", b"http://u:s3cr3t" + b"x" * 300 + b"@h/"])
def test_what_is_shown_holds_no_login(head: bytes, tail: bytes) -> None:
    (bad,) = parsed(head + tail)
    assert "s3cr3t" not in bad.url


def test_a_stream_without_line_ends_is_no_list() -> None:
    """Found out in bounded memory."""
    tracemalloc.start()
    try:
        with open("/dev/zero", "rb") as zeros, pytest.raises(UsageError, match="no line end in 16"):
            list(read(zeros, ListContext("list")))
        assert tracemalloc.get_traced_memory()[1] < ENDLESS / 16
    finally:
        tracemalloc.stop()


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_items_and_none_raises_but_bad_url(data: bytes) -> None:
    for item in parsed(data):
        assert item.url
        assert "\n" not in item.url
        try:
            urls.normalise(item.url)
        except BadUrl:
            continue


@settings(deadline=None)
@given(st.lists(st.sampled_from(["http://h/a", "", "#", "  ", "ü", "http://h/ b"])))
def test_numbers_are_those_of_an_editor(lines: list[str]) -> None:
    wanted = [
        (number, line.strip().replace(" ", "%20"))
        for number, line in enumerate(lines, start=1)
        if line.strip() and not line.startswith("#")
    ]
    for end in ("\n", "\r\n"):
        assert numbered_urls(end.join(lines).encode()) == wanted


# Counting


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(b"\n", b"\r\n", b"\r", b" ", b"\t", b"\x0b\x0c", b"#", b"a", b"http://h/"),
                *(b"\xef\xbb\xbf", b"\xff\0", b"\x1c", b"a" * 30, b" " * 30),
                *(b";", b";http://i/", b"@EXPLICIT", b"\n@EXPLICIT\n", b"\xc2\xa0", b"- ", b'"'),
            ]
        ),
        max_size=30,
    ).map(b"".join),
    st.integers(1, 40),
)
def test_as_many_items_are_counted_as_are_read(data: bytes, together: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "LONGEST_LINE", 20)
        patch.setattr(text, "COUNTED", together)
        counted = text.count(io.BytesIO(data), ListContext("list"))
        assert counted in (None, len(parsed(data)))


def test_counting_begins_where_the_stream_stands() -> None:
    stream = io.BytesIO(b"http://h/1\nhttp://h/2\nhttp://h/3\n")
    stream.readline()
    assert text.count(stream, ListContext("list")) == 2


@settings(deadline=None)
@given(st.text("a:/#\\ \t\r\u00fc\0", max_size=12))
def test_a_line_alone_is_read_as_it_is_among_others(line: str) -> None:
    """Lines of printable ASCII take a shorter way, but with a blank before them."""
    assert parsed(line.encode() + b"\n") == parsed(b" " + line.encode())
