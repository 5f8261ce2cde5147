"""What threads share: the stop flag, and the meter of what is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from downloader.shared import LoadMeter, Stop


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_stop_request_is_heard_once_and_names_its_first_signal() -> None:
    stop, heard = Stop(), list[int | None]()
    stop.on_request(lambda: heard.append(stop.signum))
    assert not stop.requested()
    stop.request(15)
    stop.request(2)
    assert (stop.requested(), stop.signum, heard) == (True, 15, [15])


def test_who_asks_to_be_told_too_late_is_told_at_once() -> None:
    stop, heard = Stop(), list[str]()
    stop.request()
    stop.on_request(lambda: heard.append("told"))
    assert heard == ["told"]


def test_a_callback_may_ask_again_and_register_more() -> None:
    """Nothing is held while callbacks run."""
    stop, heard = Stop(), list[str]()

    def callback() -> None:
        stop.request(9)
        stop.on_request(lambda: heard.append("inner"))

    stop.on_request(callback)
    stop.request(2)
    assert (stop.signum, heard) == (2, ["inner"])


def test_many_requests_at_once_are_one() -> None:
    stop, heard, together = Stop(), list[None](), threading.Barrier(8)
    stop.on_request(lambda: heard.append(None))

    def ask() -> None:
        together.wait()
        stop.request()

    in_threads(8, ask)
    assert len(heard) == 1


def test_a_request_wakes_sleepers() -> None:
    stop, woken = Stop(), list[bool]()
    sleeper = threading.Thread(target=lambda: woken.append(stop.sleep(60)))
    sleeper.start()
    stop.request()
    sleeper.join(30)
    assert woken == [True]


@pytest.mark.parametrize("seconds", [0.0, -1.0, 0.001])
def test_a_sleep_without_a_request_ends_by_itself(seconds: float) -> None:
    assert Stop().sleep(seconds) is False


def test_a_runs_own_flag_is_set_with_the_callers() -> None:
    stop = Stop()
    with stop.of_one_run() as own:
        stop.request(2)
        assert (own.requested(), own.signum) == (True, 2)


def test_a_runs_own_flag_leaves_the_callers_alone() -> None:
    stop = Stop()
    with stop.of_one_run() as own:
        own.request()
    assert not stop.requested()


def test_a_run_of_a_flag_that_is_set_is_over_before_it_begins() -> None:
    stop = Stop()
    stop.request(15)
    with stop.of_one_run() as own:
        assert own.signum == 15


def test_nothing_of_a_run_is_kept_once_it_is_over() -> None:
    stop, heard = Stop(), list[str]()
    with stop.of_one_run() as own:
        own.on_request(lambda: heard.append("told"))
    stop.request()
    assert heard == []


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
    tracks = [meter.enter(name, "host") for name in "abc"]
    meter.leave(tracks[0])
    again = meter.enter("d", "host")
    assert [track.rank for track in (*tracks, again)] == [1, 2, 3, 3]
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
    track = meter.enter("a", "host")
    track.advance(3)
    track.done = 0
    track.advance(1)
    assert (meter.received(), meter.active()[0].done) == (4, 1)
    meter.leave(track)
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
    track = meter.enter("b", "host")
    silent.advance(1)
    track.advance(1)
    assert beats == [threading.get_ident()]


def test_nothing_is_lost_among_threads() -> None:
    meter = LoadMeter()

    def transfer() -> None:
        for _ in range(500):
            track = meter.enter("a", "host")
            track.advance(1)
            meter.leave(track)

    in_threads(4, transfer)
    assert (meter.received(), meter.under_way(), meter.active()) == (2000, 0, ())


def in_threads(number: int, call: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
