"""Usual replies land, as they are; all others are handed over with every byte that came."""

from __future__ import annotations

import hashlib
import os
import select
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from good import GoodServer, Reply
from listening import CERTIFICATE
from multiplexer_rig import FIRST, LONG, Plexed, all_of, reply
from raw import End, Piece, RawServer, Script
from transfer_rig import Rig

from downloader.models import FileStat
from downloader.storage.partial import file_stat, part_name
from downloader.transfer.multiplexer import SIZE
from downloader.wire.exchange import HttpConnection

MakePlexed = Callable[..., Plexed]
ROOM = SIZE - (len(reply(bytes(50_000))) - 50_000)  # bytes of the largest usual body
BODY = bytes(range(256)) * 40


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def make_plexed(make_rig: Callable[..., Rig]) -> Iterator[MakePlexed]:
    """Make multiplexers, each beside a server that sends these pieces for "/"."""
    with ExitStack() as stack:

        def make(*pieces: Piece, then: End = "keep", step: int = 0, **settings: object) -> Plexed:
            scripts = {"/first": Script([FIRST], "keep"), "/": Script(pieces, then, step)}
            server = stack.enter_context(RawServer(paths=scripts))
            plexed = stack.enter_context(closing(Plexed(make_rig(), server, **settings)))
            plexed.connect()
            return plexed

        yield make


# What is usual.


def test_a_usual_reply_lands_with_its_bytes_digest_and_size(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(BODY))
    assert plexed.ask(number=7)
    landed = plexed.landed()
    assert (landed.number, landed.size) == (7, len(BODY))
    assert Path(landed.part).read_bytes() == BODY
    assert landed.hexdigests == (sha256(BODY),)


def test_its_part_has_the_name_and_the_stat_of_the_final_path(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(BODY))
    plexed.ask()
    landed = plexed.landed()
    assert os.path.basename(landed.part) == part_name("1.bin", "")
    assert landed.stat == file_stat(os.stat(landed.part))


def test_what_the_reply_says_of_the_file_is_kept(make_plexed: MakePlexed) -> None:
    disposition = 'attachment; filename="a b.txt"'
    plexed = make_plexed(
        reply(b"x", 'ETag: "v1"', "Last-Modified: then", f"Content-Disposition: {disposition}")
    )
    plexed.ask()
    landed = plexed.landed()
    assert (landed.etag, landed.last_modified) == ('"v1"', "then")
    assert list(landed.disposition) == [disposition]


