"""Averages are those of Python's own `statistics`."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.estimate.averages import fmean, median, pstdev, quantiles

SECONDS = st.floats(min_value=0, max_value=1e6)


@given(st.lists(SECONDS, min_size=1))
def test_means_and_deviations(values: list[float]) -> None:
    assert fmean(values) == pytest.approx(statistics.fmean(values))
    assert median(values) == pytest.approx(statistics.median(values))
    assert pstdev(values) == pytest.approx(statistics.pstdev(values), abs=1e-6)


@given(st.lists(SECONDS, min_size=2), st.sampled_from([2, 4, 20]))
def test_quantiles(values: list[float], n: int) -> None:
    assert quantiles(values, n=n) == pytest.approx(statistics.quantiles(values, n=n))
