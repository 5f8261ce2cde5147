"""What a page shows of a run's spans: all of them if they are few, else sums by lane and time."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from heapq import heappush, heappushpop
from itertools import count

from downloader.models import Span
from downloader.report.lanes import STATES, in_lanes, states
from downloader.text import escaped

# Slices of time: two pixels each on a usual screen.
SLICES = 600
# Spans that are drawn one by one; more would be thinner than a pixel.
DRAWN_AT_MOST = 4_000
# Rows of the tables, and hosts that are told apart.
SLOWEST = 100
HOSTS_SHOWN = 30
HOSTS_AT_MOST = 1_000
OTHERS = "other hosts"
# Lanes that are drawn; a run has as many as threads, which may be very many.
LANES_AT_MOST = 512
# A share of a slice as one character.
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER_OF = {state: number for number, state in enumerate(STATES)}


class Lane:
    """The seconds of each state in each slice, for one lane or for all together."""

    def __init__(self) -> None:
        self.seconds = [array("d", bytes(8 * SLICES)) for _ in STATES]

    def shares(self, width: float) -> str:
        """Return for each slice a digit a state: the share of it, in 35ths."""
        top = len(DIGITS) - 1
        return "".join(
            DIGITS[min(top, round(top * seconds[at] / width))]
            for at in range(SLICES)
            for seconds in self.seconds
        )


class Slices:
    """Takes spans in the order in which they began; memory does not grow with their number."""

    def __init__(self, total: float) -> None:
        self.width = max(total, 1e-6) / SLICES
        self.all = Lane()
        self.lanes: dict[str, list[Lane]] = {"fetch": [], "hash": []}
        self.received = array("d", bytes(8 * SLICES))
        self.drawn: list[tuple[int, Span]] | None = []
        self.hosts: dict[str, list[float]] = {}
        self._slowest: list[tuple[float, int, Span]] = []
        self._numbers = count()

    def take_all(self, spans: Iterable[Span]) -> None:
        """Take every span."""
        for lane, span in in_lanes(spans):
            self._draw(lane, span)
            self._spread(lane, span)
            if span.stage == "fetch":
                self._count(span)

    @property
    def slowest(self) -> list[Span]:
        """Return the items that were fetched longest, the longest before all others."""
        return [span for *_, span in sorted(self._slowest, key=lambda each: -each[0])]

    def _draw(self, lane: int, span: Span) -> None:
        if self.drawn is not None:
            self.drawn.append((lane, span))
            if len(self.drawn) > DRAWN_AT_MOST:
                self.drawn = None

    def _spread(self, number: int, span: Span) -> None:
        lanes = self.lanes[span.stage]
        while len(lanes) <= min(number, LANES_AT_MOST - 1):
            lanes.append(Lane())
        of_lane = lanes[number] if number < len(lanes) else None
        for state, began, ended in states(span):
            for at, seconds in self._parts(began, ended):
                self.all.seconds[_NUMBER_OF[state]][at] += seconds
                if of_lane:
                    of_lane.seconds[_NUMBER_OF[state]][at] += seconds
        self._receive(span)

    def _receive(self, span: Span) -> None:
        """Spread the bytes of a body evenly over the time in which it came."""
        if span.stage != "fetch" or not span.bytes:
            return
        took = span.ended - span.answered
        if took <= 0:
            self.received[min(SLICES - 1, int(span.ended / self.width))] += span.bytes
            return
        for at, seconds in self._parts(span.answered, span.ended):
            self.received[at] += span.bytes * seconds / took

    def _parts(self, began: float, ended: float) -> Iterator[tuple[int, float]]:
        """Yield the slices between two moments, with the seconds of each."""
        at = min(SLICES - 1, int(began / self.width))
        while began < ended:
            end = ended if at == SLICES - 1 else min(ended, (at + 1) * self.width)
            yield at, max(0.0, end - began)
            began, at = max(began, end), at + 1
            if at == SLICES:
                return

    def _count(self, span: Span) -> None:
        ranked = (span.seconds, next(self._numbers), span)
        (heappush if len(self._slowest) < SLOWEST else heappushpop)(self._slowest, ranked)
        is_known = span.host in self.hosts or len(self.hosts) < HOSTS_AT_MOST
        row = self.hosts.setdefault(span.host if is_known else OTHERS, [0, 0, 0, 0.0])
        for at, value in enumerate((1, span.status == "failed", span.bytes, span.seconds)):
            row[at] += value


def as_data(slices: Slices) -> dict[str, object]:
    """Return what the page draws, as plain values; text is harmless, times are milliseconds."""
    hosts = sorted(slices.hosts.items(), key=lambda each: -each[1][3])[:HOSTS_SHOWN]
    return {
        "states": STATES,
        "slice": 1e3 * slices.width,
        "lanes": {stage: len(lanes) for stage, lanes in slices.lanes.items()},
        "spans": [_span(*each) for each in slices.drawn] if slices.drawn is not None else None,
        "shares": None if slices.drawn is not None else _shares(slices),
        "active": [_rounded(seconds, slices.width) for seconds in slices.all.seconds],
        "received": [round(each) for each in slices.received],
        "seconds": [round(sum(seconds), 6) for seconds in slices.all.seconds],
        "slowest": [_span(0, span) for span in slices.slowest],
        "hosts": [[escaped(host), *map(round, row[:3]), round(row[3], 3)] for host, row in hosts],
    }


def _shares(slices: Slices) -> dict[str, list[str]]:
    return {
        stage: [lane.shares(slices.width) for lane in lanes]
        for stage, lanes in slices.lanes.items()
    }


def _rounded(seconds: Iterable[float], width: float) -> list[float]:
    return [round(each / width, 2) for each in seconds]


def _span(lane: int, span: Span) -> list[object]:
    moments = (span.began, span.requested, span.connected, span.answered, span.ended)
    times = [round(1e3 * moment, 2) for moment in moments]
    name = escaped(span.name)
    return [span.stage, lane, name, span.status, span.bytes, span.attempts, *times]
