"""Metalink 4 and 3."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, repeat

import pytest
from list_rig import MD5, SHA, faults, listed, peak_of

from downloader.errors import UsageError
from downloader.formats.metalink import read
from downloader.formats.reading import Notes
from downloader.models import Digest, UrlItem

A, B, C = "http://h/a", "http://h/b", "https://h/c"
FOUR = '<?xml version="1.0"?>\n<metalink xmlns="urn:ietf:params:xml:ns:metalink">{}</metalink>'
THREE = '<metalink version="3.0" xmlns="http://www.metalinker.org/"><files>{}</files></metalink>'


def test_version_4_mirrors_come_by_priority_with_size_and_hashes() -> None:
    file = f"""<published>2009-05-15T12:23:23Z</published>
<file name="sub/x.bin"><size>14471447</size><identity>X</identity>
  <hash type="sha-256">{SHA}</hash><hash type="md5"> {MD5} </hash>
  <pieces length="2621440" type="sha-1"><hash>d96</hash><hash>e01</hash></pieces>
  <url>{C}</url><url location="de" priority="2">{B}</url>
  <url priority="1">{A}</url><url priority="1">ftp://h/a</url>
  <metaurl mediatype="torrent" priority="1">http://h/a.torrent</metaurl>
</file>"""
    sums = (Digest("sha256", SHA), Digest("md5", MD5))
    assert listed(read, FOUR.format(file)) == [
        UrlItem(A, 3, "list", "sub/x.bin", sums, 14471447, (B, C))
    ]


def test_version_3_mirrors_come_by_preference() -> None:
    file = f"""<file name="x"><size>5</size>
<verification><hash type="sha1">{"a" * 40}</hash>
<pieces length="1" type="sha1"><hash piece="0">b</hash></pieces></verification>
<resources maxconnections="1"><url type="ftp" preference="100">ftp://h/x</url>
<url type="http" preference="10">{A}</url><url type="http" preference="90">{B}</url></resources>
</file>"""
    [item] = listed(read, THREE.format(file))
    assert item == UrlItem(B, 1, "list", "x", (Digest("sha1", "a" * 40),), 5, (A,))


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ('<file name="x"/>', "it has no URL"),
        ('<file name="x"><url>ftp://h/x</url></file>', "none of its URLs begins with http://"),
        (f'<file name="x"><size>5 MB</size><url>{A}</url></file>', "its size is no number of"),
    ],
)
def test_a_file_that_is_not_usable_is_an_item_and_the_others_go_on(file: str, why: str) -> None:
    items = listed(read, FOUR.format(f'{file}<file name="y"><url>{B}</url></file>'))
    [(line, said)] = faults(items)
    assert (line, said.startswith(why), items[1].url) == (2, True, B)


def test_hashes_that_cannot_be_computed_are_left_out_and_told() -> None:
    notes = Notes()
    other = f'<hash type="tiger">ab</hash><url>{A}</url>'
    files = (
        f'<file name="x">{other}</file><file name="y"><hash type="md5">{MD5}</hash>{other}</file>'
    )
    first, second = listed(read, FOUR.format(files), notes=notes)
    assert (first.checksums, second.checksums) == ((), (Digest("md5", MD5),))
    assert list(notes.sentences()) == ["1 line had only checksums that cannot be computed here"]


BOMB = '<!DOCTYPE metalink [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<!DOCTYPE metalink [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PARAMETER = '<!DOCTYPE metalink [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x"> %a;]>'


@pytest.mark.parametrize("doctype", [BOMB, OUTSIDE, PARAMETER])
def test_entities_are_refused(doctype: str) -> None:
    with pytest.raises(UsageError, match="list:1: entities are not read in lists from others"):
        listed(read, f'{doctype}<metalink><file name="&a;"/></metalink>')


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<html><body/></html>", "1: this is no metalink: it begins with <html>"),
        ("\n<metalink>", "2: this is no XML: no element found"),
        ("<metalink>\n<file>\n</metalink>", "3: this is no XML: mismatched tag"),
        ("<metalink>" + "<a>" * 40, "1: more than 32 elements within each other"),
        (f"<metalink><file><url>{'x' * 70_000}", "1: an element of more than 64 KiB"),
    ],
)
def test_what_is_no_such_document_is_refused_with_its_line(text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        listed(read, text)
    assert str(caught.value) == f"list:{why}"


def test_what_was_utf_16_is_read_whatever_its_first_line_says() -> None:
    text = FOUR.format(f'<file name="ü"><url>{A}</url></file>')
    [item] = listed(read, text.replace('"1.0"', '"1.0" encoding="UTF-16"'))
    assert item.name == "ü"


def test_long_documents_are_never_in_memory() -> None:
    file = f'<file name="x"><url>{A}</url></file>'.encode()
    whole = chain([b"<metalink>"], repeat(file, 8_000), [b"</metalink>"])
    assert peak_of(read, whole) < 2_000_000
    urls = chain([b'<metalink><file name="x">'], repeat(f"<url>{A}</url>".encode(), 50_000))
    assert peak_of(read, chain(urls, [b"</file></metalink>"])) < 2_000_000


def _pieces(before: str, again: str, after: str = "") -> Iterator[bytes]:
    return chain([before.encode()], repeat(again.encode() * 1_000, 3_000), [after.encode()])


@pytest.mark.parametrize(
    ("before", "again"),
    [
        ("<metalink><!-- ", "x"),
        ("<metalink><file name='", "x"),
        ("<metalink><?x ", "x"),
        ("<!DOCTYPE metalink [<!-- ", "x"),
    ],
)
def test_what_the_parser_would_hold_as_a_whole_is_bounded(before: str, again: str) -> None:
    with pytest.raises(UsageError, match="a tag or a comment of more than 1 MiB"):
        peak_of(read, _pieces(before, again))


@pytest.mark.parametrize(
    "element", ["<e{}/>", "<e a{}='x'/>", "<e xmlns:p{}='u'/>", "<e xmlns='urn:{}'/>"]
)
def test_names_that_the_parser_never_forgets_are_bounded(element: str) -> None:
    names = (element.format(number).encode() for number in range(5_000))
    with pytest.raises(UsageError, match="more than 1000 different names in it"):
        peak_of(read, chain([b"<metalink>"], names))


def test_few_names_that_are_very_long_are_bounded_too() -> None:
    names = (f"<e{number}{'x' * 30_000}/>".encode() for number in range(50))
    with pytest.raises(UsageError, match="or very long ones"):
        peak_of(read, chain([b"<metalink>"], names))


def test_declarations_are_refused() -> None:
    doctype = '<!DOCTYPE metalink [<!ATTLIST file name CDATA "x">]>'
    with pytest.raises(UsageError, match="list:1: declarations are not read"):
        listed(read, f"{doctype}<metalink/>")


def test_two_hashes_of_one_kind_that_differ_are_both_kept_to_be_refused() -> None:
    hashes = f'<hash type="sha-256">{SHA}</hash><hash type="sha-256">{"0" * 64}</hash>'
    [item] = listed(read, FOUR.format(f'<file name="x">{hashes}<url>{A}</url></file>'))
    assert item.checksums == (Digest("sha256", SHA), Digest("sha256", "0" * 64))


def test_hashes_without_end_are_a_fault_of_their_file() -> None:
    hashes = '<hash type="t">x</hash>' * 101
    files = f'<file name="x">{hashes}<url>{A}</url></file><file name="y"><url>{B}</url></file>'
    first, second = listed(read, FOUR.format(files))
    assert (first.fault, second.url) == ("it has more than 100 hashes", B)
