"""Lists that are still being written: what has come is taken, what is to come is not waited for."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from downloader.errors import UsageError
from downloader.inputs.paths import open_paths
from downloader.inputs.sources import open_sources
from downloader.inputs.streaming import Awaited, StreamingReader, can_arrive

URL = b"http://example.org/"


class Pipe:
    """A pipe: what is written comes out of `stream`."""

    def __init__(self) -> None:
        read, self._write = os.pipe()
        self.stream: BinaryIO = open(read, "rb")  # noqa: SIM115  closed by `close`

    def write(self, data: bytes) -> None:
        os.write(self._write, data)

    def end(self) -> None:
        if self._write >= 0:
            os.close(self._write)
            self._write = -1

    def close(self) -> None:
        self.end()
        self.stream.close()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


def test_a_stream_is_ready_when_something_or_its_end_has_come(pipe: Pipe) -> None:
    arriving = StreamingReader(pipe.stream)
    assert not arriving.ready()
    pipe.write(b"a\nb\n")
    assert arriving.ready()
    assert arriving.readline() == b"a\n"
    assert arriving.ready()
    assert arriving.readline() == b"b\n"
    assert not arriving.ready()
    pipe.end()
    assert arriving.ready()
    assert arriving.readline() == b""
    assert arriving.ready()


def test_what_was_read_ahead_by_others_is_not_forgotten(pipe: Pipe) -> None:
    pipe.write(b"a\nb\n")
    assert pipe.stream.readline() == b"a\n"
    pipe.end()
    assert StreamingReader(pipe.stream).read() == b"b\n"


def test_closing_what_was_wrapped_closes_no_pipe(pipe: Pipe) -> None:
    StreamingReader(pipe.stream).close()
    assert not pipe.stream.closed


def test_of_what_is_in_memory_nobody_can_ask(tmp_path: Path, pipe: Pipe) -> None:
    assert can_arrive(pipe.stream)
    assert not can_arrive(io.BytesIO())


def test_items_are_waited_for_only_by_next(pipe: Pipe) -> None:
    arriving = StreamingReader(pipe.stream)

    def items() -> Iterator[str | StreamingReader]:
        yield "first"
        while not arriving.ready():
            yield arriving
        yield "second"

    coming = Awaited(items())
    assert [coming.ready(), next(coming), coming.ready(), coming.ready()] == [
        *(True, "first", False, False)
    ]
    pipe.write(b"x")
    assert [coming.ready(), coming.ready(), next(coming), coming.ready()] == [
        *(True, True, "second", True)
    ]
    assert list(coming) == []


# Lists of URLs.


def test_of_a_pipe_the_first_url_is_there_and_others_come(pipe: Pipe) -> None:
    pipe.write(URL + b"1\n")
    with open_sources(["-"], pipe.stream) as items:
        assert items.ready()
        assert (next(items).line, items.ready()) == (1, False)
        pipe.write(b"# a comment\n" + URL + b"3\n")
        assert items.ready()
        assert (next(items).line, items.ready()) == (3, False)
        pipe.end()
        assert items.ready()
        assert list(items) == []


def test_lines_that_came_together_are_all_there(pipe: Pipe) -> None:
    pipe.write(b"".join(URL + b"%d\n" % number for number in range(100)))
    with open_sources(["-"], pipe.stream) as items:
        seen = [next(items).line for _ in range(100) if items.ready()]
        assert (len(seen), items.ready()) == (100, False)


def test_a_list_before_a_pipe_is_always_ready(pipe: Pipe, tmp_path: Path) -> None:
    listed = tmp_path / "list"
    listed.write_bytes(URL + b"1\n" + URL + b"2\n")
    pipe.write(URL + b"3\n")
    with open_sources([str(listed), "-"], pipe.stream) as items:
        assert [items.ready() and next(items).url[-1] for _ in range(3)] == ["1", "2", "3"]
        assert not items.ready()


def test_a_folder_in_place_of_a_list_is_said_to_be_one(pipe: Pipe) -> None:
    class Unreadable(io.FileIO):
        def readinto(self, buffer: object, /) -> int:
            raise IsADirectoryError(21, "Is a directory")

    pipe.write(b"x")
    unreadable = Unreadable(os.dup(pipe.stream.fileno()))
    refused = pytest.raises(UsageError, match="is a folder, not a list")
    with io.BufferedReader(unreadable) as stream, refused:
        open_sources(["-"], stream)


# Lists of paths.


def test_of_a_list_of_paths_what_has_come_is_taken(pipe: Pipe, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    items = open_paths(["-"], pipe.stream)
    assert not items.ready()
    pipe.write(f"{tmp_path}/a\n{tmp_path}".encode())
    assert items.ready()
    assert (next(items).path, items.ready()) == (f"{tmp_path}/a", False)
    pipe.write(b"\n")
    assert [items.ready() and next(items).size for _ in range(3)] == [1, 1, 1]
    assert not items.ready()
    pipe.end()
    assert items.ready()
    assert list(items) == []
