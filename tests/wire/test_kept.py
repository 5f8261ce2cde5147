"""Connections that wait for another request: who gets them, and which are closed."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from good import GoodServer
from raw import RawServer, Script
from transfer_rig import Rig

from downloader.policy import Timeouts
from downloader.wire.connections import Connections
from downloader.wire.exchange import PlainConnection
from downloader.wire.kept import KeptConnections

WIRE = Connections(Timeouts())
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Pair:
    """A connection, and the peer's end of it."""

    def __init__(self) -> None:
        self.connection = PlainConnection("far.example", 80, wire=WIRE)
        self.connection.sock, self.peer = socket.socketpair()

    @property
    def is_open(self) -> bool:
        return self.connection.sock is not None


@pytest.fixture
def pairs() -> Iterator[Callable[[], Pair]]:
    """Make connections; afterwards all are closed."""
    made: list[Pair] = []

    def make() -> Pair:
        made.append(Pair())
        return made[-1]

    yield make
    for pair in made:
        pair.connection.close()
        pair.peer.close()


def test_the_newest_of_a_route_is_taken_and_taken_once(pairs: Callable[[], Pair]) -> None:
    kept, one, two = KeptConnections(), pairs(), pairs()
    kept.put("here", one.connection)
    kept.put("here", two.connection)
    taken = [kept.take("here") for _ in range(3)]
    assert taken == [two.connection, one.connection, None]


def test_another_route_gets_none(pairs: Callable[[], Pair]) -> None:
    kept, one = KeptConnections(), pairs()
    kept.put(("here", "proxy"), one.connection)
    assert kept.take("here") is None
    assert len(kept) == 1


def test_one_that_the_peer_closed_is_closed_and_passed_over(pairs: Callable[[], Pair]) -> None:
    kept, good, closed = KeptConnections(), pairs(), pairs()
    kept.put("here", good.connection)
    kept.put("here", closed.connection)
    closed.peer.close()
    assert kept.take("here") is good.connection
    assert not closed.is_open


def test_one_with_bytes_that_nobody_asked_for_is_closed(pairs: Callable[[], Pair]) -> None:
    kept, spoken = KeptConnections(), pairs()
    kept.put("here", spoken.connection)
    spoken.peer.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    assert kept.take("here") is None
    assert not spoken.is_open


def test_beyond_the_most_the_oldest_of_all_routes_is_closed(pairs: Callable[[], Pair]) -> None:
    kept, made = KeptConnections(most=2), [pairs() for _ in range(3)]
    for number, pair in enumerate(made):
        kept.put(number, pair.connection)
    assert [pair.is_open for pair in made] == [False, True, True]
    assert len(kept) == 2


def test_dropping_closes_all_and_later_ones_are_kept(pairs: Callable[[], Pair]) -> None:
    kept, early, late = KeptConnections(), pairs(), pairs()
    kept.put("here", early.connection)
    kept.drop()
    kept.put("here", late.connection)
    assert not early.is_open
    assert kept.take("here") is late.connection


def test_once_closed_nothing_is_kept(pairs: Callable[[], Pair]) -> None:
    kept, late = KeptConnections(), pairs()
    kept.close()
    kept.put("here", late.connection)
    assert kept.take("here") is None
    assert not late.is_open


def test_a_fetch_leaves_its_connection_to_the_next_one(rig: Rig) -> None:
    with GoodServer({"/": b"x"}) as server:
        rig.body(server.url())
        assert len(rig.fetcher.kept) == 1
        rig.body(server.url())
        assert server.connections == 1


def test_a_connection_whose_peer_breaks_off_as_it_is_asked_is_no_fault(rig: Rig) -> None:
    """It was open when it was taken: only the request shows that nobody is there."""
    with RawServer(paths={"/": [Script([OK], "keep"), Script(), Script([OK])]}) as server:
        rig.body(server.url())
        result = rig.fetch(server.url())
        assert (result.failure, result.attempts, server.connections) == (None, 1, 2)


def test_neither_requests_nor_a_pool_is_on_the_way_of_a_kept_connection(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GoodServer({"/": b"x"}) as server:
        rig.body(server.url())
        monkeypatch.setattr(rig.fetcher._session, "_opener", None)
        assert rig.body(server.url()) == b"x"
