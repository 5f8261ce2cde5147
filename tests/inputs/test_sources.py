"""What `downloader.inputs.sources` promises."""

from __future__ import annotations

import importlib
import io
import os
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from downloader.errors import UsageError
from downloader.inputs import LIST_FORMATS
from downloader.inputs.sources import Items, open_sources
from downloader.models import UrlItem
from downloader.registry import load


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def opened_urls(names: list[str], stdin: BinaryIO | None = None) -> list[str]:
    with open_sources(names, stdin) as items:
        return [item.url for item in items]


def refusal(names: list[str], stdin: BinaryIO | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        open_sources(names, stdin).close()
    return str(caught.value)


@pytest.fixture
def pipe() -> Iterator[tuple[str, BinaryIO]]:
    """Give a pipe by its path, as process substitution passes one, and the end to write to."""
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb", buffering=0) as end:
        yield f"/dev/fd/{reading}", end


def test_lists_and_urls_come_in_the_given_order(tmp_path: Path) -> None:
    one = write(tmp_path / "one.txt", b"http://h/1\n\nhttp://h/3\n")
    two = write(tmp_path / "two", b"http://h/2\n")
    with open_sources([one, "HTTPS://h/x", two], None) as items:
        assert items.total == 4
        assert list(items) == [
            UrlItem("http://h/1", 1, one),
            UrlItem("http://h/3", 3, one),
            UrlItem("HTTPS://h/x", 1, ""),
            UrlItem("http://h/2", 1, two),
        ]


def test_items_are_given_once() -> None:
    with open_sources(["http://h/"], None) as items:
        assert [*items] == [UrlItem("http://h/")]
        assert [*items] == []


def test_a_list_that_is_exchanged_or_grows_is_read_as_it_was_counted(tmp_path: Path) -> None:
    name = write(tmp_path / "list", b"http://h/1\nhttp://h/2\n")
    with open_sources([name], None) as items:
        with open(name, "ab") as grown:
            grown.write(b"http://h/3\n")
        os.replace(write(tmp_path / "other", b"http://evil/\n"), name)
        assert [item.url for item in items] == ["http://h/1", "http://h/2"]


def test_standard_input_is_read_after_its_first_item_was_seen() -> None:
    stdin = io.BytesIO(b"\n#\nhttp://h/1\nhttp://h/2\n")
    with open_sources(["-"], stdin) as items:
        assert items.total is None
        assert [(item.line, item.source) for item in items] == [(3, "-"), (4, "-")]
    assert not stdin.closed


def test_a_file_as_standard_input_is_counted_from_where_it_stands(tmp_path: Path) -> None:
    name = write(tmp_path / "list", b"http://h/1\nhttp://h/2\nhttp://h/3\n")
    with open(name, "rb") as stdin:
        stdin.readline()
        with open_sources(["-"], stdin) as items:
            assert items.total == 2
            assert [item.url for item in items] == ["http://h/2", "http://h/3"]


def test_one_unknown_total_makes_the_sum_unknown(tmp_path: Path) -> None:
    with open_sources(["http://h/", "-"], io.BytesIO(b"http://h/1")) as items:
        assert items.total is None


def test_a_pipe_gives_items_while_it_is_still_written(pipe: tuple[str, BinaryIO]) -> None:
    name, end = pipe
    end.write(b"http://h/1\n")
    with open_sources([name], None) as items:
        assert next(items).url == "http://h/1"
        end.write(b"http://h/2\n")
        assert next(items).url == "http://h/2"


def test_a_named_pipe_is_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=fifo.write_bytes, args=(b"http://h/1\nhttp://h/2",))
    writer.start()
    assert opened_urls([str(fifo)]) == ["http://h/1", "http://h/2"]
    writer.join()


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"# only this\n", b"\xef\xbb\xbf"])
def test_a_source_without_an_item_is_refused(tmp_path: Path, data: bytes) -> None:
    name = write(tmp_path / "urls.txt", data)
    assert refusal(["http://h/", name]) == f"{name}: no URL in it"
    assert refusal(["-"], io.BytesIO(data)) == "-: no URL in it"


def test_an_empty_pipe_is_refused(pipe: tuple[str, BinaryIO]) -> None:
    name, end = pipe
    end.close()
    assert refusal([name]) == f"{name}: no URL in it"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("urls.txt", "urls.txt: no such file"),
        ("", "'': no such file"),
        ("a\0b", r"'a\x00b': no such file"),
        ("h/x", "h/x: no such file"),
        ("ftp://u:s3cr3t@h/x", "ftp://h/x: the URL's scheme is ftp: only http and https"),
        ("/", "/: is a folder, not a list"),
        ("/dev/zero", "/dev/zero: is not a list: no line end in 16 MiB"),
        ("/dev/null", "/dev/null: no URL in it"),
    ],
)
def test_a_source_that_cannot_be_used_is_named(
    name: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(["http://h/", name]).startswith(sentence)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    name = write(tmp_path / "list", b"http://h/")
    os.chmod(name, 0)
    assert refusal([name]) == f"{name}: cannot be read: permission denied"


def test_a_file_that_fails_while_it_is_read_is_refused() -> None:
    assert refusal(["/proc/self/mem"]).startswith("/proc/self/mem: cannot be read: ")


def test_standard_input_must_be_open_and_given_once() -> None:
    closed = io.BytesIO()
    closed.close()
    assert refusal(["-"]) == refusal(["-"], closed) == "-: standard input is closed"
    assert (
        refusal(["-", "-"], io.BytesIO(b"http://h/")) == "-: standard input can be given once only"
    )


def test_no_source_at_all_is_refused() -> None:
    assert refusal([]).startswith("name a list")


def test_files_are_closed_when_a_later_source_is_refused(tmp_path: Path) -> None:
    """An unclosed file would warn, and every warning fails."""
    name = write(tmp_path / "list", b"http://h/")
    assert refusal([name, "missing"]) == "missing: no such file"


def test_a_closed_list_has_no_more_items(tmp_path: Path) -> None:
    items: Items = open_sources([write(tmp_path / "list", b"http://h/")], None)
    items.close()
    assert [*items] == []


def test_a_long_list_takes_little_memory(tmp_path: Path) -> None:
    name = write(
        tmp_path / "long.txt", b"".join(b"https://example.org/%d\n" % n for n in range(300_000))
    )
    load(LIST_FORMATS["text"].reader)
    tracemalloc.start()
    try:
        with open_sources([name], None) as items:
            assert items.total == sum(1 for _ in items) == 300_000
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", LIST_FORMATS)
def test_every_row_of_the_table_leads_to_a_reader(name: str) -> None:
    row = LIST_FORMATS[name]
    for dotted in filter(None, (row.reader, row.counter)):
        found = load(dotted)
        assert found is getattr(importlib.import_module(found.__module__), found.__name__)


@pytest.mark.parametrize("name", ["a", "a.txt", "a.TXT", "a.other", ".hidden"])
def test_a_list_of_any_other_name_is_text(tmp_path: Path, name: str) -> None:
    assert opened_urls([write(tmp_path / name, b"http://h/")]) == ["http://h/"]
