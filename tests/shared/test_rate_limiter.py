"""The turns that requests to one host take: evenly spaced, each given once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader import shared
from downloader.shared import RateLimiter


class Clock:
    """Shows the time that it was set to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@given(st.floats(0.1, 100.0), st.lists(st.floats(0.0, 3.0), max_size=30))
def test_turns_are_never_closer_than_the_rate_allows(rate: float, naps: list[float]) -> None:
    clock = Clock()
    turns = RateLimiter(rate, clock)
    begun = []
    for nap in naps:
        begun.append(clock.now + turns.take("a"))
        clock.now += nap
    assert all(later - earlier >= 1 / rate - 1e-9 for earlier, later in pairwise(begun))


def test_each_host_has_turns_of_its_own() -> None:
    turns = RateLimiter(0.5, Clock())
    assert [turns.take("a"), turns.take("b"), turns.take("a")] == [0.0, 0.0, 2.0]


def test_without_a_rate_nobody_waits() -> None:
    turns = RateLimiter(None)
    assert [turns.take("a"), turns.take("a"), turns.due("a")] == [0.0, 0.0, 0.0]


def test_the_next_turn_can_be_seen_without_taking_it() -> None:
    clock = Clock()
    turns = RateLimiter(4.0, clock)
    turns.take("a")
    assert turns.due("a") == turns.due("a") == clock.now + 0.25


def test_hosts_whose_turn_has_passed_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "TURNS_KEPT", 10)
    clock = Clock()
    turns = RateLimiter(1.0, clock)
    for number in range(100):
        clock.now += 1.0
        turns.take(str(number))
    assert len(turns._next) <= 10
