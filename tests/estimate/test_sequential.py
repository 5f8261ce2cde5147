"""The estimate finds the truth in worlds whose laws are known."""

from __future__ import annotations

import random

import pytest
from world import MB, World, observe

from downloader.estimate import sequential
from downloader.models import Observations, Sample, Sequential, Window, replace

EVEN = [300_000] * 60
FULL_ROUNDS = [300_000] * 64
MIXED = [int(random.Random(i).lognormvariate(12, 1.5)) + 1 for i in range(80)]

WORLDS = {
    "latency": World(latency=0.05),
    "latency and a cap": World(latency=0.05, cap=2 * MB),
    "a cap per connection": World(latency=0.002, cap=2 * MB),
    "a shared link": World(latency=0.001, link=25 * MB),
    "a shared link behind latency": World(latency=0.05, link=10 * MB),
    "one at a time": World(latency=0.02, serial=True),
}


@pytest.mark.parametrize("threads", [8, 32])
@pytest.mark.parametrize("sizes", [EVEN, FULL_ROUNDS, MIXED], ids=["even", "rounds", "mixed"])
@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS.keys())
def test_the_estimate_is_near_the_truth_and_the_truth_in_its_range(
    world: World, sizes: list[int], threads: int
) -> None:
    estimate = sequential(world.observe(sizes, threads))
    truth = world.sequential(sizes)
    assert 0.8 <= estimate.seconds / truth <= 1.25
    assert estimate.low <= truth <= estimate.high


@pytest.mark.parametrize("threads", [8, 32])
def test_a_slow_host_among_fast_ones_keeps_its_own_time(threads: int) -> None:
    fast, slow = World(latency=0.05), World(latency=0.005, cap=2 * MB, host="slow")
    items = [(fast, 50_000), (slow, 300_000)] * 40
    truth = fast.sequential([50_000] * 40) + slow.sequential([300_000] * 40)
    assert 0.8 <= sequential(observe(items, threads)).seconds / truth <= 1.25


@pytest.mark.parametrize("threads", [8, 32])
def test_a_capped_host_beside_a_full_link_keeps_its_own_time(threads: int) -> None:
    wide = World(latency=0.001, link=25 * MB)
    slow = World(latency=0.001, link=25 * MB, cap=0.2 * MB, host="slow")
    items = [(wide, 1_000_000)] * 60 + [(slow, 100_000)] * 10
    random.Random(4).shuffle(items)
    truth = wide.sequential([1_000_000] * 60) + slow.sequential([100_000] * 10)
    estimate = sequential(observe(items, threads))
    assert estimate.low <= truth <= estimate.high


def test_the_sum_of_crowded_seconds_is_not_the_estimate() -> None:
    observed = World(latency=0.001, link=25 * MB).observe([1_000_000] * 60, 8)
    assert sequential(observed).seconds < observed.busy_fetch / 5


def test_processor_time_of_threads_and_hash_workers_is_not_shrunk_by_either() -> None:
    observed = _observed(coordinator_cpu=1.0, hash_cpu=2.0)
    assert sequential(observed).seconds == pytest.approx(3.0)


def test_pauses_between_tries_count_in_full() -> None:
    observed = _observed(Sample("a", 1000, waiting=0.1, reading=0.0, earlier=5.0))
    assert sequential(observed).seconds == pytest.approx(5.1)


def test_kept_connections_are_opened_once_by_each_host() -> None:
    opened = [Sample("a", 10, 0.1, 0.0, connecting=0.2, at=i) for i in range(8)]
    kept = [Sample("a", 10, 0.1, 0.0, at=i) for i in range(40)]
    assert sequential(_observed(*opened, *kept)).seconds == pytest.approx(48 * 0.1 + 0.2)


def test_a_server_that_keeps_no_connection_opens_one_for_each_item() -> None:
    opened = [Sample("a", 10, 0.1, 0.0, connecting=0.2, at=i) for i in range(20)]
    assert sequential(_observed(*opened)).seconds == pytest.approx(20 * 0.3)


def test_samples_stand_for_all_items() -> None:
    samples = [Sample("a", 10, 0.1, 0.0, at=i) for i in range(10)]
    assert sequential(_observed(*samples, items=1000)).seconds == pytest.approx(100)


