"""What may stand on a line of a text list besides a URL: a name, checksums, a size."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloader import checksums
from downloader.errors import BadChecksum
from downloader.formats import text_fields
from downloader.formats.reading import ListContext
from downloader.formats.text import read
from downloader.models import Digest, UrlItem

HEX = "ab" * 32
SHA256 = Digest("sha256", HEX)
MD5 = Digest("md5", "cd" * 16)


def item(line: str) -> UrlItem:
    (found,) = read(io.BytesIO(line.encode()), ListContext("list"))
    return found


def fault(line: str) -> str:
    found = item(line)
    assert found.fault
    return found.fault


def fields(line: str) -> tuple[str | None, tuple[Digest, ...], int | None]:
    found = item(f"http://h/a.bin{line}")
    assert (found.url, found.fault) == ("http://h/a.bin", None)
    return found.name, checksums.checked(found.checksums), found.size


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", (None, (), None)),
        ("  b.txt", ("b.txt", (), None)),
        ("\tb.txt", ("b.txt", (), None)),
        (" \t b.txt  ", ("b.txt", (), None)),
        ("\t'my b.txt'", ("my b.txt", (), None)),
        ("  my file: 1.txt", ("my file: 1.txt", (), None)),
        ("\tdata/sub/b", ("data/sub/b", (), None)),
        (f"  sha256:{HEX}", (None, (SHA256,), None)),
        (f"  SHA256:{HEX.upper()}\r\n", (None, (SHA256,), None)),
        (f"  {HEX}", (None, (SHA256,), None)),
        (f"\t\tb\tsha256:{HEX}", ("b", (SHA256,), None)),
        (f"  b c.txt   sha256:{HEX}  md5:{'cd' * 16}", ("b c.txt", (SHA256, MD5), None)),
        (f"  b  {HEX}", ("b", (SHA256,), None)),
        ("  sha256-notes.txt", ("sha256-notes.txt", (), None)),
        ("  size=12", (None, (), 12)),
        (f"\tsize=12\tb\t{'cd' * 16}", ("b", (MD5,), 12)),
    ],
)
def test_fields_are_a_name_checksums_and_a_size(
    line: str, expected: tuple[str | None, tuple[Digest, ...], int | None]
) -> None:
    assert fields(line) == expected


def test_the_form_of_subresource_integrity_is_read_too() -> None:
    assert fields("  sha256-q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=")[1] == (SHA256,)


@pytest.mark.parametrize("field", ["sha256:12", "sha256:", "sha255:00", "sha256-q6ur"])
def test_a_field_that_is_no_checksum_is_found_out_where_it_is_used(field: str) -> None:
    with pytest.raises(BadChecksum):
        checksums.checked(item(f"http://h/a  {field}").checksums)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("http://h/a.bin  b.txt  c", "'c' is no checksum and no size"),
        ("http://h/a.bin  size=", "'size=' is no size: write size=NUMBER"),
        ("http://h/a.bin  size=1K", "is no size"),
        ("http://h/a.bin  http://h/b.bin", "two URLs stand on one line"),
        ("http://h/a.bin http://h/b.bin", "one blank stands before 'http://h/b.bin'"),
        (f"http://h/a.bin sha256:{HEX}", f"one blank stands before 'sha256:{HEX}'"),
        ("http://h/a.bin size=3", "one blank stands before 'size=3'"),
    ],
)
def test_a_field_that_is_nothing_makes_the_line_unusable(line: str, says: str) -> None:
    assert says in fault(line)


def test_a_long_run_of_blanks_is_one_separator() -> None:
    assert fields(f"{' ' * 30_000}\t{' ' * 30_000}b") == ("b", (), None)


# Two blanks that may be part of the URL


@pytest.mark.parametrize(
    "line",
    ["http://h/f/two  spaces.csv", "http://h/f/two  spaces", "http://h/my data  v2.csv", "a/b  c"],
)
def test_nothing_is_split_in_silence_at_two_blanks_in_a_name(line: str) -> None:
    assert fault(line).startswith("two blanks may separate a name from the URL, or be part of")


@pytest.mark.parametrize(
    ("line", "url", "name"),
    [
        ("http://h/f/two\tspaces.csv", "http://h/f/two", "spaces.csv"),
        ("http://h/f/two  sub/spaces.csv", "http://h/f/two", "sub/spaces.csv"),
        (f"http://h/f/two  spaces.csv  {HEX}", "http://h/f/two", "spaces.csv"),
        ("http://h/get?id=1  spaces.csv", "http://h/get?id=1", "spaces.csv"),
        ("http://h/dl/4711  spaces.csv", "http://h/dl/4711", "spaces.csv"),
        ("http://h/dl/  spaces.csv", "http://h/dl/", "spaces.csv"),
        ("http://h  spaces.csv", "http://h", "spaces.csv"),
        ("http://h/my file.txt\tb.txt", "http://h/my%20file.txt", "b.txt"),
        ('"http://h/f/two  spaces.csv"', "http://h/f/two%20%20spaces.csv", None),
    ],
)
def test_what_can_be_told_for_certain_is(line: str, url: str, name: str | None) -> None:
    found = item(line)
    assert (found.url, found.name, found.fault) == (url, name, None)


# Captions


@pytest.mark.parametrize(
    "caption", ["a dog on a beach", "Two cats. They sleep.", "Wow!", "version 1.5", "one\u3002"]
)
def test_prose_next_to_a_url_with_a_suffix_is_no_name(caption: str) -> None:
    context = ListContext("list")
    lines = f"http://h/1.jpg\t{caption}\nhttp://h/2.jpg?w=1\t{caption}\n"
    found = list(read(io.BytesIO(lines.encode()), context))
    assert [(each.name, each.fault) for each in found] == [(None, None)] * 2
    assert list(context.notes.sentences()) == [text_fields.CAPTIONS.format("2 lines")]


@pytest.mark.parametrize(
    ("url", "name"),
    [("http://h/1.jpg", "a dog.jpeg"), ("http://h/1.jpg", "dog"), ("http://h/get?x", "a dog")],
)
def test_other_names_are_names(url: str, name: str) -> None:
    context = ListContext("list")
    (found,) = read(io.BytesIO(f"{url}\t{name}".encode()), context)
    assert (found.name, list(context.notes.sentences())) == (name, [])


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("http://h/a", "http://h/b.c", "n", "n.txt", "a b", "md5:12", "ab" * 16, "size=1"),
                *(
                    "size=",
                    " ",
                    "  ",
                    "\t",
                    ";",
                    "-",
                    "*",
                    "1.",
                    "<",
                    ">",
                    '"',
                    "[",
                    "](",
                    ")",
                    "#",
                ),
            ]
        ),
        max_size=8,
    ).map("".join)
)
def test_every_line_is_items_or_one_that_says_why_not(line: str) -> None:
    for found in read(io.BytesIO(line.encode()), ListContext("list")):
        assert found.url.isprintable()
        assert found.line == 1
        assert found.fault is None or (found.fault.isprintable() and not found.checksums)