def test_digests_are_by_all_that_is_asked_for_and_declared(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc", "Content-MD5: kAFQmDzST7DWlj99KOF/cg=="))
    plexed.ask(algorithms=("sha256", "sha1"))
    landed = plexed.landed()
    md5 = hashlib.md5(b"abc", usedforsecurity=False).hexdigest()
    assert landed.declared == [("md5", md5)]
    assert landed.hexdigests == (sha256(b"abc"), hashlib.sha1(b"abc").hexdigest(), md5)


def test_a_declared_digest_that_is_asked_for_anyway_is_taken_once(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc", "Content-MD5: kAFQmDzST7DWlj99KOF/cg=="))
    plexed.ask(algorithms=("md5",))
    assert len(plexed.landed().hexdigests) == 1


def test_moments_are_in_their_order_and_one_transfer_is_a_load_of_one(
    make_plexed: MakePlexed,
) -> None:
    plexed = make_plexed(reply(BODY))
    plexed.ask()
    landed = plexed.landed()
    assert landed.sent_at <= landed.answered_at <= landed.ended_at
    assert (landed.load_waiting, landed.load_reading) == pytest.approx((1.0, 1.0))
    assert landed.rank == 1


def test_the_meter_counts_its_bytes_and_forgets_it(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(BODY))
    before = plexed.rig.meter.received()
    plexed.ask()
    assert [transfer.name for transfer in plexed.rig.meter.active()] == ["1.bin"]
    plexed.landed()
    assert plexed.rig.meter.received() - before == len(BODY)
    assert plexed.rig.meter.active() == ()


@pytest.mark.parametrize("cut", [1, 20, len(reply(BODY)) - len(BODY) - 1])
def test_a_head_may_come_in_two_pieces(make_plexed: MakePlexed, cut: int) -> None:
    go_on = threading.Event()
    plexed = make_plexed(reply(BODY)[:cut], go_on, reply(BODY)[cut:])
    plexed.ask()
    assert plexed.multiplexer.poll(LONG) == []
    go_on.set()
    assert Path(plexed.landed().part).read_bytes() == BODY


@pytest.mark.parametrize("step", [1, 100])
def test_a_reply_may_come_in_many_pieces(make_plexed: MakePlexed, step: int) -> None:
    plexed = make_plexed(reply(BODY[:1000]), step=step)
    plexed.ask()
    assert Path(plexed.landed().part).read_bytes() == BODY[:1000]


@pytest.mark.parametrize("size", [0, 1, ROOM])
def test_bodies_from_none_to_all_that_there_is_room_for_land(
    make_plexed: MakePlexed, size: int
) -> None:
    plexed = make_plexed(reply(bytes(size)))
    plexed.ask()
    landed = plexed.landed()
    assert (landed.size, Path(landed.part).read_bytes()) == (size, bytes(size))


def test_a_connection_is_used_again_and_again(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"x"))
    for number in range(20):
        assert plexed.multiplexer.connections.is_idle(plexed.route)
        assert plexed.ask(number=number)
        assert not plexed.multiplexer.connections.is_idle(plexed.route)
        assert plexed.landed().number == number
    assert (len(plexed.multiplexer.connections), plexed.server.connections) == (1, 1)


def test_transfers_run_side_by_side_and_end_in_any_order(make_rig: Callable[..., Rig]) -> None:
    slow = threading.Event()
    scripts = {"/slow": Script([slow, reply(b"slow")], "keep"), "/": Script([reply(b"q")], "keep")}
    first = Script([FIRST], "keep")
    with (
        RawServer(paths={**scripts, "/first": first}) as server,
        closing(Plexed(make_rig(), server)) as plexed,
    ):
        plexed.connect(2)
        assert plexed.ask("/slow", 1)
        assert plexed.ask("/", 2)
        assert plexed.landed().number == 2
        assert plexed.multiplexer.busy == 1
        slow.set()
        assert plexed.landed().number == 1


def test_tls_makes_no_difference(make_rig: Callable[..., Rig]) -> None:
    """The body is in several records of TLS."""
    data = bytes(range(256)) * 200
    with GoodServer({"/": data, "/first": b"first"}, tls=True) as server:
        with closing(Plexed(make_rig(cacert=CERTIFICATE), server)) as plexed:
            plexed.connect()
            for number in range(3):
                plexed.ask(number=number)
                assert Path(plexed.landed().part).read_bytes() == data
        assert server.connections == 1


# What is not.


@pytest.mark.parametrize(
    "sent",
    [
        reply(b"gone", status="404 Not Found"),
        reply(b"", "Location: /b", status="301 Moved Permanently"),
        reply(b"part", "Content-Range: bytes 0-3/9", status="206 Partial Content"),
        reply(b"wait", "Retry-After: 5", status="503 Service Unavailable"),
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + reply(b"abc"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + reply(b"abc"),
        reply(b"\x1f\x8b", "Content-Encoding: gzip"),
        reply(b"abc", "Content-Length: 2"),
        reply(b"abc") + b"more",
        reply(b"abc")[:20],
        reply(b"abc")[:-1],
        b"",
        b"\0garbage\xff" * 20,
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n bent: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\nx",
        reply(bytes(ROOM + 1)),
        reply(bytes(3 * SIZE)),
        reply(b"abc", "X: " + "x" * SIZE),
    ],
    ids=[
        *("404", "301", "206", "503", "304", "chunked", "no length", "hints", "continue"),
        *("coded", "two lengths", "bytes after it", "cut in head", "cut in body", "nothing"),
        *("garbage", "other protocol", "bent line", "odd length", "one byte too many"),
        *("large", "large head"),
    ],
)
def test_what_is_not_usual_is_handed_over_with_every_byte(
    make_plexed: MakePlexed, sent: bytes
) -> None:
    plexed = make_plexed(sent, then="close")
    plexed.ask()
    assert all_of(plexed.handed_over()) == sent
    assert len(plexed.multiplexer.connections) == 0
    assert plexed.rig.left_over() == [part_name("first.bin", "")]


def test_what_is_handed_over_is_not_asked_for_again(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"gone", status="404 Not Found"), then="close")
    plexed.ask()
    all_of(plexed.handed_over())
    assert isinstance(plexed.server, RawServer)
    assert [request.path for request in plexed.server.requests] == ["/first", "/"]


def test_a_connection_that_is_handed_over_can_still_be_used(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"gone", status="404 Not Found"))
    plexed.ask()
    begun = plexed.handed_over()
    begun.connection.sock.settimeout(LONG)
    begun.connection.sock.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert begun.connection.sock.recv(9) == b"HTTP/1.1 "
    begun.connection.close()


