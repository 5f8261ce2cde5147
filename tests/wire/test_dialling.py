"""Of several addresses the first that answers is taken, and remembered."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack, closing
from typing import Any

import pytest
from good import GoodServer
from hole import Hole, needs_holes, resolve_to, resolved

from downloader.policy import Timeouts
from downloader.wire import dialling
from downloader.wire.connections import Connections
from downloader.wire.dialling import AT_ONCE, Address, Remembered, interleaved
from downloader.wire.errors import TransferError

SIX, FOUR = socket.AF_INET6, socket.AF_INET
NEVER = 1e6  # seconds: what waits for them never ends


def at(family: int, number: int) -> Address:
    return (family, socket.SOCK_STREAM, 6, "", (f"address {number}", 80))


def dial(wire: Connections, host: str = "dual.example", **more: Any) -> socket.socket:
    with wire.opening((host, 80)):
        return wire.dial(host, 80, [], **more)


def peer(sock: socket.socket) -> tuple[str, int]:
    with sock:
        address: tuple[str, int] = sock.getpeername()[:2]
        return address


def test_families_take_turns_and_the_resolvers_first_one_begins() -> None:
    order = interleaved([at(SIX, 1), at(SIX, 2), at(SIX, 3), at(FOUR, 4), at(FOUR, 5)])
    assert [each[4][0][-1] for each in order] == ["1", "4", "2", "5", "3"]
    assert interleaved([at(FOUR, 4)]) == [at(FOUR, 4)]
    assert interleaved([]) == []


def test_what_worked_is_tried_first_afterwards() -> None:
    remembered, found = Remembered(), [at(SIX, 1), at(FOUR, 2), at(FOUR, 3)]
    order = remembered.sort("a", found)
    remembered.note("a", order[2], order)
    assert remembered.sort("a", found) == [at(FOUR, 3), at(SIX, 1), at(FOUR, 2)]
    assert remembered.sort("b", found) == [at(SIX, 1), at(FOUR, 2), at(FOUR, 3)]


def test_if_its_address_is_gone_one_of_its_family_is_tried_first() -> None:
    remembered, found = Remembered(), [at(SIX, 1), at(FOUR, 2)]
    remembered.note("a", found[1], found)
    assert remembered.sort("a", [at(SIX, 1), at(FOUR, 9)])[0] == at(FOUR, 9)


def test_a_resolver_that_takes_turns_keeps_its_order_while_its_first_address_works() -> None:
    remembered = Remembered()
    order = [at(FOUR, 1), at(FOUR, 2)]
    remembered.note("a", order[0], order)
    assert remembered.sort("a", [at(FOUR, 2), at(FOUR, 1)])[0] == at(FOUR, 2)


def test_hosts_are_remembered_within_bounds() -> None:
    remembered, order = Remembered(), [at(SIX, 1), at(FOUR, 2)]
    for number in range(3 * dialling.HOSTS):
        remembered.note(str(number), order[1], order)
    assert len(remembered._by_host) <= dialling.HOSTS


@needs_holes
@pytest.mark.parametrize("dead", ["::1", "127.0.0.2"])
def test_a_dead_address_does_not_hold_up_the_next(
    monkeypatch: pytest.MonkeyPatch, dead: str
) -> None:
    """Shared out, the time to connect would never end."""
    with GoodServer() as server, Hole(dead) as hole:
        resolve_to(monkeypatch, "dual.example", hole.found, resolved("127.0.0.1", server.port))
        wire = Connections(Timeouts(connect=NEVER))
        assert peer(dial(wire)) == ("127.0.0.1", server.port)


@needs_holes
def test_afterwards_no_time_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    with GoodServer() as server, Hole("::1") as hole:
        resolve_to(monkeypatch, "dual.example", hole.found, resolved("127.0.0.1", server.port))
        wire = Connections(Timeouts(connect=NEVER))
        dial(wire).close()
        monkeypatch.setattr(dialling, "DELAY", NEVER)
        assert peer(dial(wire)) == ("127.0.0.1", server.port)


@needs_holes
def test_the_first_goes_on_while_the_next_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with Hole("127.0.0.1") as slow, Hole("127.0.0.2") as dead:
        resolve_to(monkeypatch, "dual.example", slow.found, dead.found)
        wire = Connections(Timeouts(connect=60))
        thread = threading.Timer(0.4, slow.drain)  # by then the other one is tried as well
        thread.start()
        assert peer(dial(wire)) == ("127.0.0.1", slow.port)
    thread.join()


def test_an_address_that_refuses_gives_way_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "DELAY", NEVER)
    with GoodServer() as server, socket.create_server(("127.0.0.1", 0)) as closed:
        refusing = resolved("127.0.0.1", closed.getsockname()[1])
        closed.close()
        found = [refusing, refusing, resolved("127.0.0.1", server.port)]
        resolve_to(monkeypatch, "dual.example", *found)
        assert peer(dial(Connections(Timeouts()))) == ("127.0.0.1", server.port)


@needs_holes
def test_where_all_are_dead_the_time_to_connect_is_that_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialling, "DELAY", 0.001)
    with ExitStack() as stack:
        holes = [stack.enter_context(Hole(f"127.0.0.{n + 2}")) for n in range(AT_ONCE + 3)]
        resolve_to(monkeypatch, "dual.example", *(hole.found for hole in holes))
        with pytest.raises(TimeoutError):
            dial(Connections(Timeouts(connect=0.3)))


@needs_holes
def test_no_more_sockets_are_open_at_once_than_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "DELAY", 0.001)
    with GoodServer() as server, Hole("127.0.0.2") as hole:
        wire = Connections(Timeouts())
        found = [*[hole.found] * (AT_ONCE + 3), resolved("127.0.0.1", server.port)]
        resolve_to(monkeypatch, "dual.example", *found)
        made: list[socket.socket] = []
        monkeypatch.setattr(wire, "watch", made.append)
        with closing(dial(wire)) as sock:
            assert sock.getpeername() == ("127.0.0.1", server.port)
        assert all(each.fileno() < 0 for each in made)
        assert len(made) == AT_ONCE + 4


@needs_holes
def test_a_race_can_be_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with Hole("127.0.0.2") as one, Hole("127.0.0.3") as two:
        resolve_to(monkeypatch, "dual.example", one.found, two.found)
        wire = Connections(Timeouts(connect=NEVER))
        thread = threading.Timer(0.4, wire.break_off)
        thread.start()
        with pytest.raises(OSError, match=r"[a-z]"):
            dial(wire).getpeername()
    thread.join()


def test_only_public_addresses_are_tried_and_a_proxys_may_be_private(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with GoodServer() as server:
        resolve_to(monkeypatch, "dual.example", resolved("127.0.0.1", server.port))
        wire = Connections(Timeouts(), public_only=True)
        with pytest.raises(TransferError, match="not a public address"):
            dial(wire)
        assert peer(dial(wire, to_proxy=True)) == ("127.0.0.1", server.port)
