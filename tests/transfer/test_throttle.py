"""The cap on bytes per second: exact over some seconds, even among transfers, ended by a stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from good import GoodServer
from transfer_rig import Rig

from downloader.shared.stop import Stop
from downloader.transfer import throttle
from downloader.transfer.throttle import Throttle


class Time(Stop):
    """A clock that sleeping turns; each sleep takes `late` seconds longer than asked."""

    def __init__(self, late: float = 0.0) -> None:
        super().__init__()
        self.now = 50.0
        self.late = late

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> bool:
        self.now += seconds + self.late
        return self.requested()


def rate_of(cap: float, piece: int, total: int, *, late: float = 0.0) -> float:
    """Return the bytes per second of one transfer that always has the next piece."""
    time = Time(late)
    limit = Throttle(cap, time, time)
    pieces = total // piece
    for _ in range(pieces):
        limit.take(piece)
    return pieces * piece / (time.now - 50.0)


@pytest.mark.parametrize("cap", [1_000, 50_000, 10_000_000, 500_000_000])
def test_the_cap_is_met_within_five_per_cent(cap: int) -> None:
    piece = Throttle(cap, Time()).piece
    assert rate_of(cap, piece, 5 * cap) == pytest.approx(cap, rel=0.05)


@pytest.mark.parametrize("late", [0.001, 0.01, 0.05])
def test_sleeping_too_long_is_made_up_for(late: float) -> None:
    assert rate_of(100_000, 4_000, 1_000_000, late=late) == pytest.approx(100_000, rel=0.05)


def test_slow_peers_are_not_made_up_for_by_bursts() -> None:
    time = Time()
    limit = Throttle(1_000, time, time)
    time.now += 3600.0
    before = time.now
    for _ in range(20):
        limit.take(500)
    assert time.now - before == pytest.approx(10.0, abs=2 * throttle.BURST)


def test_a_transfer_below_the_cap_is_not_slowed_down() -> None:
    time = Time()
    limit = Throttle(1_000, time, time)
    for number in range(20):
        time.now = 50.0 + number
        limit.take(900)
        assert time.now < 51.0 + number


def test_pieces_are_small_where_the_cap_is_low_and_large_where_there_is_none() -> None:
    stop = Time()
    pieces = [Throttle(cap, stop).piece for cap in (10.0, 100_000.0, 1e12, None)]
    assert pieces == [throttle.SMALLEST, 4_000, throttle.LARGEST, throttle.LARGEST]


def test_a_wait_ends_when_the_items_time_is_up() -> None:
    time = Time()
    Throttle(1, time, time).take(1_000_000, until=52.0)
    assert time.now == 52.0


def test_transfers_that_pay_in_turn_get_equal_shares() -> None:
    """Real threads on a real clock, but only their shares count."""
    limit = Throttle(2_000_000, Stop())
    shares = [0, 0]
    end = threading.Event()

    def transfer(which: int) -> None:
        while not end.is_set():
            limit.take(20_000)
            shares[which] += 1
            if sum(shares) >= 60:
                end.set()

    threads = [threading.Thread(target=transfer, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert min(shares) >= 20


def test_a_body_is_paid_for_to_the_last_byte(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(limit_rate=100_000)
    with GoodServer({"/a": b"x" * 50_000}) as server:
        assert rig.body(server.url("/a")) == b"x" * 50_000
    # Nothing really sleeps in this rig, so that every piece waits for all pieces before it.
    assert max(rig.stop.sleeps) == pytest.approx(0.5, rel=0.3)
    assert len(rig.stop.sleeps) >= 10


def test_a_stop_ends_a_transfer_that_waits_for_its_bytes(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(limit_rate=1)
    with GoodServer({"/a": b"x" * 50_000}) as server:
        rig.meter.beat = rig.stop.request
        assert rig.message(server.url("/a")) == "connect: interrupted"
