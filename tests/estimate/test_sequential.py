"""The estimate finds the truth in worlds whose laws are known."""

from __future__ import annotations

import random

import pytest
from world import MB, World, observe

from downloader.estimate import sequential
from downloader.models import Observations, Sample, Sequential

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
