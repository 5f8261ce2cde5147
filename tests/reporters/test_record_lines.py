"""Records on standard output: at once, whole, and with an honest end when nobody reads them."""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from downloader.errors import UsageError
from downloader.formats import FORMATS
from downloader.models import Advanced, Began, Digest, Ended, Failure, Finished, Outcome
from downloader.reporters.lines import BUFFERED, Lines, write_all

SHA, MD5 = Digest("sha256", "ab"), Digest("md5", "cd")
STORED = Outcome("stored", url="http://h/a", path="d/a", digests=(MD5, SHA))
FAILED = Outcome("failed", 2, url="http://h/b", error=Failure("dns", "no host"))


class Pipe:
    """A pipe whose reading end does not wait."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)

    def read(self) -> bytes:
        try:
            return os.read(self.reading, 1 << 20)
        except BlockingIOError:
            return b""


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    for fd in (pipe.reading, pipe.writing):
        try:
            os.close(fd)
        except OSError:
            continue


def told(pipe: Pipe, format: str, null: bool = False, algorithms: tuple[str, ...] = ()) -> bytes:
    lines = Lines(pipe.writing, format, null, algorithms or ("sha256",))
    for event in (Began(2), Finished(STORED), Finished(FAILED), Ended(None)):
        lines.tell(event)
    return pipe.read()


def test_sums_of_one_algorithm_are_gnu_lines(pipe: Pipe) -> None:
    assert told(pipe, "sums") == b"ab  d/a\n"
    assert told(pipe, "sums", algorithms=("md5",)) == b"cd  d/a\n"


def test_sums_of_several_algorithms_are_bsd_lines_in_the_order_asked_for(pipe: Pipe) -> None:
    expected = b"SHA256 (d/a) = ab\nMD5 (d/a) = cd\n"
    assert told(pipe, "sums", algorithms=("sha256", "md5", "sha256")) == expected


def test_paths_end_as_asked_for(pipe: Pipe) -> None:
    assert told(pipe, "paths") == b"d/a\n"
    assert told(pipe, "paths", null=True) == b"d/a\0"
    assert told(pipe, "sums", null=True) == b"ab  d/a\0"


def test_json_and_csv_hold_failed_items_too(pipe: Pipe) -> None:
    records = [json.loads(line) for line in told(pipe, "json").splitlines()]
    assert [record["status"] for record in records] == ["stored", "failed"]
    rows = told(pipe, "csv").decode().split("\r\n")
    assert rows[0].startswith("schema,line,url,")
    assert [row.split(",")[4] for row in rows[:3]] == ["status", "stored", "failed"]


def test_none_writes_nothing(pipe: Pipe) -> None:
    assert told(pipe, "none") == b""


def test_an_unknown_format_is_refused_with_the_nearest(pipe: Pipe) -> None:
    with pytest.raises(UsageError, match="did you mean 'json'"):
        Lines(pipe.writing, "jsno")


@pytest.mark.parametrize("format", [name for name, row in FORMATS.items() if not row.ends_in_null])
def test_null_is_refused_where_it_would_do_nothing(pipe: Pipe, format: str) -> None:
    with pytest.raises(UsageError, match="--null"):
        Lines(pipe.writing, format, null=True)


def test_a_record_is_there_as_soon_as_its_item_is_done(pipe: Pipe) -> None:
    now = [0.0]
    lines = Lines(pipe.writing, "paths", clock=lambda: now[0])
    for second in range(3):
        now[0] = second
        lines.tell(Finished(STORED))
        assert pipe.read() == b"d/a\n"


def test_records_in_quick_succession_share_a_system_call(pipe: Pipe) -> None:
    lines = Lines(pipe.writing, "paths", clock=lambda: 0.0)
    lines.tell(Finished(STORED))
    assert pipe.read() == b"d/a\n"
    lines.tell(Finished(STORED))
    lines.tell(Finished(STORED))
    assert pipe.read() == b""
    lines.tell(Advanced(0, 0, 0))
    assert pipe.read() == b"d/a\nd/a\n"


def test_little_is_held_however_many_come(pipe: Pipe) -> None:
    lines = Lines(pipe.writing, "paths", clock=lambda: 0.0)
    lines.tell(Finished(STORED))
    assert pipe.read() == b"d/a\n"
    for _ in range(BUFFERED // 4):
        lines.tell(Finished(STORED))
    assert len(pipe.read()) == BUFFERED


def test_a_closed_pipe_is_noted_and_the_run_goes_on(pipe: Pipe) -> None:
    os.close(pipe.reading)
    lines = Lines(pipe.writing)
    assert lines.lost is None
    for event in (Finished(STORED), Advanced(0, 0, 0), Ended(None)):
        lines.tell(event)
    assert isinstance(lines.lost, BrokenPipeError)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_full_disk_is_noted() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    lines = Lines(full)
    lines.tell(Finished(STORED))
    os.close(full)
    assert "No space left" in str(lines.lost)


def test_partial_writes_and_a_descriptor_that_does_not_wait_lose_nothing() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    data = os.urandom(1 << 20)
    received: list[bytes] = []
    with os.fdopen(reading, "rb") as stream:
        reader = threading.Thread(target=lambda: received.append(stream.read()))
        reader.start()
        write_all(writing, data)
        os.close(writing)
        reader.join()
    assert received == [data]


def test_what_shares_the_terminal_is_taken_away_while_records_are_written(pipe: Pipe) -> None:
    steps: list[bytes] = []

    @contextmanager
    def around() -> Iterator[None]:
        steps.append(pipe.read())
        yield
        steps.append(pipe.read())

    Lines(pipe.writing, "paths", around=around).tell(Finished(STORED))
    assert steps == [b"", b"d/a\n"]


def test_the_descriptor_stays_open_and_as_it_was(pipe: Pipe) -> None:
    before = fcntl.fcntl(pipe.writing, fcntl.F_GETFL)
    told(pipe, "sums")
    assert fcntl.fcntl(pipe.writing, fcntl.F_GETFL) == before
