"""Which spans can be drawn in one row: those that do not overlap (pure functions)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush

from downloader.models import Span


def in_lanes(spans: Iterable[Span]) -> Iterator[tuple[int, Span]]:
    """Give each span the lowest lane of its stage that is free when it begins, from 0.

    Spans come in the order in which they began. So a stage has as many lanes as spans were on it
    at once, which is how many threads, or processes, were busy.
    """
    busy: dict[str, list[tuple[float, int]]] = {}
    free: dict[str, list[int]] = {}
    for span in spans:
        ends, lanes = busy.setdefault(span.stage, []), free.setdefault(span.stage, [])
        while ends and ends[0][0] <= span.began:
            heappush(lanes, heappop(ends)[1])
        lane = heappop(lanes) if lanes else len(ends)
        heappush(ends, (span.ended, lane))
        yield lane, span


def states(span: Span) -> tuple[tuple[str, float, float], ...]:
    """Return what a span consists of: the state, its begin and its end, empty ones left out."""
    if span.stage == "hash":
        return (("hashing", span.began, span.ended),)
    moments = (span.began, span.requested, span.connected, span.answered, span.ended)
    found = zip(STATES, moments, moments[1:], strict=False)
    return tuple(state for state in found if state[2] > state[1])


# In the order in which an item goes through them.
STATES = ("retrying", "connecting", "waiting", "receiving", "hashing")
