"""Failures: any number of them, in little memory, to be read again and again."""

from __future__ import annotations

import gc
import pickle
import tracemalloc

import pytest

from downloader.models import Failure, Outcome
from downloader.state.failure_log import FailureLog


def failed(line: int) -> Outcome:
    return Outcome("failed", line, url=f"http://h/{line}", error=Failure("timeout", "no byte"))


def test_entries_come_back_in_order_again_and_again() -> None:
    log = FailureLog([failed(1), failed(2)])
    log.append(failed(3))
    assert list(log) == list(log) == [failed(1), failed(2), failed(3)]
    assert len(log) == 3
    assert not FailureLog()


def test_entries_are_reached_by_index_and_slice() -> None:
    log = FailureLog(map(failed, range(10)))
    assert (log[3], log[-1], log[2:4]) == (failed(3), failed(9), (failed(2), failed(3)))
    assert failed(4) in log
    with pytest.raises(IndexError):
        log[10]


def test_entries_may_be_added_while_others_are_read() -> None:
    log = FailureLog([failed(1)])
    reading = iter(log)
    assert next(reading) == failed(1)
    log.append(failed(2))
    assert list(reading) == [failed(2)]


def test_fifty_thousand_entries_take_two_megabytes_at_most() -> None:
    tracemalloc.start()
    try:
        log = FailureLog(map(failed, range(50_000)))
        assert sum(1 for _ in log) == 50_000
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
        assert tracemalloc.get_traced_memory()[0] < 2 << 20
    finally:
        tracemalloc.stop()
    assert (log[0], log[49_999]) == (failed(0), failed(49_999))


def test_a_log_is_closed_by_hand_or_when_forgotten() -> None:
    """Neither way leaves an open file behind, which would be a warning, which fails the test."""
    log = FailureLog(map(failed, range(20_000)))
    log.close()
    log.close()
    FailureLog(map(failed, range(20_000)))
    gc.collect()


def test_a_log_travels_with_its_entries() -> None:
    assert list(pickle.loads(pickle.dumps(FailureLog([failed(7)])))) == [failed(7)]
