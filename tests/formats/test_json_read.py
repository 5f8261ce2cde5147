"""Lists in JSON: objects with the keys of tables, and the records of `--format json`."""

from __future__ import annotations

import json
from itertools import chain, repeat
from typing import Any

import pytest
from list_rig import MD5, SHA, faults, listed, peak_of

from downloader.errors import UsageError
from downloader.formats import Shape, csv
from downloader.formats import json as records
from downloader.formats.json_list import read, read_lines
from downloader.models import Digest, Outcome, UrlItem

A, B = "http://h/a", "http://h/b"
SUM = (Digest("sha256", SHA),)
STORED = Outcome("stored", 1, "l", A, A, "downloads/sub/x-2.bin", 4, SUM)


def test_an_object_a_line_has_the_keys_of_tables() -> None:
    line = json.dumps({"url": A, "name": "x", "size": 4, "SHA-256": SHA, "more": [1]})
    assert listed(read_lines, f"{line}\n\n{line}") == [
        UrlItem(A, 1, "list", "x", SUM, 4),
        UrlItem(A, 3, "list", "x", SUM, 4),
    ]


@pytest.mark.parametrize("more", [{"digests": {"sha256": "0" * 64}}, {"SHA-256": "0" * 64}])
def test_two_checksums_of_one_kind_are_not_told_by_the_last_one(more: dict[str, Any]) -> None:
    text = json.dumps({"url": A, "sha256": SHA, **more})
    assert faults(listed(read_lines, text)) == [(1, "it has two different values of sha256")]


def test_objects_of_an_array_are_read_with_their_lines() -> None:
    text = json.dumps([{"url": A, "digests": {"md5": MD5}}, {"url": B}], indent=1)
    assert listed(read, text) == [
        UrlItem(A, 2, "list", None, (Digest("md5", MD5),)),
        UrlItem(B, 8, "list"),
    ]


@pytest.mark.parametrize("text", [f'["{A}", "{B}"]', f'"{A}"\n"{B}"', f'{{"url":"{A}"}}"{B}"'])
def test_urls_alone_are_read_too(text: str) -> None:
    assert [item.url for item in listed(read, text)] == [A, B]


def test_lists_within_an_object_are_several_files_and_mirrors_are_one() -> None:
    several = {"url": [A, B], "name": ["a", "b"], "md5": [MD5, MD5[::-1]]}
    text = json.dumps([several, {"url": A, "mirrors": ["ftp://h/a", B]}])
    first, second, third = listed(read, text)
    assert (first.name, second.checksums) == ("a", (Digest("md5", MD5[::-1]),))
    assert third == UrlItem(A, 1, "list", mirrors=(B,))


def test_other_keys_are_named_by_the_user_with_dots_for_those_within() -> None:
    text = json.dumps({"links": {"self": A}, "sum": {"v": MD5}})
    [item] = listed(read, text, columns={"url": "links.self", "md5": "sum.v"})
    assert item == UrlItem(A, 1, "list", None, (Digest("md5", MD5),))


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_record_is_a_line_of_a_list_and_keeps_name_size_and_digests(form: str) -> None:
    shape = Shape(("sha256",))
    if form == "json":
        [item] = listed(read_lines, records.writer(shape)(STORED), folder="downloads")
    else:
        [item] = listed(csv.read, csv.header(shape) + csv.row(STORED, ["sha256"]), folder="./x/")
    name = "sub/x-2.bin" if form == "json" else "x-2.bin"
    assert (item.url, item.name, item.checksums, item.size) == (A, name, SUM, 4)


def test_the_record_of_a_failed_item_is_the_url_alone() -> None:
    failed = Outcome("failed", 1, "l", f"{A};http://h/b")
    [item] = listed(read_lines, records.writer(Shape(("sha256",)))(failed))
    assert item == UrlItem(f"{A};http://h/b", 1, "list")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (5, "this is no object with a url"),
        ({"name": "x"}, "there is no URL in this row"),
        ({"url": {"a": 1}}, "its url is no text"),
        ({"url": True}, "its url is no text"),
        ({"url": A, "size": -1}, "its size is no number of bytes: '-1'"),
        ({"url": A, "mirrors": A}, "its mirrors are no list of URLs"),
    ],
)
def test_a_value_that_is_not_usable_is_an_item_and_the_others_go_on(
    value: object, why: str
) -> None:
    for reader, text in [
        (read, json.dumps([value, A])),
        (read_lines, f'{json.dumps(value)}\n"{A}"'),
    ]:
        items = listed(reader, text)
        assert (faults(items), items[1].url) == ([(1, why)], A)


@pytest.mark.parametrize("line", ["{", "[" * 100_000, "http://h/a", '{"url": "x"} y', "\xff"])
def test_a_line_that_is_no_json_is_an_item_and_the_others_go_on(line: str) -> None:
    items = listed(read_lines, f'{line}\n"{A}"\n'.encode("latin-1"))
    assert [number for number, _ in faults(items)] == [1]
    assert items[1].url == A


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"url": "x"},\n', "2: the array does not end"),
        ('[\n{"url":\n', "2: this is no JSON"),
        ("[\n" + "[" * 200_000, "2: this is no JSON"),
        ('["' + "x" * 2_000_000 + '"]', "1: an object of more than 1 MiB"),
    ],
)
def test_a_document_that_is_broken_says_where(text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        listed(read, text)
    assert str(caught.value) == f"list:{why}"


def test_arrays_that_follow_each_other_are_all_read() -> None:
    pages = "\n".join(f'[{{"url": "{url}"}}]' for url in (A, B))
    assert [(item.url, item.line) for item in listed(read, f"{pages}\n[] \n")] == [(A, 1), (B, 2)]


@pytest.mark.parametrize("more", ["]", "x", '{"url": "y"}', '"y"', ", []"])
def test_what_is_no_array_after_one_is_not_passed_over(more: str) -> None:
    with pytest.raises(UsageError, match="list:2: there is something after the end of the array"):
        listed(read, f'["{A}"]\n{more}')


def test_a_bracket_after_values_without_an_array_is_not_passed_over() -> None:
    with pytest.raises(UsageError, match="list:1: this is no JSON"):
        listed(read, f'"{A}" ] "{B}"')


def test_an_object_of_nearly_the_largest_size_is_read() -> None:
    value = json.dumps({"more": "x" * 1_000_000, "url": A})
    assert [item.url for item in listed(read, f"{value}{value}")] == [A, A]


def test_keys_that_are_never_met_again_are_not_kept_in_memory() -> None:
    values = (f'{{"url":"{A}","{number}{"k" * 500_000}":1}}'.encode() for number in range(40))
    assert peak_of(read, values) < 12_000_000


@pytest.mark.parametrize("between", [b",\n", b","])
def test_long_arrays_are_never_in_memory(between: bytes) -> None:
    value = json.dumps({"url": A, "more": "x" * 50}).encode() + between
    assert peak_of(read, chain([b"["], repeat(value, 8_000), [b'""]'])) < 2_000_000


def test_long_values_of_many_lines_are_read_in_little_time() -> None:
    value = json.dumps({"url": A, "more": list(range(60_000))}, indent=1)
    assert [item.url for item in listed(read, f"[{value}]")] == [A]
