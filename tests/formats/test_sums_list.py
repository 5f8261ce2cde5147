"""Sums files as lists: every name below the base."""

from __future__ import annotations

import pytest
from list_rig import MD5, SHA, faults, listed

from downloader.errors import UsageError
from downloader.formats.sums_list import read
from downloader.models import Digest, UrlItem

BASE = "http://h/d"


def test_every_name_is_fetched_from_below_the_base_and_checked() -> None:
    text = f"# sums\n{SHA}  a b%.bin\n{SHA} *./sub/c\nSHA256 (d) = {SHA}"
    sha = (Digest("sha256", SHA),)
    assert listed(read, text, base=BASE) == [
        UrlItem(f"{BASE}/a%20b%25.bin", 2, "list", "a b%.bin", sha),
        UrlItem(f"{BASE}/sub/c", 3, "list", "sub/c", sha),
        UrlItem(f"{BASE}/d", 4, "list", "d", sha),
    ]


def test_sums_that_stand_far_from_each_other_are_of_one_file() -> None:
    text = f"{MD5}  a\n{MD5}  b\n{SHA}  a\n{SHA}  b\n"
    both = (Digest("md5", MD5), Digest("sha256", SHA))
    assert [(item.name, item.checksums) for item in listed(read, text, base=BASE)] == [
        ("a", both),
        ("b", both),
    ]


def test_names_of_hosts_are_below_a_bare_scheme() -> None:
    [item] = listed(read, f"{SHA}  h/a\n", base="https://")
    assert item.url == "https://h/a"


@pytest.mark.parametrize("name", ["../a", "/etc/a", "a/../../b", "..\\a"])
def test_a_name_that_leads_out_of_the_base_is_not_usable(name: str) -> None:
    items = listed(read, f"{SHA}  {name}\n{SHA}  b\n", base=BASE)
    assert faults(items) == [(1, "the name leads out of the folder that --base names")]
    assert items[1].url == f"{BASE}/b"


def test_a_name_that_is_none_of_a_file_is_not_usable() -> None:
    items = listed(read, f"{SHA}  ./\n{SHA}  sub/\n{SHA}  b\n", base=BASE)
    why = "no name of a file stands beside this checksum"
    assert faults(items) == [(1, why), (2, why)]


def test_without_a_base_it_says_what_to_do() -> None:
    with pytest.raises(UsageError, match=r"^list: this is a list of checksums: say with --base"):
        listed(read, f"{SHA}  a\n")
