"""A list's format is the one that was named, else what its content tells, else its suffix."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloader.errors import UsageError
from downloader.inputs import DEFAULT, LIST_FORMATS, ListFormat, telling
from downloader.inputs.sources import open_sources
from downloader.inputs.telling import format_of
from downloader.registry import load

ODD = ListFormat("downloader.formats.text:read", suffixes=(".odd",))


@pytest.fixture
def formats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another format, told by "ODD" and by its suffix."""
    monkeypatch.setitem(LIST_FORMATS, "odd", ODD)
    told = ("odd", lambda head, name: head.startswith(b"ODD"))
    monkeypatch.setattr(telling, "TELLING", (told,))


@pytest.mark.usefixtures("formats")
@pytest.mark.parametrize(
    ("head", "name", "told"),
    [
        (b"ODD\n", "list.txt", "odd"),
        (b"http://h/\n", "list.odd", "odd"),
        (b"http://h/\n", "list.ODD.gz", "odd"),
        (b"http://h/\n", "list.txt", "text"),
        (b"http://h/\n", "-", "text"),
        (b"http://h/\n", ".odd", "text"),
    ],
)
def test_content_comes_before_the_suffix(head: bytes, name: str, told: str) -> None:
    assert format_of(head, name) == told


def test_a_format_without_a_reader_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TELLING", (("none", lambda head, name: True),))
    assert format_of(b"", "x") == DEFAULT


def test_a_named_format_decides(tmp_path: Path) -> None:
    name = tmp_path / "list.csv"
    name.write_bytes(b"http://h/1\n")
    with open_sources([str(name)], None, list_format="text") as items:
        assert items.total == 1


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"http://h/1\n")
    with pytest.raises(UsageError, match="unknown list format 'txt': did you mean 'text'"):
        open_sources([str(tmp_path / "list")], None, list_format="txt")


A, B = b"http://h/a", b"http://h/b"
SHA = b"ab" * 32


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (b"PAR1\x15\x04", "parquet"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n<metalink xmlns="x">', "metalink"),
        (b'<metalink version="3.0">', "metalink"),
        (b'[{"url": "x"}]', "json"),
        (b' [\n  "http://h/a"\n]', "json"),
        (b"[\n", "json"),
        (b'{\n "url": "x"\n}\n', "json"),
        (b'{"url": "x"}\n{"url": "y"}\n', "jsonl"),
        (b"id,URL,md5\n1,", "csv"),
        (b'"id";"url"\n', "csv"),
        (b"url\nhttp://h/a\n", "csv"),
        (b"#url\tname\n", "tsv"),
        (b"TsvHttpData-1.0\n", "tsv"),
        (A + b"\t" + B + b"\n", "aria2"),
        (b"# x\n\n" + A + b"\n  out=x\n", "aria2"),
        (A + b"\n" + B + b"\n\tchecksum=md5=x\n", "aria2"),
        (b'# x\nurl = "http://h/a"\n', "curl"),
        (b"--url http://h/a\n-o x\n", "curl"),
        (SHA + b"  a.bin\n", "sums"),
        (SHA + b" *a.bin\n", "sums"),
        (b"SHA256 (a.bin) = " + SHA + b"\n", "sums"),
        (b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n", "sums"),
    ],
)
def test_content_tells(head: bytes, told: str) -> None:
    assert format_of(head, "list.txt") == told


@pytest.mark.parametrize(
    "head",
    [
        A + b"\n",
        A + b"  name.csv  sha256:" + SHA + b"\n",
        A + b"\tname\n" + A + b"\t" + B + b"\n",
        b"[name](http://h/a)\n",
        b"- http://h/a\n",
        b"<http://h/a>\n",
        b'"http://h/a"\n',
        b"http://h/url,x\n",
        b"http://h/?fields=name,url\n" + A,
        b'["a"](http://h/a)\n',
        b"[](http://h/a)\n",
        b"http://h/?url=1\n  http://h/b\n",
        b"crawl-data/x/1.warc.gz\n",
        SHA + b"  http://h/a\n",
        b"<html>",
        b"",
    ],
)
def test_a_list_of_lines_is_never_taken_for_anything_else(head: bytes) -> None:
    assert format_of(head, "list.txt") == "text"


def test_fetch_txt_of_a_bag_is_told_by_its_name_too() -> None:
    assert format_of(A + b" 12 data/a\n", "bag/fetch.txt") == "bagit"
    assert format_of(A + b"\n", "bag/fetch.txt") == "text"
    assert format_of(A + b" 12 data/a\n", "list.txt") == "text"


@pytest.mark.parametrize(("between", "told"), [(b"\t", "tsv"), (b",", "csv")])
def test_columns_that_are_named_tell_of_a_table(between: bytes, told: str) -> None:
    head = b"run" + between + b"fastq_FTP\nx"
    assert format_of(head, "report.txt", ["fastq_FTP"]) == told
    assert format_of(head, "report.txt", ["other"]) == "text"
    assert format_of(A + b"\n", "report.txt", ["fastq_FTP"]) == "text"


@pytest.mark.parametrize("name", sorted(LIST_FORMATS))
def test_every_format_has_a_reader(name: str) -> None:
    assert callable(load(LIST_FORMATS[name].reader))
