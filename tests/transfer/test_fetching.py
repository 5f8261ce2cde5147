"""What is asked, what is stored, what is told of it."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from good import GoodServer, Reply, echo
from raw import RawServer, Script
from transfer_rig import Rig

from downloader import __version__
from downloader.errors import UsageError


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 3_000_000])
def test_stored_bytes_are_those_sent(rig: Rig, size: int) -> None:
    data = os.urandom(size)
    with GoodServer({"/a.bin": data}) as server:
        assert rig.body(server.url("/a.bin")) == data


def test_chunked_body_is_stored_without_its_framing(rig: Rig) -> None:
    data = os.urandom(100_000)
    with GoodServer({"/a.bin": Reply(data, chunked=999)}) as server:
        assert rig.body(server.url("/a.bin")) == data


def test_body_without_length_ends_with_the_connection(rig: Rig) -> None:
    with RawServer([b"HTTP/1.0 200 OK\r\n\r\n", b"all of it"]) as server:
        assert rig.body(server.url()) == b"all of it"


def test_reply_in_tiny_writes_is_read_whole(rig: Rig) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 100
    with RawServer([reply], step=20) as server:
        assert rig.body(server.url()) == b"x" * 100


def test_one_connection_serves_many_requests(rig: Rig) -> None:
    with GoodServer({"/a": b"a", "/b": Reply(b"b", chunked=1), "/c": b""}) as server:
        for path in ("/a", "/b", "/c", "/missing", "/a"):
            rig.fetch(server.url(path))
        assert server.connections == 1


def test_threads_share_the_connections(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig()
    files = {f"/{n}": os.urandom(20_000) for n in range(100)}
    with GoodServer(files) as server, ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda path: rig.fetch(server.url(path), path[1:]), files))
        assert [result.size for result in results] == [20_000] * 100
        assert server.connections <= 4


def test_bytes_are_asked_for_and_stored_undecoded(rig: Rig) -> None:
    sent = gzip.compress(b"plain text" * 100)
    with GoodServer({"/a": Reply(sent, headers={"Content-Encoding": "gzip"})}) as server:
        assert rig.body(server.url("/a")) == sent
        assert server.requests[0].headers["accept-encoding"] == "identity"


def test_request_names_the_tool_and_keeps_no_cookies(rig: Rig) -> None:
    with GoodServer({"/": echo}, headers={"Set-Cookie": "id=1"}) as server:
        rig.body(server.url())
        sent = json.loads(rig.body(server.url()))
    assert sent["user-agent"] == f"dl/{__version__}"
    assert "cookie" not in sent


def test_user_agent_can_be_set(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": echo}) as server:
        assert json.loads(make_rig(user_agent="me/1").body(server.url()))["user-agent"] == "me/1"


def test_users_headers_are_sent_and_replace_the_usual_ones(make_rig: Callable[..., Rig]) -> None:
    given = (("X-Key", "ü"), ("accept", "text/csv"), ("X-More", "1"), ("x-more", "2"))
    with GoodServer({"/": echo}) as server:
        sent = json.loads(make_rig(headers=given).body(server.url()))
    assert sent["x-key"].encode("latin-1").decode() == "ü"
    assert (sent["accept"], sent["x-more"]) == ("text/csv", "1, 2")


@pytest.mark.parametrize(
    "header", [("a b", "c"), ("", "c"), ("X", "a\r\nb"), ("Content-Length", "5"), ("X", "\ud800")]
)
def test_header_that_would_garble_the_request_is_refused(
    make_rig: Callable[..., Rig], header: tuple[str, str]
) -> None:
    with pytest.raises(UsageError, match="--header"):
        make_rig(headers=(header,))


def test_result_tells_status_and_validators(rig: Rig) -> None:
    about = {"ETag": '"v1"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}
    with GoodServer({"/a": Reply(b"a", headers=about)}) as server:
        result = rig.fetch(server.url("/a#part"))
        assert result.final_url == server.url("/a")
    assert (result.http_status, result.attempts, result.etag) == (200, 1, '"v1"')
    assert result.last_modified == about["Last-Modified"]


def test_timing_tells_connecting_waiting_and_reading_apart(rig: Rig) -> None:
    with GoodServer({"/a": b"a" * 100_000}, delay=0.05) as server:
        first = rig.fetch(server.url("/a")).timing
        second = rig.fetch(server.url("/a")).timing
    assert 0.0 == second.connecting < first.connecting
    for timing in (first, second):
        assert timing.began <= timing.requested < timing.answered <= timing.ended
        assert timing.requested + 0.05 <= timing.answered
        assert (timing.load_waiting, timing.load_reading, timing.rank) == (1.0, 1.0, 1)
        assert 0.0 < timing.cpu < timing.seconds


def test_bytes_of_every_try_are_counted_as_received(rig: Rig) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 40
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"y" * 100
    with RawServer(each=[Script([cut]), Script([whole])]) as server:
        assert rig.body(server.url()) == b"y" * 100
    assert rig.meter.received() == 140


@pytest.mark.parametrize("status", [204, 205, 206, 304])
def test_reply_that_is_not_the_whole_file_is_no_file(rig: Rig, status: int) -> None:
    with GoodServer({"/": Reply(status=status)}) as server:
        message = rig.message(server.url())
    assert message.startswith("protocol: ")
    assert f"{status} " in message
    assert rig.left_over() == []


def test_reply_behind_an_informational_one_is_the_answer(rig: Rig) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    with RawServer([early, final], then="keep") as server:
        assert rig.body(server.url()) == rig.body(server.url()) == b"ok"
        assert [request.connection for request in server.requests] == [1, 1]


@pytest.mark.parametrize(
    "header",
    [
        "Content-Length: 5_0",
        "Content-Length: -6",
        "Content-Length: +5",
        "Content-Length: ",
        "Content-Length: 5\r\nContent-Length: 6",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: gzip\r\nContent-Length: 5",
    ],
)
def test_reply_without_a_clear_end_is_refused(rig: Rig, header: str) -> None:
    reply = f"HTTP/1.1 200 OK\r\n{header}\r\n\r\n12345"
    with RawServer([reply.encode()]) as server:
        assert rig.message(server.url()).startswith("protocol: ")
        assert len(server.requests) == 1


def test_length_repeated_alike_is_accepted(rig: Rig) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n12345 and more"
    with RawServer([reply], then="stall") as server:
        assert rig.body(server.url()) == b"12345"


def test_length_beyond_every_file_is_refused(rig: Rig) -> None:
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 36893488147419103232\r\n\r\n"
    with RawServer([reply], then="stall") as server:
        assert rig.message(server.url()).endswith("declares 36893488147419103232 bytes")
