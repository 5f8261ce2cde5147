"""Digests by name, in memory or on disk."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import closing

import pytest

from downloader.models import Digest
from downloader.state.spill_digests import SpillDigests


@pytest.fixture(params=[50_000, 10, 0], ids=["in memory", "spilling", "on disk"])
def entries(request: pytest.FixtureRequest) -> Iterator[SpillDigests]:
    with closing(SpillDigests(most=request.param)) as entries:
        yield entries


def digest(number: int, name: str = "sha256") -> Digest:
    return Digest(name, f"{number:064x}")


def test_an_unknown_name_has_no_digest(entries: SpillDigests) -> None:
    assert entries.get("name") == ()


def test_every_digest_is_found_again(entries: SpillDigests) -> None:
    for number in range(105):
        entries.add(f"name {number}", digest(number))
    found = [entries.get(f"name {number}") for number in range(105)]
    assert found == [(digest(number),) for number in range(105)]


def test_a_name_has_all_its_digests_each_once(entries: SpillDigests) -> None:
    digests = [digest(1), digest(2), digest(1), digest(1, "blake3")]
    for each in [*digests, *digests]:
        entries.add("naïve \udcff", each)
    assert set(entries.get("naïve \udcff")) == set(digests)
    assert len(entries.get("naïve \udcff")) == 3


def test_memory_is_bounded() -> None:
    """A hundred thousand names in less than a fifth of what a dict of them takes."""
    tracemalloc.start()
    try:
        with closing(SpillDigests(most=1000)) as entries:
            for number in range(100_000):
                entries.add(f"folder/file-{number}.iso", digest(number))
            assert entries.get("folder/file-77777.iso") == (digest(77_777),)
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
