"""What held a run back, in worlds whose laws are known."""

from __future__ import annotations

import pytest
from world import MB, World

from downloader.estimate import held_back_by
from downloader.models import HeldBackBy, replace

SIZES = [300_000] * 60
WORLDS: list[tuple[World, HeldBackBy]] = [
    (World(latency=0.05), "latency"),
    (World(latency=0.002, cap=2 * MB), "host-limit"),
    (World(latency=0.001, link=25 * MB), "bandwidth"),
    (World(latency=0.02, serial=True), "server"),
]


@pytest.mark.parametrize("threads", [8, 32])
@pytest.mark.parametrize(("world", "cause"), WORLDS, ids=[cause for _, cause in WORLDS])
def test_the_cause_is_named(world: World, cause: HeldBackBy, threads: int) -> None:
    assert held_back_by(world.observe(SIZES, threads)) == cause


def test_a_busy_interpreter_is_the_cause_whatever_the_network_does() -> None:
    observed = World(latency=0.05).observe(SIZES, 8)
    assert held_back_by(replace(observed, cpu=0.9 * observed.wall)) == "cpu"


def test_hashing_is_the_cause_where_it_goes_on_after_the_last_download() -> None:
    observed = World(latency=0.05).observe(SIZES, 8)
    late = replace(
        observed, wall=2 * observed.fetch, busy_hash=observed.fetch, hash_cpu=observed.fetch
    )
    assert held_back_by(late) == "hashing"


def test_hashing_that_computes_little_waits_for_the_disk() -> None:
    observed = World(latency=0.05).observe(SIZES, 8)
    late = replace(
        observed, wall=2 * observed.fetch, busy_hash=observed.fetch, hash_cpu=0.1 * observed.fetch
    )
    assert held_back_by(late) == "disk"


def test_a_run_that_did_nothing_was_held_back_by_nothing() -> None:
    observed = World().observe([], 8)
    assert held_back_by(observed) is None
