"""What may follow a URL in a list: a name, checksums."""

from __future__ import annotations

import io

import pytest

from downloader import checksums
from downloader.errors import BadChecksum
from downloader.formats.reading import ListContext
from downloader.formats.text import read
from downloader.models import Digest, UrlItem

HEX = "ab" * 32
SHA256 = Digest("sha256", HEX)
MD5 = Digest("md5", "cd" * 16)


def item(line: str) -> UrlItem:
    (found,) = read(io.BytesIO(line.encode()), ListContext("list"))
    return found


def fields(line: str) -> tuple[str | None, tuple[Digest, ...]]:
    found = item(f"http://h/a{line}")
    assert found.url == "http://h/a"
    return found.name, checksums.checked(found.checksums)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", (None, ())),
        ("  b.txt", ("b.txt", ())),
        ("\tb.txt", ("b.txt", ())),
        (" \t b.txt  ", ("b.txt", ())),
        ("  my file: 1.txt", ("my file: 1.txt", ())),
        (f"  sha256:{HEX}", (None, (SHA256,))),
        (f"  SHA256:{HEX.upper()}\r\n", (None, (SHA256,))),
        (f"\t\tb\tsha256:{HEX}", ("b", (SHA256,))),
        (f"  b c   sha256:{HEX}  md5:{'cd' * 16}", ("b c", (SHA256, MD5))),
        ("  sha256-notes.txt", ("sha256-notes.txt", ())),
    ],
)
def test_fields_are_a_name_and_checksums(
    line: str, expected: tuple[str | None, tuple[Digest, ...]]
) -> None:
    assert fields(line) == expected


def test_the_form_of_subresource_integrity_is_read_too() -> None:
    assert fields("  sha256-q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=") == (None, (SHA256,))


@pytest.mark.parametrize(
    "field", ["sha256:12", "sha256:", "sha255:00", "sha256-q6ur", "b  c", f"b  {HEX}"]
)
def test_a_field_that_is_no_checksum_is_found_out_where_it_is_used(field: str) -> None:
    with pytest.raises(BadChecksum):
        checksums.checked(item(f"http://h/a  {field}").checksums)


def test_a_single_blank_separates_nothing() -> None:
    assert item(f"http://h/a b sha256:{HEX}").url == f"http://h/a b sha256:{HEX}"


def test_a_long_run_of_blanks_is_one_separator() -> None:
    assert fields(f"{' ' * 30_000}\t{' ' * 30_000}b") == ("b", ())
