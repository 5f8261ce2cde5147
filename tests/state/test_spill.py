from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import downloader
from downloader.state.spill import SpillDict


@pytest.fixture(params=[50_000, 10, 0], ids=["in memory", "spilling", "on disk"])
def entries(request: pytest.FixtureRequest) -> Iterator[SpillDict]:
    with closing(SpillDict(most=request.param)) as entries:
        yield entries


def test_an_unknown_key_has_no_value(entries: SpillDict) -> None:
    assert entries.get("key") is None


def test_every_value_is_found_again(entries: SpillDict) -> None:
    for number in range(105):
        entries.put(f"key {number}", number)
    assert [entries.get(f"key {number}") for number in range(105)] == list(range(105))


def test_the_last_value_counts(entries: SpillDict) -> None:
    for value in (1, 2, 0, -(2**63), 2**63 - 1):
        for number in range(12):
            entries.put(f"key {number}", value)
        assert entries.get("key 3") == value


def test_a_value_is_added_once(entries: SpillDict) -> None:
    keys = [f"key {number}" for number in range(105)] + ["x" * 1000]
    assert all(entries.add(key, 2) for key in keys)
    assert not any(entries.add(key, 3) for key in keys)
    assert {entries.get(key) for key in keys} == {2}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("gpa"), st.text("ab", max_size=3)), max_size=40))
def test_it_is_a_dict_wherever_its_entries_are(steps: list[tuple[str, str]]) -> None:
    plain: dict[str, int] = {}
    with closing(SpillDict(most=3)) as entries:
        for number, (step, key) in enumerate(steps):
            if step == "p":
                plain[key] = number
                entries.put(key, number)
            elif step == "a":
                assert entries.add(key, number) is (key not in plain)
                plain.setdefault(key, number)
            assert entries.get(key) == plain.get(key)


def test_any_text_is_a_key(entries: SpillDict) -> None:
    keys = ["", "\0", "\0\0", "\udcff", "ü", "u\u0308", "x" * 100_000]
    for number, key in enumerate(keys):
        entries.put(key, number)
    assert [entries.get(key) for key in keys] == list(range(len(keys)))


def test_two_mappings_know_nothing_of_each_other(entries: SpillDict) -> None:
    with closing(SpillDict(most=0)) as other:
        entries.put("key", 1)
        assert other.get("key") is None


MANY = """
import resource
from downloader.state.spill import SpillDict
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
entries = SpillDict(most=10_000)
for number in range(200_000):
    entries.put(f"https://example.org/{number}", number)
assert entries.get("https://example.org/77") == 77
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux")
def test_memory_stays_bounded_however_many_entries() -> None:
    home = str(Path(downloader.__file__).parents[1])
    run = [sys.executable, "-c", MANY]
    output = subprocess.check_output(run, env={"PYTHONPATH": home}, text=True)
    assert int(output) < 20 * 1024  # KiB: pages 8 MiB, held entries 2 MiB, and air
