"""Bags: what fetch.txt names, checked against the manifests beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from list_rig import MD5, SHA, faults, listed

from downloader.formats.bagit import read
from downloader.models import Digest, UrlItem

A, B = "http://h/a", "http://h/b"


@pytest.fixture
def bag(tmp_path: Path) -> Path:
    (tmp_path / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    manifest = f"{SHA}  data/a\n{SHA} data/sub/b%0Ac%25.txt\n{SHA} *data/ü\n"
    (tmp_path / "manifest-sha256.txt").write_text(manifest)
    (tmp_path / "manifest-md5.txt").write_text(f"{MD5.upper()}\tdata/a\n")
    (tmp_path / "tagmanifest-sha256.txt").write_text(f"{SHA} metadata/x\n")
    (tmp_path / "manifest-unheardof.txt").write_text(f"{SHA} data/z\n")
    return tmp_path


def in_bag(bag: Path, text: str) -> list[UrlItem]:
    return listed(read, text, path=str(bag / "fetch.txt"))


def test_files_are_named_by_their_paths_and_have_the_sums_of_all_manifests(bag: Path) -> None:
    sums = (Digest("md5", MD5), Digest("sha256", SHA))
    [item] = in_bag(bag, f"{A} 12 data/a\r\n")
    assert item == UrlItem(A, 1, "list", "data/a", sums, 12)


def test_length_may_be_unknown_and_blanks_may_be_tabs(bag: Path) -> None:
    first, second = in_bag(bag, f"{A}\t-\tdata/a\n\n{B}   3   metadata/x\n")
    assert (first.size, first.line, second.size, second.line) == (None, 1, 3, 3)
    assert second.checksums == (Digest("sha256", SHA),)


def test_line_ends_and_percent_signs_are_decoded_on_both_sides(bag: Path) -> None:
    [item] = in_bag(bag, f"{A} - data/sub/b%0ac%25.txt\n")
    assert (item.name, len(item.checksums)) == ("data/sub/b\nc%.txt", 1)


def test_names_are_the_same_in_either_form_of_unicode(bag: Path) -> None:
    [item] = in_bag(bag, f"{A} - data/u\u0308\n")
    assert (item.fault, len(item.checksums)) == (None, 1)


def test_a_file_that_no_manifest_names_cannot_be_used(bag: Path) -> None:
    items = in_bag(bag, f"{A} 1 data/z\n{B} 1 data/a\n{A} x data/a\n{A}\n")
    assert faults(items) == [
        (1, "no manifest of the bag that can be checked here names 'data/z'"),
        (3, "a line of fetch.txt is: URL, length or -, path"),
        (4, "a line of fetch.txt is: URL, length or -, path"),
    ]
    assert items[1].url == B


def test_a_list_that_stands_in_no_bag_has_sizes_alone(tmp_path: Path) -> None:
    for path in (None, str(tmp_path / "fetch.txt")):
        assert listed(read, f"{A} 12 data/a\n", path=path) == [
            UrlItem(A, 1, "list", "data/a", (), 12)
        ]
