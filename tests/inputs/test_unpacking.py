"""Packed lists and UTF-16 are read as what they stand for, from files and from pipes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloader.errors import UsageError
from downloader.inputs import unpacking
from downloader.inputs.sources import open_sources
from downloader.inputs.streaming import Standing, StreamingReader

LIST = b"http://h/1\n\nhttp://h/3\n"
Pack = Callable[[bytes], bytes]


def zstd(data: bytes) -> bytes:
    module = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
    packed: bytes = pytest.importorskip(module).compress(data)
    return packed


PACKS = [gzip.compress, lzma.compress, bz2.compress, zstd]


def numbered(name: str, stdin: BinaryIO | None = None) -> list[tuple[int, str]]:
    with open_sources([name], stdin) as items:
        return [(item.line, item.url) for item in items]


def refusal(name: str) -> str:
    with pytest.raises(UsageError) as caught, open_sources([name], None) as items:
        list(items)
    return str(caught.value)


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    reading, writing = os.pipe()
    with open(reading, "rb") as out, open(writing, "wb", buffering=0) as end:
        yield out, end


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("name", ["list", "list.txt.gz", "list.odd"])
def test_a_packed_list_is_told_by_its_first_bytes(tmp_path: Path, pack: Pack, name: str) -> None:
    (tmp_path / name).write_bytes(pack(LIST))
    with open_sources([str(tmp_path / name)], None) as items:
        assert items.total == 2
        assert [(item.line, item.url) for item in items] == [(1, "http://h/1"), (3, "http://h/3")]


@pytest.mark.parametrize("pack", PACKS)
def test_a_packed_list_comes_through_a_pipe(pack: Pack) -> None:
    assert numbered("-", io.BytesIO(pack(LIST))) == [(1, "http://h/1"), (3, "http://h/3")]


@pytest.mark.parametrize("pack", PACKS)
def test_of_a_packed_list_that_is_still_written_what_has_come_is_taken(
    pack: Pack, pipe: tuple[BinaryIO, BinaryIO]
) -> None:
    out, end = pipe
    end.write(pack(b"http://h/1\nhttp://h/2\n"))
    with open_sources(["-"], out) as items:
        assert [items.ready() and next(items).line for _ in range(2)] == [1, 2]
        assert not items.ready()
        end.write(pack(b"http://h/3\n"))
        assert items.ready()
        assert next(items).line == 3
        end.close()
        assert list(items) == []


@pytest.mark.parametrize("pack", PACKS)
def test_members_follow_each_other_and_zeros_do_not_count(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "list").write_bytes(pack(b"http://h/1\nhttp:") + pack(b"//h/2\n") + b"\0" * 8)
    assert numbered(str(tmp_path / "list")) == [(1, "http://h/1"), (2, "http://h/2")]


@pytest.mark.parametrize("pack", PACKS)
def test_a_packed_list_that_is_cut_off_is_refused(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "list").write_bytes(pack(LIST * 1000)[:-5])
    assert "cannot be read: the " in refusal(str(tmp_path / "list"))


@pytest.mark.parametrize("pack", PACKS)
def test_what_follows_a_packed_list_is_refused(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "list").write_bytes(pack(LIST) + b"http://h/4\n")
    assert "is damaged" in refusal(str(tmp_path / "list"))


def test_a_list_that_unpacks_to_very_much_takes_little_memory() -> None:
    packed = gzip.compress(b"http://h/1\n" + (b"#" * 60_000 + b"\n") * 1000, 1)
    tracemalloc.start()
    try:
        assert numbered("-", io.BytesIO(packed)) == [(1, "http://h/1")]
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("pack", PACKS)
@settings(deadline=None, max_examples=25)
@given(data=st.binary(max_size=300), sizes=st.lists(st.integers(1, 50), max_size=20))
def test_what_comes_in_pieces_is_unpacked_whole(pack: Pack, data: bytes, sizes: list[int]) -> None:
    class Dripping(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(sizes.pop() if sizes else size)

    stage = Standing(Dripping(pack(data)))
    packing = next(p for magic, p in unpacking.PACKINGS.items() if pack(b"").startswith(magic))
    assert StreamingReader(unpacking.Unpacked(stage, packing)).read() == data


def test_without_the_extra_zstd_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "list").write_bytes(b"\x28\xb5\x2f\xfd rest")
    for module in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, module, None)
    sentence = "the list is packed with zstd: pip install 'dl-downloader[zstd]'"
    assert refusal(str(tmp_path / "list")) == f"{tmp_path / 'list'}: {sentence}"


# What stands before the text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_byte_order_mark_tells_the_coding(tmp_path: Path, encoding: str, pack: Pack) -> None:
    text = "\ufeff" * (encoding == "utf-16-be") + "http://h/ü\n# x\nhttp://h/3"
    (tmp_path / "list").write_bytes(pack(text.encode(encoding)))
    for stdin in (None, io.BytesIO(pack(text.encode(encoding)))):
        name = "-" if stdin else str(tmp_path / "list")
        assert numbered(name, stdin) == [(1, "http://h/ü"), (3, "http://h/3")]


def test_only_one_byte_order_mark_goes(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"\xef\xbb\xbfhttp://h/1\n\xef\xbb\xbfhttp://h/2")
    assert numbered(str(tmp_path / "list")) == [(1, "http://h/1"), (2, "\ufeffhttp://h/2")]


def test_utf_16_that_is_cut_off_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes("http://h/1\nhttp://h/2".encode("utf-16")[:-1])
    with open_sources([str(tmp_path / "list")], None) as items:
        first, bad = items
    assert (first.url, first.fault) == ("http://h/1", None)
    assert bad.fault == "the line is no text: it is not UTF-8"
