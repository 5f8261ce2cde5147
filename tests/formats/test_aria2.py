"""Input files of aria2."""

from __future__ import annotations

from itertools import repeat

from list_rig import SHA, faults, listed, peak_of

from downloader.formats.aria2 import read
from downloader.models import Digest, UrlItem

A, B = "http://h/a", "http://h/b"


def test_urls_of_a_line_are_mirrors_and_indented_options_are_theirs() -> None:
    text = f"""# two files
{A}\t{B}
  out=x.bin
\tchecksum=sha-256={SHA}
  header=X-Key: 1
  header=Accept: text/plain
  split=5

 # not an option
{B}
"""
    headers = (("X-Key", "1"), ("Accept", "text/plain"))
    assert listed(read, text) == [
        UrlItem(A, 2, "list", "x.bin", (Digest("sha256", SHA),), mirrors=(B,), headers=headers),
        UrlItem(B, 10, "list"),
    ]


def test_a_folder_is_one_below_that_of_the_run() -> None:
    text = f"{A}%20b\n dir=sub\n{A}\n dir=/data/x\n out=y\n{A}\n dir=.\n"
    assert [item.name for item in listed(read, text)] == ["sub/a b", "data/x/y", None]


def test_mirrors_that_are_not_http_are_passed_over_unless_there_is_no_other() -> None:
    first, second = listed(read, f"ftp://h/a\t{A}\tmagnet:?xt=1\t{B}\nftp://h/a\n")
    assert (first.url, first.mirrors, first.fault) == (A, (B,), None)
    assert (second.url, second.mirrors) == ("ftp://h/a", ())


def test_relative_urls_are_below_the_base() -> None:
    [item] = listed(read, "a/x\thttp://g/x", base="http://h/d")
    assert (item.url, item.mirrors) == ("http://h/d/a/x", ("http://g/x",))


def test_what_is_not_usable_is_an_item_and_the_others_go_on() -> None:
    items = listed(read, f"  out=x\n{A}\n{'x' * 70_000}\n{B}\n")
    assert faults(items) == [
        (1, "there is no URL before this option"),
        (3, "the line is longer than 64 KiB"),
    ]
    assert [item.url for item in items if not item.fault] == [A, B]


def test_a_wrong_checksum_is_handed_on_as_it_is() -> None:
    [item] = listed(read, f"{A}\n checksum=sha-256\n")
    assert item.checksums == (Digest("sha256", ""),)


def test_options_and_mirrors_without_end_are_bounded() -> None:
    [item] = listed(read, f"{A}\n" + " header=a: b\n" * 1001)
    assert item.fault == "it has more than 1000 options"
    assert peak_of(read, repeat(f"{A}\n out=x\n".encode(), 8_000)) < 1_000_000
