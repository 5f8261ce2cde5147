"""Pauses that hosts ask for and rates bind a sequential run as well."""

from __future__ import annotations

import pytest
from world import World, observe

from downloader.estimate import held_back_by, sequential
from downloader.models import replace

SIZES = [10_000] * 40
FAST = World(latency=0.01)


def test_a_rate_is_not_beaten_by_one_item_after_another() -> None:
    observed = replace(FAST.observe(SIZES, 8), rate=5.0)
    estimate = sequential(observed)
    assert estimate.seconds == pytest.approx(39 / 5.0)
    assert estimate.low <= estimate.seconds <= estimate.high


def test_a_rate_that_is_never_reached_changes_nothing() -> None:
    observed = FAST.observe(SIZES, 8)
    assert sequential(replace(observed, rate=1000.0)) == sequential(observed)


def test_each_host_has_its_own_rate() -> None:
    other = World(latency=0.01, host="other")
    observed = observe([(FAST, 10_000), (other, 10_000)] * 20, 8)
    assert sequential(replace(observed, rate=5.0)).seconds == pytest.approx(19 / 5.0)


def test_the_pauses_of_a_host_count_once() -> None:
    observed = FAST.observe(SIZES, 8)
    paused = replace(observed, pauses=((FAST.host, 30.0),))
    assert sequential(paused).seconds == pytest.approx(sequential(observed).seconds + 30.0)


def test_other_hosts_are_fetched_during_a_pause() -> None:
    other = World(latency=1.0, host="other")
    observed = observe([(FAST, 10_000)] * 10 + [(other, 10_000)] * 40, 8)
    paused = replace(observed, pauses=((FAST.host, 20.0),))
    assert sequential(paused).seconds == pytest.approx(sequential(observed).seconds)


@pytest.mark.parametrize(("share", "cause"), [(0.6, "host-limit"), (0.4, "latency")])
def test_waiting_for_hosts_is_the_cause_where_it_took_most_of_the_time(
    share: float, cause: str
) -> None:
    observed = World(latency=0.05).observe(SIZES, 8)
    assert held_back_by(replace(observed, host_wait=share * observed.wall)) == cause
