"""Files of options for curl."""

from __future__ import annotations

from itertools import repeat

import pytest
from list_rig import faults, listed, peak_of

from downloader.errors import UsageError
from downloader.formats.curl import AHEAD, read
from downloader.models import UrlItem

A, B = "http://h/a", "http://h/b"


def test_each_url_has_its_output() -> None:
    text = f"""# two
silent
url = "{A}"
output = "x \\"1\\".bin"
--url {B}
-o y
"""
    assert listed(read, text) == [
        UrlItem(A, 3, "list", 'x "1".bin'),
        UrlItem(B, 5, "list", "y"),
    ]


@pytest.mark.parametrize(
    "line", ['url="{}"', "url: {}", "url {}", '--url = "{}"', "  url  =  {}  "]
)
def test_options_are_written_as_curl_reads_them(line: str) -> None:
    assert [item.url for item in listed(read, line.format(A) + "\n")] == [A]


def test_the_nth_output_is_that_of_the_nth_url() -> None:
    text = f"url={A}\nurl={B}\noutput=x\noutput=y\n"
    assert [item.name for item in listed(read, text)] == ["x", "y"]
    text = f"remote-name\nurl={A}\nurl={B}\noutput=y\n"
    assert [item.name for item in listed(read, text)] == [None, "y"]


def test_what_follows_next_is_another_transfer() -> None:
    text = f'header="X-Key: 1"\noutput-dir=d\nurl={A}\noutput=x\nnext\nurl={B}\noutput=y\n'
    first, second = listed(read, text)
    assert (first.headers, first.name) == ((("X-Key", "1"),), "d/x")
    assert (second.headers, second.name) == ((), "y")


def test_what_is_no_option_is_an_item_and_the_others_go_on() -> None:
    items = listed(read, f"= x\nurl={'x' * 70_000}\nurl={A}\n")
    assert faults(items) == [
        (1, "this is no option of curl"),
        (2, "the line is longer than 64 KiB"),
    ]
    assert items[2].url == A


def test_urls_without_outputs_are_not_kept_for_ever() -> None:
    assert len(listed(read, f"url={A}\n" * (AHEAD + 5))) == AHEAD + 5
    line = f"remote-name-all\nurl={A}\n".encode()
    assert peak_of(read, repeat(line, 8_000)) < 1_000_000


@pytest.mark.parametrize("option", [f'output = "{"x" * 100}"', "-O", f'header = "X: {"y" * 900}"'])
def test_outputs_and_headers_without_end_are_refused(option: str) -> None:
    line = f"{option}\n".encode()
    with pytest.raises(UsageError, match=r"too many outputs|more than 1000 headers"):
        peak_of(read, repeat(line, AHEAD + 5))


def test_long_urls_without_outputs_do_not_all_wait() -> None:
    line = f"url={A}{'x' * 60_000}\n".encode()
    assert peak_of(read, repeat(line, 1_000)) < 40_000_000
