"""The meter of what is under way: transfers, their bytes, the load over time."""

from __future__ import annotations

import threading
from collections.abc import Callable

from downloader.shared.load import LoadMeter


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_load_is_the_integral_of_transfers_under_way() -> None:
    clock = Clock()
    meter = LoadMeter(clock)
    clock.now += 5
    first = meter.enter("a", "host")
    clock.now += 1
    second = meter.enter("b", "host")
    clock.now += 2
    meter.leave(first)
    clock.now += 3
    assert meter.load() == (111.0, 1 * 1 + 2 * 2 + 1 * 3)
    meter.leave(second)
    clock.now += 10
    assert meter.load() == (121.0, 8.0)


def test_rank_counts_the_transfers_at_ones_own_beginning() -> None:
    meter = LoadMeter()
    transfers = [meter.enter(name, "host") for name in "abc"]
    meter.leave(transfers[0])
    again = meter.enter("d", "host")
    assert [transfer.rank for transfer in (*transfers, again)] == [1, 2, 3, 3]
    assert meter.under_way() == 3


def test_bytes_stay_in_the_total_when_their_transfer_ends() -> None:
    meter = LoadMeter()
    one, two = meter.enter("a", "host"), meter.enter("b", "host")
    one.advance(3)
    two.advance(4)
    meter.leave(one)
    assert meter.received() == 7


def test_a_transfer_that_starts_again_takes_no_bytes_back() -> None:
    """What was received once was received, though it is of no use."""
    meter = LoadMeter()
    transfer = meter.enter("a", "host")
    transfer.advance(3)
    transfer.done = 0
    transfer.advance(1)
    assert (meter.received(), meter.active()[0].done) == (4, 1)
    meter.leave(transfer)
    assert meter.received() == 4


def test_what_is_active_comes_longest_first() -> None:
    clock = Clock()
    meter = LoadMeter(clock)
    meter.enter("old", "host").size = 10
    clock.now += 2
    meter.enter("new", "host").advance(5)
    clock.now += 1
    seen = [(a.name, a.done, a.size, a.seconds) for a in meter.active()]
    assert seen == [("old", 0, 10, 3.0), ("new", 5, None, 1.0)]


def test_the_hosts_whose_bodies_are_read() -> None:
    meter = LoadMeter()
    meter.enter("a", "one").reading = True
    meter.enter("b", "two")
    assert meter.reading() == ["one"]


def test_a_transfers_own_thread_beats_as_bytes_come() -> None:
    meter, beats = LoadMeter(), list[int]()
    silent = meter.enter("a", "host")
    meter.beat = lambda: beats.append(threading.get_ident())
    transfer = meter.enter("b", "host")
    silent.advance(1)
    transfer.advance(1)
    assert beats == [threading.get_ident()]


def test_nothing_is_lost_among_threads() -> None:
    meter = LoadMeter()

    def transfer_often() -> None:
        for _ in range(500):
            transfer = meter.enter("a", "host")
            transfer.advance(1)
            meter.leave(transfer)

    in_threads(4, transfer_often)
    assert (meter.received(), meter.under_way(), meter.active()) == (2000, 0, ())


def in_threads(number: int, call: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
