"""Spans that share a lane do not overlap, and there are no more lanes than spans at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from spans import fetched

from downloader.models import Span
from downloader.report.lanes import in_lanes, states

MOMENTS = st.integers(0, 50)
SPANS = st.lists(st.tuples(MOMENTS, st.integers(0, 20)), max_size=60).map(
    lambda pairs: [fetched(began, began + took) for began, took in sorted(pairs)]
)


@given(SPANS)
def test_no_two_spans_of_a_lane_overlap(spans: list[Span]) -> None:
    ends: dict[int, float] = {}
    for lane, span in in_lanes(spans):
        assert ends.get(lane, 0.0) <= span.began
        ends[lane] = span.ended


@given(SPANS)
def test_there_are_as_many_lanes_as_spans_at_once(spans: list[Span]) -> None:
    lanes = {lane for lane, _ in in_lanes(spans)}
    at_once = max((sum(_covers(each, span) for each in spans) for span in spans), default=0)
    assert lanes == set(range(len(lanes)))
    assert len(lanes) <= max(at_once, 1)


def _covers(span: Span, other: Span) -> bool:
    """Return True if the first is under way when the second begins, or begins with it."""
    return span.began <= other.began < span.ended or span.began == other.began


def test_stages_have_lanes_of_their_own() -> None:
    spans = [fetched(0, 2), fetched(1, 2, stage="hash"), fetched(1, 2)]
    assert [lane for lane, _ in in_lanes(spans)] == [0, 0, 1]


def test_an_item_goes_through_its_states_without_a_gap() -> None:
    assert states(fetched(0, 4)) == (
        ("retrying", 0, 1),
        ("connecting", 1, 2),
        ("waiting", 2, 3),
        ("receiving", 3, 4),
    )


def test_empty_states_are_left_out_and_workers_only_hash() -> None:
    assert states(fetched(1, 1)) == ()
    assert states(fetched(0, 4, stage="hash")) == (("hashing", 0, 4),)
