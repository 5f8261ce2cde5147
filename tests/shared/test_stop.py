"""The flag that asks a run to end: set once, heard by all."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from downloader.shared.stop import Stop


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


def in_threads(number: int, call: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
