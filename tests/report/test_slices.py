"""Sums by time keep what there was: no second and no byte is lost or told twice."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spans import fetched

from downloader.models import Span
from downloader.report.slices import DRAWN_AT_MOST, HOSTS_AT_MOST, OTHERS, SLOWEST, Slices, as_data

TOTAL = 60.0
SPANS = st.lists(
    st.tuples(st.floats(0, 59), st.floats(0, 30)).map(
        lambda pair: fetched(pair[0], min(TOTAL, pair[0] + pair[1]))
    ),
    max_size=30,
).map(lambda spans: sorted(spans, key=lambda span: span.began))


def sliced(spans: list[Span], total: float = TOTAL) -> Slices:
    slices = Slices(total)
    slices.take_all(spans)
    return slices


@given(SPANS)
def test_all_slices_together_hold_every_second_and_every_byte(spans: list[Span]) -> None:
    slices = sliced(spans)
    seconds = sum(map(sum, slices.all.seconds))
    assert seconds == pytest.approx(sum(span.seconds for span in spans), abs=1e-6)
    assert sum(slices.received) == pytest.approx(1000 * len(spans))


@given(SPANS)
def test_no_slice_of_a_lane_holds_more_than_its_own_time(spans: list[Span]) -> None:
    slices = sliced(spans)
    for lane in slices.lanes["fetch"]:
        for each in zip(*lane.seconds, strict=True):
            assert sum(each) <= slices.width * (1 + 1e-6)


def test_few_spans_are_drawn_one_by_one() -> None:
    data = as_data(sliced([fetched(0, 1, name="a\x1b[31m")]))
    assert data["spans"] == [["fetch", 0, "a\\x1b[31m", "stored", 1000, 1, 0, 250, 500, 750, 1000]]
    assert data["shares"] is None


def test_many_spans_are_summed_up_in_little_space() -> None:
    count, width = DRAWN_AT_MOST * 25, 64
    slices = sliced([fetched(at // width, at // width + 1) for at in range(count)], count / width)
    data = as_data(slices)
    assert data["spans"] is None
    assert data["lanes"] == {"fetch": width, "hash": 0}
    assert len(json.dumps(data)) < 1_000_000


def test_the_slowest_are_kept_by_name() -> None:
    spans = [fetched(at, at + 0.001 * at, name=str(at)) for at in range(3 * SLOWEST)]
    slowest = sliced(spans, 1000.0).slowest
    assert [span.name for span in slowest] == [str(3 * SLOWEST - 1 - at) for at in range(SLOWEST)]


def test_hosts_beyond_a_bound_are_told_together() -> None:
    spans = [fetched(0, 1, host=f"h{at}", status="failed") for at in range(HOSTS_AT_MOST + 10)]
    hosts = sliced(spans).hosts
    assert len(hosts) == HOSTS_AT_MOST + 1
    assert hosts[OTHERS] == [10, 10, 10_000, 10.0]


def test_a_span_beyond_the_end_of_the_run_counts_in_its_last_slice() -> None:
    slices = sliced([fetched(59, 63)])
    assert sum(map(sum, slices.all.seconds)) == pytest.approx(4)
