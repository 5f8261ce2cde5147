"""What people put around URLs in text lists, and several URLs on one line."""

from __future__ import annotations

import io

import pytest

from downloader.formats import text_fields
from downloader.formats.reading import ListContext
from downloader.formats.text import count, read
from downloader.models import Digest, UrlItem

A, B = "http://h/a.gz", "http://h/b.gz"
MD5A, MD5B = "0a" * 16, "0b" * 16
SHA256 = "ab" * 32


def items(text: str, base: str | None = None) -> list[UrlItem]:
    found = list(read(io.BytesIO(text.encode()), ListContext("list", base)))
    assert count(io.BytesIO(text.encode()), ListContext("list", base)) == len(found)
    return found


def read_as(text: str, base: str | None = None) -> list[tuple[str, str | None, list[str]]]:
    found = items(text, base)
    assert [each.fault for each in found] == [None] * len(found)
    return [(each.url, each.name, [d.hexdigest for d in each.checksums]) for each in found]


@pytest.mark.parametrize(
    "line",
    [
        *(f"<{A}>", f'"{A}"', f"'{A}'", f"`{A}`", f'"{A}",', f"- {A}", f"* {A}", f"+\t{A}"),
        *(f"• {A}", f"1. {A}", f"12) {A}", f"- [ ] {A}", f"  * [x] <{A}>", f"- `{A}`"),
        *(f"{A}\u00a0", f"\u00a0{A} \u00a0\r", f"[a dog]({A})", f'- [a dog]({A} "title")'),
        *(f"[a dog](<{A}>)", f"- [a dog]({A}) - what it is", f"![a [dog]]({A})", f"[{A}]({A})"),
        *(f"<{A}> a remark", f"[]({A})"),
    ],
)
def test_what_stands_around_a_url_is_no_part_of_it(line: str) -> None:
    assert read_as(line) == [(A, None, [])]


@pytest.mark.parametrize(
    ("line", "url", "name"),
    [
        (f"[new.gz]({A})", A, "new.gz"),
        ("[paper](http://h/get?id=1)", "http://h/get?id=1", "paper"),
        ("[x](http://h/a_(b).gz)", "http://h/a_(b).gz", None),
        (f"[x]({A})  new.gz", A, "new.gz"),
        (f"<{A}>  new.gz", A, "new.gz"),
    ],
)
def test_a_link_may_name_its_file(line: str, url: str, name: str | None) -> None:
    assert read_as(line) == [(url, name, [])]


def test_links_with_captions_are_counted() -> None:
    context = ListContext("list")
    list(read(io.BytesIO(f"- [the first]({A})\n- [b.gz]({B})\n".encode()), context))
    assert list(context.notes.sentences()) == [text_fields.CAPTIONS.format("1 line")]


@pytest.mark.parametrize("line", [f"<{A}", f'"{A}', f"({A})", f"[{A}]", "- ", "[a](b", '""', "<>"])
def test_marks_that_are_not_closed_make_the_line_a_bad_url(line: str) -> None:
    (found,) = items(line)
    assert found.fault or not found.url.startswith("http")


@pytest.mark.parametrize("sep", ["  ", " ", "\t", " *"])
def test_a_checksum_may_stand_before_the_url(sep: str) -> None:
    assert read_as(f"{SHA256}{sep}{A}") == [(A, None, [SHA256])]
    assert read_as(f"md5:{MD5A}{sep}<{A}>\tb") == [(A, "b", [MD5A])]


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("http://h/my file.txt", "http://h/my%20file.txt"),
        ("<http://h/a  b.txt>", "http://h/a%20%20b.txt"),
        ("http://h/ü ß.txt", "http://h/ü%20ß.txt"),
        ("http://h/x?q=a b#c d", "http://h/x?q=a%20b#c%20d"),
    ],
)
def test_blanks_in_a_url_that_is_alone_on_its_line_are_encoded(line: str, url: str) -> None:
    assert read_as(line) == [(url, None, [])]


# Several URLs


@pytest.mark.parametrize(
    "line", [f"{A};{B}", f"{A}; {B}", f'"{A};{B}"', f"- {A} ; {B}", f"{A};{B};", f"{A};{B};\t"]
)
def test_urls_with_semicolons_between_them_are_as_many_items(line: str) -> None:
    assert [url for url, *_ in read_as(line)] == [A, B]


def test_several_urls_have_as_many_names_and_sums() -> None:
    expected = [(A, "1.gz", [MD5A]), (B, "2.gz", [MD5B])]
    assert read_as(f"{A};{B}\t1.gz;2.gz\t{MD5A};{MD5B}") == expected
    assert read_as(f"{A};{B}  1.gz;2.gz  md5:{MD5A};{MD5B}") == expected
    assert read_as(f"{A};{B}\tmd5:{MD5A};md5:{MD5B}\t1.gz; 2.gz") == expected
    assert [item.size for item in items(f"{A};{B}\tsize=1;2")] == [1, 2]


@pytest.mark.parametrize("rest", ["1.gz", "1;2;3", MD5A])
def test_another_number_of_names_or_sums_makes_the_line_unusable(rest: str) -> None:
    (found,) = items(f"{A};{B}\t{rest}")
    assert found.fault
    assert found.fault.startswith("2 URLs stand on one line, but ")


@pytest.mark.parametrize("url", ["http://h/a;b", "http://h/a;v=1?x=1;y=2", "http://h/a;b/c"])
def test_a_semicolon_in_a_url_splits_nothing(url: str) -> None:
    assert read_as(url) == [(url, None, [])]
    assert read_as(f"{url}\tn;m") == [(url, "n;m", [])]


# Relative lines


@pytest.mark.parametrize(
    ("line", "base", "urls"),
    [
        ("crawl/x/1.gz", "https://h/data", ["https://h/data/crawl/x/1.gz"]),
        ("/x y.gz\tn.gz", "https://h/data/", ["https://h/x%20y.gz"]),
        ("1. x.gz", "https://h/", ["https://h/1.%20x.gz"]),
        (f"- {A}", "https://h/", [A]),
        ("h.org/1.gz", "https://", ["https://h.org/1.gz"]),
        (
            "ftp.h.org/1.gz;ftp.h.org/2.gz",
            "https://",
            ["https://ftp.h.org/1.gz", "https://ftp.h.org/2.gz"],
        ),
        ("a/1;b/2", "https://h/", ["https://h/a/1;b/2"]),
    ],
)
def test_relative_lines_are_below_the_base(line: str, base: str, urls: list[str]) -> None:
    assert [url for url, *_ in read_as(line, base)] == urls


# Lists of conda


@pytest.mark.parametrize(
    ("fragment", "digest"),
    [(MD5A, ("md5", MD5A)), (SHA256, ("sha256", SHA256)), (f"sha256:{SHA256}", ("sha256", SHA256))],
)
def test_after_explicit_a_fragment_is_a_checksum(fragment: str, digest: tuple[str, str]) -> None:
    before, after = items(f"{A}#{fragment}\n# platform: linux-64\n@EXPLICIT\n{B}#{fragment}\n")
    assert (before.checksums, after.checksums) == ((), (Digest(*digest),))
    assert after.line == 4


def test_lines_of_blanks_that_do_not_break_are_blank() -> None:
    assert read_as(f"\u00a0\n\u00a0# no\n \u00a0 \n{A}") == [(A, None, [])]
