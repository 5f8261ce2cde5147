"""When requests to one host may begin: evenly spaced, each time given once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.shared import rate_limiter
from downloader.shared.rate_limiter import RateLimiter


class Clock:
    """Shows the time that it was set to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@given(st.floats(0.1, 100.0), st.lists(st.floats(0.0, 3.0), max_size=30))
def test_requests_are_never_closer_than_the_rate_allows(rate: float, naps: list[float]) -> None:
    clock = Clock()
    limiter = RateLimiter(rate, clock)
    begun = []
    for nap in naps:
        begun.append(clock.now + limiter.take("a"))
        clock.now += nap
    assert all(later - earlier >= 1 / rate - 1e-9 for earlier, later in pairwise(begun))


def test_each_host_has_requests_of_its_own() -> None:
    limiter = RateLimiter(0.5, Clock())
    assert [limiter.take("a"), limiter.take("b"), limiter.take("a")] == [0.0, 0.0, 2.0]


def test_without_a_rate_nobody_waits() -> None:
    limiter = RateLimiter(None)
    assert [limiter.take("a"), limiter.take("a"), limiter.due("a")] == [0.0, 0.0, 0.0]


def test_the_next_time_can_be_looked_at_without_taking_it() -> None:
    clock = Clock()
    limiter = RateLimiter(4.0, clock)
    limiter.take("a")
    assert limiter.due("a") == limiter.due("a") == clock.now + 0.25


def test_hosts_whose_time_has_passed_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limiter, "HOSTS_KEPT", 10)
    clock = Clock()
    limiter = RateLimiter(1.0, clock)
    for number in range(100):
        clock.now += 1.0
        limiter.take(str(number))
    assert len(limiter._next) <= 10
