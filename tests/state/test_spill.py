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
def scratch(request: pytest.FixtureRequest) -> Iterator[SpillDict]:
    with closing(SpillDict(held=request.param)) as scratch:
        yield scratch


def test_an_unknown_key_has_no_value(scratch: SpillDict) -> None:
    assert scratch.get("key") is None


def test_every_value_is_found_again(scratch: SpillDict) -> None:
    for number in range(105):
        scratch.put(f"key {number}", number)
    assert [scratch.get(f"key {number}") for number in range(105)] == list(range(105))


def test_the_last_value_counts(scratch: SpillDict) -> None:
    for value in (1, 2, 0, -(2**63), 2**63 - 1):
        for number in range(12):
            scratch.put(f"key {number}", value)
        assert scratch.get("key 3") == value


def test_a_value_is_added_once(scratch: SpillDict) -> None:
    keys = [f"key {number}" for number in range(105)] + ["x" * 1000]
    assert all(scratch.add(key, 2) for key in keys)
    assert not any(scratch.add(key, 3) for key in keys)
    assert {scratch.get(key) for key in keys} == {2}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("gpa"), st.text("ab", max_size=3)), max_size=40))
def test_it_is_a_dict_wherever_its_entries_are(steps: list[tuple[str, str]]) -> None:
    plain: dict[str, int] = {}
    with closing(SpillDict(held=3)) as scratch:
        for number, (step, key) in enumerate(steps):
            if step == "p":
                plain[key] = number
                scratch.put(key, number)
            elif step == "a":
                assert scratch.add(key, number) is (key not in plain)
                plain.setdefault(key, number)
            assert scratch.get(key) == plain.get(key)


def test_any_text_is_a_key(scratch: SpillDict) -> None:
    keys = ["", "\0", "\0\0", "\udcff", "ü", "u\u0308", "x" * 100_000]
    for number, key in enumerate(keys):
        scratch.put(key, number)
    assert [scratch.get(key) for key in keys] == list(range(len(keys)))


def test_two_scratches_know_nothing_of_each_other(scratch: SpillDict) -> None:
    with closing(SpillDict(held=0)) as other:
        scratch.put("key", 1)
        assert other.get("key") is None


MANY = """
import resource
from downloader.state.spill import SpillDict
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
scratch = SpillDict(held=10_000)
for number in range(200_000):
    scratch.put(f"https://example.org/{number}", number)
assert scratch.get("https://example.org/77") == 77
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in KiB on Linux")
def test_memory_stays_bounded_however_many_entries() -> None:
    home = str(Path(downloader.__file__).parents[1])
    run = [sys.executable, "-c", MANY]
    output = subprocess.check_output(run, env={"PYTHONPATH": home}, text=True)
    assert int(output) < 20 * 1024  # KiB: pages 8 MiB, held entries 2 MiB, and air
