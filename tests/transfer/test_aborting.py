"""Breaking off: whatever a thread waits for ends at once, and nothing new begins."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from good import GoodServer, Reply
from listening import CERTIFICATE
from raw import RawServer
from transfer_rig import Rig

from downloader.models import DownloadResult


def interrupted(result: DownloadResult) -> bool:
    failure = result.failure
    return failure is not None and (failure.kind, failure.message) == ("connect", "interrupted")


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n123"],
        [b"HTTP/1.0 200 OK\r\n\r\n123"],
    ],
)
def test_blocked_reads_end(
    make_rig: Callable[..., Rig], pieces: Sequence[bytes], tls: bool
) -> None:
    rig = make_rig(cacert=CERTIFICATE)
    with RawServer(pieces, then="stall", tls=tls) as server, ThreadPoolExecutor(1) as pool:
        future = pool.submit(rig.fetch, server.url())
        assert server.sent.wait(10)
        rig.stop.request()
        rig.fetcher.abort()
        assert interrupted(future.result(10))
    assert rig.left_over() == []


def test_blocked_tls_handshake_ends(rig: Rig) -> None:
    with RawServer(then="stall", reads=False) as server, ThreadPoolExecutor(1) as pool:
        future = pool.submit(rig.fetch, server.url().replace("http:", "https:"))
        assert server.sent.wait(10)
        rig.fetcher.abort()
        assert interrupted(future.result(10))


def test_nothing_connects_after_an_abort(rig: Rig) -> None:
    with GoodServer({"/": b"x"}) as server:
        rig.fetcher.abort()
        assert interrupted(rig.fetch(server.url()))
        assert server.connections == 0


def test_no_new_try_begins_after_a_stop(rig: Rig) -> None:
    def stops(_: object) -> Reply:
        rig.stop.request()
        return Reply(status=503)

    with GoodServer({"/": stops}) as server:
        assert interrupted(rig.fetch(server.url()))
        assert interrupted(rig.fetch(server.url()))
        assert len(server.requests) == 1


def test_complete_body_counts_even_after_a_stop(rig: Rig) -> None:
    rig.meter.beat = rig.stop.request
    with GoodServer({"/": b"all of it"}) as server:
        assert rig.body(server.url()) == b"all of it"


def test_final_refusal_counts_even_after_a_stop(rig: Rig) -> None:
    def stops(_: object) -> Reply:
        rig.stop.request()
        return Reply(status=404)

    with GoodServer({"/": stops}) as server:
        assert rig.message(server.url()) == "http-status: 404 Not Found"


def test_blocked_connecting_ends(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listener whose queue is full leaves the next one waiting."""
    connecting = threading.Event()
    wire = rig.fetcher._connections
    watch = wire.watch

    def watched(sock: socket.socket) -> None:
        watch(sock)
        connecting.set()

    monkeypatch.setattr(wire, "watch", watched)
    with socket.socket() as full, ThreadPoolExecutor(1) as pool:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            future = pool.submit(rig.fetch, f"http://127.0.0.1:{port}/")
            assert connecting.wait(10)
            rig.fetcher.abort()
            assert interrupted(future.result(10))