def test_a_reply_that_is_reset_is_handed_over_with_what_came(make_plexed: MakePlexed) -> None:
    go_on = threading.Event()
    plexed = make_plexed(reply(b"abc")[:-1], go_on, then="reset")
    plexed.ask()
    assert plexed.multiplexer.poll(LONG) == []
    go_on.set()
    assert plexed.handed_over().received == reply(b"abc")[:-1]


def test_a_body_that_is_larger_than_wanted_is_for_a_thread_to_refuse(
    make_plexed: MakePlexed,
) -> None:
    plexed = make_plexed(reply(b"abc"), then="close", most=2)
    plexed.ask()
    assert all_of(plexed.handed_over()) == reply(b"abc")


@pytest.mark.parametrize("came", [b"", reply(BODY)[:10], reply(BODY)[:-1]])
def test_what_comes_too_slowly_is_handed_over_after_its_patience(
    make_plexed: MakePlexed, came: bytes
) -> None:
    go_on = threading.Event()
    plexed = make_plexed(came, go_on, reply(BODY)[len(came) :], then="close", patience=0.2)
    plexed.ask()
    begun = plexed.handed_over()
    assert begun.received == came
    go_on.set()
    assert all_of(begun) == reply(BODY)


def test_a_part_that_cannot_be_written_is_for_a_thread_to_explain(make_plexed: MakePlexed) -> None:
    def refuse(path: str, data: memoryview) -> tuple[str, FileStat]:
        raise OSError("no")

    plexed = make_plexed(reply(BODY), then="close", write_part=refuse)
    plexed.ask()
    assert all_of(plexed.handed_over()) == reply(BODY)


def test_what_cannot_be_hashed_here_is_for_a_thread_too(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(BODY), then="close")
    plexed.ask(algorithms=("no such one",))
    assert all_of(plexed.handed_over()) == reply(BODY)


