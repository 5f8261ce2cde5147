"""The test servers themselves: they leave nothing behind and do what they promise."""

from __future__ import annotations

import socket
import threading
import urllib.request

import pytest
from good import GoodServer, Reply
from raw import RawServer


def test_servers_leave_no_threads_behind() -> None:
    before = threading.active_count()
    with GoodServer({"/": b"x"}) as good, RawServer(then="stall") as raw:
        with socket.create_connection(("127.0.0.1", raw.port)):
            pass
        kept = socket.create_connection(("127.0.0.1", good.port))
        kept.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert kept.recv(10) == b"HTTP/1.1 2"
    with kept:
        assert threading.active_count() == before


def test_good_server_plays_its_scripts_and_records() -> None:
    with GoodServer({"/a": [Reply(b"one"), b"two"]}, rate=1000, delay=0.001) as server:
        for expected in (b"one", b"two", b"two"):
            with urllib.request.urlopen(server.url("/a")) as reply:
                assert reply.read() == expected
    assert server.paths == ["/a"] * 3


def test_raw_server_can_reset() -> None:
    with (
        RawServer(then="reset", reads=False) as server,
        socket.create_connection(("127.0.0.1", server.port)) as peer,
        pytest.raises(ConnectionResetError),
    ):
        peer.recv(1)
