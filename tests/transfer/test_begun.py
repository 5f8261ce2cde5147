"""Exchanges that another part has begun on a kept connection, and what it needs for that."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from good import GoodServer, Reply, Request, echo, redirect
from raw import RawServer, Script
from transfer_rig import Rig

from downloader import urls
from downloader.models import DownloadResult, Job, ResumePoint, UrlItem
from downloader.transfer.target import target
from downloader.wire.begun import BegunExchange
from downloader.wire.exchange import HttpConnection

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def job_of(url: str, **more: object) -> Job:
    return Job(UrlItem(url), url, "a.bin", **more)  # type: ignore[arg-type]  # as the test says


def taken(rig: Rig, url: str) -> HttpConnection:
    """Return a kept connection, made by fetching a URL."""
    rig.fetch(url, "first.bin")
    route = rig.fetcher.route(target(url))
    connection = rig.fetcher.kept.take(route)
    assert connection is not None
    return connection


def begun(rig: Rig, url: str, *, received: int = 0) -> BegunExchange:
    """Begin an exchange on a kept connection and wait for so many bytes of its reply."""
    connection, sent_at = taken(rig, url), time.monotonic()
    request = rig.fetcher.request_for(target(url))
    assert request is not None
    connection.sock.setblocking(False)
    connection.sock.sendall(request)
    connection.sock.settimeout(10)
    data = b""
    while len(data) < received:
        data += connection.sock.recv(received - len(data))
    connection.sock.setblocking(False)
    return BegunExchange(rig.fetcher.route(target(url)), connection, data, sent_at)


def stored(result: DownloadResult) -> bytes:
    assert result.failure is None, result.failure
    return Path(result.part).read_bytes()


@pytest.mark.parametrize("received", [0, 1, 20, 60, 5000])
def test_a_reply_is_read_from_what_has_come_and_then_from_the_socket(
    rig: Rig, received: int
) -> None:
    data = bytes(range(256)) * 400
    with GoodServer({"/a": data}) as server:
        exchange = begun(rig, server.url("/a"), received=received)
        result = rig.fetcher.take_over(job_of(server.url("/a")), exchange)
        assert stored(result) == data
        assert (result.attempts, server.connections, len(server.requests)) == (1, 1, 2)
        assert len(rig.fetcher.kept) == 1


def test_a_reply_that_has_come_whole_is_stored(rig: Rig) -> None:
    with RawServer([OK], then="keep") as server:
        exchange = begun(rig, server.url(), received=len(OK))
        assert stored(rig.fetcher.take_over(job_of(server.url()), exchange)) == b"ok"


def test_its_time_counts_from_when_the_request_was_sent(rig: Rig) -> None:
    with GoodServer({"/": b"x"}) as server:
        exchange = begun(rig, server.url())
        timing = rig.fetcher.take_over(job_of(server.url()), exchange).timing
    assert timing.began == timing.requested == exchange.sent_at
    assert timing.requested <= timing.answered <= timing.ended
    assert timing.load_waiting == pytest.approx(1.0)


def test_a_chunked_reply_and_a_redirect_go_the_usual_way(rig: Rig) -> None:
    with GoodServer({"/": redirect("/b"), "/b": Reply(b"abc" * 100, chunked=7)}) as server:
        exchange = begun(rig, server.url(), received=10)
        result = rig.fetcher.take_over(job_of(server.url()), exchange)
        assert stored(result) == b"abc" * 100
        assert (result.final_url, result.attempts) == (server.url("/b"), 1)


def test_a_connection_that_was_closed_is_no_fault_and_no_try(rig: Rig) -> None:
    with RawServer(paths={"/": [Script([OK], "keep"), Script(), Script([OK])]}) as server:
        exchange = begun(rig, server.url())
        result = rig.fetcher.take_over(job_of(server.url()), exchange)
        assert stored(result) == b"ok"
        assert (result.attempts, server.connections) == (1, 2)


def test_a_reply_that_breaks_off_is_the_first_try(rig: Rig) -> None:
    cut = Script([OK[:-1]])
    with RawServer(paths={"/": [Script([OK], "keep"), cut, Script([OK])]}) as server:
        exchange = begun(rig, server.url(), received=30)
        result = rig.fetcher.take_over(job_of(server.url()), exchange)
        assert (stored(result), result.attempts) == (b"ok", 2)


def test_an_error_is_tried_again_and_counted(rig: Rig) -> None:
    with GoodServer({"/": [b"", Reply(status=503), b"there"]}) as server:
        exchange = begun(rig, server.url())
        result = rig.fetcher.take_over(job_of(server.url()), exchange)
        assert (stored(result), result.attempts) == (b"there", 2)


def test_a_stopped_run_ends_the_exchange(rig: Rig) -> None:
    with GoodServer({"/": b"x"}) as server:
        exchange = begun(rig, server.url())
        rig.stop.request()
        result = rig.fetcher.take_over(job_of(server.url()), exchange)
        assert result.failure is not None
        assert exchange.connection.sock is None


def test_a_job_that_asks_for_more_than_a_plain_get_begins_anew(rig: Rig) -> None:
    with GoodServer({"/": b"x"}) as server:
        exchange = begun(rig, server.url())
        job = job_of(server.url(), resume=ResumePoint(5, 10, '"v1"'))
        assert stored(rig.fetcher.take_over(job, exchange)) == b"x"
        assert (exchange.connection.sock, server.connections) == (None, 2)


def test_the_request_is_the_one_that_a_fetch_sends(make_rig: Callable[..., Rig]) -> None:
    asked: list[Request] = []

    def noted(request: Request) -> Reply:
        asked.append(request)
        return echo(request)

    rig = make_rig(headers=(("X-Key", "1"), ("accept", "text/csv")))
    with GoodServer({"/a?b=%20c": noted}) as server:
        exchange = begun(rig, server.url("/a?b=%20c"))
        rig.fetcher.take_over(job_of(server.url("/a?b=%20c")), exchange)
    assert [(each.path, each.headers) for each in asked[:1]] == [
        (each.path, each.headers) for each in asked[1:]
    ]


def test_logins_of_a_netrc_file_are_in_the_request(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(logins={"h.example": ("u", "sesame")})
    assert b"Authorization: Basic " in (
        rig.fetcher.request_for(target("http://h.example/a")) or b""
    )
    assert b"Authorization" not in (rig.fetcher.request_for(target("http://other.example/")) or b"")


def test_a_url_with_a_login_has_no_simple_request(rig: Rig) -> None:
    assert rig.fetcher.request_for(target(urls.normalise("http://u:sesame@h.example/"))) is None


def test_an_origin_behind_a_proxy_has_no_direct_route(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(proxy="http://proxy.example:3128")
    assert rig.fetcher.route(target("http://h.example/")) is None
    assert rig.fetcher.route(target("https://h.example/")) is None
