"""Messages between processes, and the open files that go with them."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from downloader.transfer.channel import Channel


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """Two channels that lead to each other."""
    one, other = map(Channel, socket.socketpair())
    yield one, other
    one.close()
    other.close()


@contextmanager
def no_more_files() -> Iterator[None]:
    """Let no file be opened."""
    _, hard = before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open(os.devnull) as first_free:
        least = first_free.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (least, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_messages_come_as_they_were_sent(ends: tuple[Channel, Channel]) -> None:
    ends[0].send("a", 1, b"x" * 100_000)
    ends[0].send("b", [(None, 1.5)])
    found = list(ends[1].receive())
    assert found == [(("a", 1, b"x" * 100_000), None), (("b", [(None, 1.5)]), None)]


def test_an_open_file_goes_with_its_message(ends: tuple[Channel, Channel]) -> None:
    reading, writing = os.pipe()
    ends[0].send("take", descriptor=writing)
    os.close(writing)
    [(message, descriptor)] = ends[1].receive()
    assert message == ("take",)
    assert descriptor is not None
    os.write(descriptor, b"it is open")
    os.close(descriptor)
    assert os.read(reading, 99) == b"it is open"
    os.close(reading)


def test_a_file_that_cannot_be_opened_any_more_ends_the_channel(
    ends: tuple[Channel, Channel],
) -> None:
    with open(os.devnull) as file:
        ends[0].send("take", descriptor=file.fileno())
    with no_more_files(), pytest.raises(EOFError):
        ends[1].receive()


def test_an_end_that_is_closed_is_the_end(ends: tuple[Channel, Channel]) -> None:
    ends[0].close()
    with pytest.raises(EOFError):
        ends[1].receive()
    with pytest.raises(EOFError):
        ends[1].send("nobody reads")
