"""What is tried again, how often, after how long; and what is not."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import pytest
from good import GoodServer, Reply
from raw import RawServer, Script
from transfer_rig import Rig

from downloader.policy import Retry, Timeouts

HEADER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
WHOLE = Script([HEADER + b"12345"])
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def test_unavailable_twice_then_stored(rig: Rig) -> None:
    with GoodServer({"/a": [Reply(status=503), Reply(status=503), b"body"]}) as server:
        result = rig.fetch(server.url("/a"))
    assert (result.failure, result.attempts, result.http_status) == (None, 3, 200)
    assert len(rig.stop.sleeps) == 2


def test_giving_up_says_how_often_it_was_tried(rig: Rig) -> None:
    with GoodServer({"/a": Reply(status=503)}) as server:
        result = rig.fetch(server.url("/a"))
        assert len(server.requests) == 3
    assert result.failure is not None
    assert result.failure.message == "gave up after 3 tries: 503 Service Unavailable"
    assert (result.failure.kind, result.failure.retryable) == ("http-status", True)
    assert result.http_status == 503


def test_the_time_asked_for_is_waited(rig: Rig) -> None:
    busy = Reply(status=429, headers={"Retry-After": "7"})
    with GoodServer({"/a": [busy, b"body"]}) as server:
        assert rig.body(server.url("/a")) == b"body"
    assert rig.stop.sleeps == [7.0]


def test_a_date_is_measured_by_the_servers_clock(rig: Rig) -> None:
    told = {"Date": "Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After": "Sun, 06 Nov 1994 08:49:41 GMT"}
    with GoodServer({"/a": [Reply(status=503, headers=told), b"body"]}) as server:
        assert rig.body(server.url("/a")) == b"body"
    assert rig.stop.sleeps == [4.0]


def test_a_longer_time_than_obeyed_fails_at_once_and_is_named(rig: Rig) -> None:
    with GoodServer({"/a": Reply(status=429, headers={"Retry-After": "3600"})}) as server:
        assert rig.message(server.url("/a")) == (
            "http-status: 429 Too Many Requests: asked to wait 3600 s, more than the 60 s obeyed "
            "(--max-retry-wait)"
        )
        assert len(server.requests) == 1
    assert rig.stop.sleeps == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 410, 501])
def test_a_refusal_is_final(rig: Rig, status: int) -> None:
    with GoodServer({"/a": Reply(b"page", status)}) as server:
        assert rig.message(server.url("/a")).startswith(f"http-status: {status} ")
        assert len(server.requests) == 1
    assert rig.left_over() == []


def test_large_error_page_is_not_read(rig: Rig) -> None:
    endless = b"HTTP/1.1 404 Not Found\r\nContent-Length: 99999999999\r\n\r\n"
    with RawServer([endless], then="stall") as server:
        assert rig.message(server.url()) == "http-status: 404 Not Found"


@pytest.mark.parametrize("then", ["close", "reset"])
def test_short_body_is_fetched_again_from_the_start(rig: Rig, then: str) -> None:
    cut = Script([HEADER + b"XXX"], then)  # type: ignore[arg-type]  # both are ends
    with RawServer(each=[cut, WHOLE]) as server:
        assert rig.body(server.url()) == b"12345"


def test_longer_first_try_leaves_nothing_behind(rig: Rig) -> None:
    cut = Script([b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"X" * 80000])
    with RawServer(each=[cut, WHOLE]) as server:
        assert rig.body(server.url()) == b"12345"


def test_short_body_says_how_short(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(retry=Retry(retries=0))
    with RawServer([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345"]) as server:
        assert rig.message(server.url()) == "incomplete: short body: 5 of 100 bytes"
    assert rig.left_over() == []


@pytest.mark.parametrize("body", [b"", b"5\r\n123", b"5\r\n12345\r\n", b"5\r\n12345", b"5"])
def test_chunked_body_that_ends_early_is_incomplete(
    make_rig: Callable[..., Rig], body: bytes
) -> None:
    rig = make_rig(retry=Retry(retries=0))
    with RawServer([CHUNKED + body]) as server:
        assert rig.message(server.url()).startswith(
            "incomplete: connection closed inside a chunked body after "
        )


def test_reset_in_the_body_says_where(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(retry=Retry(retries=0))
    seen = threading.Event()
    with RawServer(
        [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123", seen], then="reset"
    ) as server:
        rig.meter.beat = seen.set
        assert rig.message(server.url()) == "incomplete: connection reset after 3 of 9 bytes"


@pytest.mark.parametrize("end", ["close", "reset"])
def test_closing_without_a_reply_is_tried_again(rig: Rig, end: str) -> None:
    silent = Script([], end)  # type: ignore[arg-type]  # both are ends
    with RawServer(each=[silent, WHOLE]) as server:
        result = rig.fetch(server.url())
    assert (result.failure, result.attempts) == (None, 2)


def test_refused_connection_is_tried_again_and_named(rig: Rig) -> None:
    with socket.socket() as taken:  # bound, so that nobody else gets the port, and not listening
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert rig.message(f"http://127.0.0.1:{port}/") == (
            f"connect: gave up after 3 tries: connection refused by 127.0.0.1 port {port}"
        )


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ([], "timeout: no reply within 0.3 s (--first-byte-timeout)"),
        ([b"HTTP/1.1 200 OK\r\n"], "timeout: no reply within 0.2 s"),
        ([HEADER + b"12"], "timeout: no data for 0.2 s after 2 of 5 bytes"),
    ],
)
def test_silence_times_out(make_rig: Callable[..., Rig], pieces: list[bytes], said: str) -> None:
    times = Timeouts(connect=5, silence=0.2, first_byte=0.3)
    rig = make_rig(retry=Retry(retries=0), timeouts=times)
    with RawServer(pieces, then="stall") as server:
        assert rig.message(server.url()) == said
    assert rig.left_over() == []


def test_kept_connection_that_was_closed_meanwhile_is_no_try(rig: Rig) -> None:
    # The server closes in answer to the second request: nobody could know before.
    again = Script([HEADER + b"12345"], then="keep")
    with RawServer(paths={"/first": again, "/second": [Script([]), again]}) as server:
        assert rig.body(server.url("/first")) == b"12345"
        result = rig.fetch(server.url("/second"))
    assert (result.failure, result.attempts, rig.stop.sleeps) == (None, 1, [])
    assert [request.connection for request in server.requests] == [1, 1, 2]


def test_failed_items_part_is_removed(rig: Rig) -> None:
    with RawServer([HEADER + b"12"]) as server:
        assert rig.message(server.url()).startswith("incomplete: gave up after 3 tries: ")
    assert rig.left_over() == []
