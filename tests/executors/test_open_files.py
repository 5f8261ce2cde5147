"""A run fits into the open files that there may be."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator

import pytest

from downloader.executors import open_files


@pytest.fixture
def limit() -> Iterator[int]:
    """A limit of open files that leaves 100 besides those of the tests."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    low = len(os.listdir("/dev/fd")) + 100
    resource.setrlimit(resource.RLIMIT_NOFILE, (low, hard))
    yield low
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_run_that_lacks_nothing_keeps_its_size() -> None:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < open_files.files_needed(2, 2):
        pytest.skip("few open files are allowed here")
    assert open_files.fitting(2, 2) == (2, 2)


def test_a_large_run_is_made_smaller(limit: int) -> None:
    threads, processes = open_files.fitting(256, 32)
    assert 1 < threads < 25
    assert 1 < processes < 12


def test_a_small_run_keeps_its_size_where_it_fits(limit: int) -> None:
    assert open_files.fitting(2, 1) == (2, 1)


def test_at_least_one_of_each_is_left() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) + 5, hard))
    try:
        assert open_files.fitting(256, 32) == (1, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