def test_bytes_of_what_is_handed_over_are_not_counted_twice(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc")[:-1], then="close")
    before = plexed.rig.meter.received()
    plexed.ask()
    begun = plexed.handed_over()
    assert plexed.rig.meter.received() == before
    assert plexed.rig.meter.active() == ()
    begun.connection.close()


# Connections.


@pytest.mark.parametrize(
    "sent", [reply(b"abc", "Connection: close"), reply(b"abc").replace(b"/1.1", b"/1.0")]
)
def test_a_connection_that_is_not_to_be_kept_is_closed(
    make_plexed: MakePlexed, sent: bytes
) -> None:
    plexed = make_plexed(sent)
    plexed.ask()
    assert plexed.landed().size == 3
    assert len(plexed.multiplexer.connections) == 0
    assert not plexed.multiplexer.connections.is_idle(plexed.route)


def test_an_idle_connection_that_the_peer_closes_is_forgotten(make_plexed: MakePlexed) -> None:
    plexed = make_plexed()
    plexed.server.hang_up()
    assert plexed.multiplexer.poll(LONG) == []
    assert len(plexed.multiplexer.connections) == 0
    assert not plexed.multiplexer.connections.is_idle(plexed.route)


def test_bytes_that_nobody_asked_for_end_a_connection(make_plexed: MakePlexed) -> None:
    later = threading.Event()
    plexed = make_plexed(reply(b"abc"), later, b"more")
    plexed.ask()
    plexed.landed()
    later.set()
    assert plexed.multiplexer.poll(LONG) == []
    assert len(plexed.multiplexer.connections) == 0


def test_a_second_reply_that_nobody_asked_for_is_no_reply_to_the_next_request(
    make_plexed: MakePlexed,
) -> None:
    """It comes while what has landed is looked after, and nothing is read."""
    later = threading.Event()
    plexed = make_plexed(reply(b"abc"), later, reply(b"spliced"))
    plexed.ask()
    plexed.landed()
    later.set()
    [connection] = plexed.connections()
    assert select.select([connection.sock], [], [], LONG)[0]
    assert not plexed.ask(number=2)
    assert (len(plexed.multiplexer.connections), plexed.multiplexer.busy) == (0, 0)


def test_a_connection_that_the_peer_has_closed_unseen_takes_no_request(
    make_plexed: MakePlexed,
) -> None:
    plexed = make_plexed(reply(b"abc"))
    [connection] = plexed.connections()
    plexed.server.hang_up()
    assert select.select([connection.sock], [], [], LONG)[0]
    assert not plexed.ask()
    assert (len(plexed.multiplexer.connections), plexed.multiplexer.busy) == (0, 0)


def test_of_two_connections_the_one_that_is_sound_is_used(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc"))
    plexed.connect()
    *_, newest = plexed.connections()
    newest.sock.shutdown(socket.SHUT_RDWR)
    assert plexed.ask()
    assert plexed.landed().size == 3
    assert (len(plexed.multiplexer.connections), plexed.server.connections) == (1, 2)


def test_a_connection_that_takes_no_request_is_closed(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc"))
    [connection] = plexed.connections()
    connection.sock.shutdown(socket.SHUT_WR)
    assert not plexed.ask()
    assert (len(plexed.multiplexer.connections), plexed.multiplexer.busy) == (0, 0)


def test_a_request_that_does_not_go_out_at_once_is_not_begun(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc"))
    assert not plexed.ask(more=bytes(64 * 1024 * 1024))
    assert (len(plexed.multiplexer.connections), plexed.multiplexer.busy) == (0, 0)


def test_a_free_connection_can_be_given_back(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc"))
    connection = plexed.multiplexer.connections.release(plexed.route)
    assert connection is not None
    assert plexed.multiplexer.connections.release(plexed.route) is None
    assert isinstance(connection, HttpConnection)
    plexed.rig.fetcher.kept.put(plexed.route, connection)
    assert plexed.rig.body(plexed.server.url()) == b"abc"
    assert (plexed.server.connections, len(plexed.multiplexer.connections)) == (1, 0)


def test_connections_that_are_not_needed_go_the_oldest_first(make_rig: Callable[..., Rig]) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(GoodServer({"/first": b"x"})) for _ in range(4)]
        rig = make_rig()
        plexed = stack.enter_context(closing(Plexed(rig, servers[0])))
        routes = []
        for plexed.server in servers:
            routes.append(plexed.route)
            plexed.connect()
        released = list(plexed.multiplexer.connections.surplus(1, plexed.multiplexer.busy))
        assert [route for route, _ in released] == routes[:3]
        assert [plexed.multiplexer.connections.is_idle(route) for route in routes] == [
            *[False] * 3,
            True,
        ]
        for _, connection in released:
            connection.close()


def test_a_connection_in_use_is_needed(make_plexed: MakePlexed) -> None:
    plexed = make_plexed(reply(b"abc"))
    plexed.ask()
    assert list(plexed.multiplexer.connections.surplus(0, plexed.multiplexer.busy)) == []
    assert plexed.landed().size == 3


def test_whatever_else_is_watched_wakes_it(make_plexed: MakePlexed) -> None:
    plexed = make_plexed()
    here, there = os.pipe()
    plexed.multiplexer.connections.watch(here)
    os.write(there, b"x")
    assert plexed.multiplexer.poll(LONG) == []
    os.close(there)
    os.close(here)


def test_closing_breaks_off_what_is_under_way(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/": Reply(b"x", delay=LONG), "/first": b"first"}) as server:
        plexed = Plexed(make_rig(), server)
        plexed.connect(2)
        plexed.ask()
        plexed.close()
        assert (plexed.multiplexer.busy, len(plexed.multiplexer.connections)) == (0, 0)
        assert plexed.rig.meter.active() == ()
