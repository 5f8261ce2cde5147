"""A file that is no list is refused as a whole; bad lines in a list are items."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from downloader.errors import UsageError
from downloader.inputs.likeness import ENOUGH
from downloader.inputs.sources import open_sources


def refusal(data: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        open_sources(["-"], io.BytesIO(data))
    return str(caught.value)


def lines(data: bytes) -> list[int]:
    with open_sources(["-"], io.BytesIO(data)) as items:
        return [item.line for item in items]


def archive(kind: str) -> bytes:
    packed = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(packed, "w") as zipped:
            zipped.writestr("a", "x\n" * 500)
    else:
        with tarfile.open(fileobj=packed, mode=kind) as tar:  # type: ignore[call-overload]  # "w|gz"
            tar.addfile(tarfile.TarInfo("a"))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (archive("zip"), "it looks like a zip archive"),
        (archive("w|"), "it looks like a tar archive"),
        (archive("w|gz"), "it looks like a tar archive"),
        (gzip.compress(gzip.compress(b"http://h/1\n")), "it looks like a gzip file"),
        (b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n", "it looks like a PDF document"),
        (b"\x7fELF\x02\x01\x01" + bytes(60), "it looks like a program"),
        ("http://h/1\n".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (bytes(range(256)) * 20, "a binary file"),
        (b"<!-- x -->\n<!DOCTYPE HTML>\n<html>\n", "it looks like a web page"),
        (b"<HTML lang=en><body>", "it looks like a web page"),
    ],
    ids=range(10),  # some hold the time
)
def test_what_is_something_else_is_said_to_be_it(data: bytes, says: str) -> None:
    assert says in refusal(data)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            b"id,link",
            "a table with the columns id, link; say with --list-format csv --columns url=",
        ),
        (b"id\tlink", "a table with the columns id, link; say with --list-format tsv"),
        (b"a dog\thttp://h/1.jpg", "the URL stands in column 2: put it first, or write a line of"),
        (b"crawl-data/x/1.warc.gz", "say with --base URL what they are below"),
        (b"ftp://h/x", "the URL's scheme is ftp: only http and https are fetched (line 1)"),
        (b"Some prose", "its lines do not begin with http:// or https://"),
        (b"\xfe\xfd", "no text"),
    ],
)
def test_lines_none_of_which_can_be_used_are_no_list(line: bytes, says: str) -> None:
    refused = refusal((line + b"\n") * ENOUGH)
    assert refused.startswith(f"-: is no list of URLs, none of its first {ENOUGH} lines can be")
    assert says in refused


def test_a_sums_file_says_what_can_be_done_with_it() -> None:
    refused = refusal(b"%s  a.txt\n" % (b"ab" * 32))
    assert refused.startswith("-: this is a list of checksums: say with --base URL")


def test_one_usable_line_makes_it_a_list() -> None:
    bad = b"ftp://h/x\n"
    assert lines(bad * (ENOUGH - 1) + b"http://h/1\n" + bad * 30) == [*range(1, ENOUGH + 31)]


def test_a_few_bad_lines_are_items() -> None:
    assert lines(b"ftp://h/x\n//h/y\n") == [1, 2]


def test_of_a_long_file_only_its_start_is_read(tmp_path: Path) -> None:
    name = tmp_path / "list"
    with open(name, "wb") as sparse:
        sparse.write(b"no\n" * ENOUGH)
        os.truncate(sparse.fileno(), 1 << 40)
    with pytest.raises(UsageError, match="is no list of URLs"):
        open_sources([str(name)], None)


def test_a_refusal_is_one_printable_line_without_logins() -> None:
    refused = refusal(b"ftp://user:s3cr3t@h/\x1b[2J\n" * 30)
    assert refused.isprintable()
    assert "s3cr3t" not in refused