def test_nothing_done_took_no_time() -> None:
    assert sequential(_observed()) == Sequential(0.0, 0.0, 0.0, "estimated")


def _observed(
    *samples: Sample, items: int | None = None, coordinator_cpu: float = 0.0, hash_cpu: float = 0.0
) -> Observations:
    return Observations(
        wall=1.0,
        fetch=1.0,
        hash=hash_cpu,
        busy_fetch=sum(sample.seconds for sample in samples),
        busy_hash=hash_cpu,
        hash_cpu=hash_cpu,
        cpu=coordinator_cpu,
        coordinator_cpu=coordinator_cpu,
        threads=8,
        processes=2,
        items=len(samples) if items is None else items,
        bytes=0,
        samples=samples,
    )


@pytest.mark.parametrize("threads", [8, 32])
def test_a_long_run_on_a_shared_link_remembers_how_it_began(threads: int) -> None:
    """A moment alone among a minute in the crowd is all that tells the link from a cap."""
    world, sizes = World(latency=0.001, link=25 * MB), [1_000_000] * 1600
    estimate, truth = sequential(world.observe(sizes, threads)), world.sequential(sizes)
    assert 0.8 <= estimate.seconds / truth <= 1.25
    assert estimate.low <= truth <= estimate.high


def test_one_at_a_time_is_not_faster_than_all_that_ran() -> None:
    """A server that spaces requests answers the first one at once, and tells nothing by that."""
    first = Sample("a", 10, 0.001, 0.0, rank=1)
    others = [Sample("a", 10, 0.5, 0.0, load_waiting=8.0, rank=8, at=i) for i in range(1, 17)]
    observed = replace(_observed(first, *others), fetch=2.0)
    assert sequential(observed).seconds == pytest.approx(0.95 * 2.0)


def test_no_item_takes_longer_alone_than_in_the_crowd() -> None:
    """Few bytes in the one window that was alone would make the link a very slow one."""
    samples = [Sample("a", 1000, 0.0, 1.0, load_reading=8.0, at=i) for i in range(16)]
    windows = (Window(0.05, 1.0, 1.0, 10, 0, alone=True), Window(1.9, 8.0, 8.0, 16_000, 16))
    observed = replace(_observed(*samples), windows=windows, bytes=16_000)
    assert sequential(observed).seconds <= 1.05 * 16


def test_where_nothing_comes_for_much_of_the_time_nobody_is_in_the_way() -> None:
    """A server that meters by whole seconds: a burst, then nothing, on each connection alike."""
    samples = [Sample("a", 1000, 0.0, 2.0, load_reading=8.0, at=i) for i in range(16)]
    burst = Window(0.02, 1.0, 1.0, 800, 0, alone=True)
    metered = (Window(0.1, 8.0, 8.0, 8000, 8), *[Window(0.1, 8.0, 8.0, 0, 0)] * 18)
    observed = replace(_observed(*samples), windows=(burst, *metered * 2))
    assert sequential(observed).seconds == pytest.approx(32, rel=0.05)


def test_a_burst_at_the_beginning_is_not_the_rate_of_one_connection() -> None:
    """Of the first hundredths of a second, those in which nothing came count as well."""
    samples = [Sample("a", 1000, 0.0, 0.5, load_reading=8.0, at=i) for i in range(32)]
    first = [Window(0.005, 1.0, 1.0, 40 * (at % 4 == 0), 0, alone=True) for at in range(8)]
    steady = [Window(0.05, 8.0, 8.0, 800, 2)] * 40
    observed = replace(_observed(*samples), windows=(*first, *steady), bytes=32_000)
    assert sequential(observed).seconds == pytest.approx(16, rel=0.1)


def test_who_finds_the_queue_empty_tells_what_a_request_waits_alone() -> None:
    first = Sample("a", 10, 0.01, 0.0, rank=1)
    others = [Sample("a", 10, 0.08, 0.0, load_waiting=8.0, rank=8, at=i) for i in range(1, 100)]
    assert sequential(_observed(first, *others)).seconds == pytest.approx(1.0, rel=0.1)
