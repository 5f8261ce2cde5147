"""Web pages in place of files: told by their first bytes, and only where the name says no text."""

from __future__ import annotations

import pytest

from downloader.checksums import web_page
from downloader.checksums.web_page import LOOKED_AT, Judge, is_page, stands_for, suffix

PAGES = [
    b"<!DOCTYPE html>",
    b"<!doctype HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'>",
    b"<html>",
    b'<HTML lang="en">',
    b"\xef\xbb\xbf<!DOCTYPE html>\n<html>",
    b" \t\r\n\f\n<html>",
    b"<!-- a --><!--\n<b>\n-->\n<!DOCTYPE html>",
    b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0//EN">',
    b"\xef\xbb\xbf\n<!-- saved from url=(0014)about:internet -->\r\n<html >",
    "\ufeff<!DOCTYPE html>".encode("utf-16-le"),
    "\ufeff <html>".encode("utf-16-be"),
    b"<!-- " + b"x" * 60_000 + b" --><html>",
]
NO_PAGES = [
    b"\x1f\x8b\x08\x00<html>",
    b"PK\x03\x04",
    b"<",
    b"< html>",
    b"<htmlx>",
    b"<svg xmlns='http://www.w3.org/2000/svg'>",
    b"<?xml version='1.0'?><feed/>",
    b"<!DOCTYPE svg>",
    b"<!DOCTYPE htmlish>",
    b"text <html>",
    b"\xff\xd8\xff\xe0",
    b"<!-- a comment --> and text",
]


@pytest.mark.parametrize("body", PAGES)
def test_a_page_is_told_by_its_doctype_or_its_tag(body: bytes) -> None:
    assert is_page(body) is True
    assert stands_for("a.tar.gz", body)


@pytest.mark.parametrize("body", NO_PAGES)
def test_what_begins_otherwise_is_none(body: bytes) -> None:
    assert not is_page(body)
    assert not stands_for("a.tar.gz", body)


@pytest.mark.parametrize("body", PAGES)
def test_a_page_whose_bytes_come_one_by_one_is_told_too(body: bytes) -> None:
    judge = Judge("a.zip")
    found = [judge.finds_page(body[at : at + 1]) for at in range(len(body))]
    assert any(found) or judge.finds_page_at_last()


@pytest.mark.parametrize(
    "body", [b"", b"\xef\xbb", b"\xff", b" <", b"<!docty", b"<!doctype h", b"<html", b"<!-- "]
)
def test_what_is_not_clear_yet_is_looked_at_again(body: bytes) -> None:
    assert is_page(body) is None


def test_a_comment_without_end_is_looked_at_for_a_while_only() -> None:
    judge = Judge("a.zip")
    assert not judge.finds_page(b"<!--" + bytes(2 * LOOKED_AT))
    assert judge.is_done


def test_the_first_bytes_that_are_asked_for_are_those_of_every_page() -> None:
    assert {body[0] for body in PAGES} <= web_page.FIRST_BYTES


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.tar.gz", ".gz"),
        ("d/IMAGE.JPG", ".JPG"),
        ("x.h5", ".h5"),
        ("a.whl", ".whl"),
        ("index.html", ""),
        ("a.txt", ""),
        ("a.svg", ""),
        ("table.csv", ""),
        ("genome.fasta", ""),
        ("gz", ""),
        (".gz", ""),
        ("a.gz/readme", ""),
        ("a.", ""),
    ],
)
def test_only_suffixes_of_what_is_no_text_count(path: str, found: str) -> None:
    assert suffix(path) == found


@pytest.mark.parametrize("path", ["a.html", "a", "a.txt", "a.xml"])
def test_a_page_under_any_other_name_is_a_file(path: str) -> None:
    assert not stands_for(path, b"<html>")
    assert Judge(path).is_done
