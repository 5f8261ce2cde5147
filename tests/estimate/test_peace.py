"""Pauses that hosts ask for and the user's own limits bind a sequential run as well."""

from __future__ import annotations

import pytest
from world import World, observe

from downloader.estimate import held_back_by, own_limit, sequential
from downloader.models import Observations, replace

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


def test_pauses_that_hosts_ask_for_are_their_pushing_back() -> None:
    observed = replace(World(latency=0.05).observe(SIZES, 8), pauses=(("a", 5.0),))
    assert held_back_by(replace(observed, host_wait=0.6 * observed.wall)) == "pushed-back"


def limited(per_host: int | None = None) -> Observations:
    observed = FAST.observe(SIZES, 8)
    return replace(observed, host_wait=0.6 * observed.wall, per_host=per_host)


@pytest.mark.parametrize(("limit", "option"), [("rate", "--rate"), ("limit_rate", "--limit-rate")])
def test_a_limit_of_the_user_is_named_if_it_was_used_up(limit: str, option: str) -> None:
    observed = limited()
    amount = observed.bytes if limit == "limit_rate" else observed.items
    used = replace(observed, **{limit: amount / observed.fetch})
    assert (own_limit(used), held_back_by(used)) == (option, "own-limit")
    assert own_limit(replace(observed, **{limit: 10 * amount / observed.fetch})) == ""


def test_a_cap_on_connections_is_named_if_threads_waited_for_it() -> None:
    assert own_limit(limited(per_host=2)) == "--per-host"
    assert own_limit(replace(limited(per_host=2), host_wait=0.0)) == ""


def test_bytes_do_not_come_faster_than_the_user_allows() -> None:
    observed = replace(FAST.observe(SIZES, 8), limit_rate=10_000.0)
    assert sequential(observed).seconds == pytest.approx(40.0)
