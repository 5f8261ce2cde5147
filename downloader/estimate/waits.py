"""How long one request waits for its reply when it is alone.

Threads overlap latency, and then the waits that were seen are the waits there would be. They
lengthen a queue (a server that serves one after another, a full link, a busy processor), and then
a wait grows with the number of transfers that were under way when it began.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from downloader.estimate.averages import fmean, median, pstdev, quantiles
from downloader.models import Sample

# Waits alone from which their mean is believed.
ENOUGH_ALONE = 4
# Seconds after which a run goes steadily: its worker processes have started.
BEGINNING = 0.2
# Standard errors by which a slope must differ from zero to be believed.
SIGNIFICANT = 3.0
# Standard deviation, as a share of the mean, from which waits are scattered.
SCATTERED = 0.5
# How much longer than the first the others wait in a queue.
LONGER = 1.25
# Waits agree if the middle half of them spreads over less than this share of the median.
AGREE = 0.3
# Share by which the same waits may differ in another run.
DOUBT = 0.05


class Span(NamedTuple):
    """Seconds, and the range that is believed."""

    seconds: float
    low: float
    high: float

    def times(self, number: float) -> Span:
        """Return the span of so many of these."""
        return Span(number * self.seconds, number * self.low, number * self.high)


def alone(samples: Sequence[Sample], *, crowded_link: bool) -> Span:
    """Return what a request to one host waits when it is alone; `samples` are that host's."""
    waits = [sample.waiting for sample in samples]
    lonely = [s.waiting for s in steady([s for s in samples if s.alone])]
    if len(lonely) >= ENOUGH_ALONE:
        return _mean_of(lonely)
    if crowded_link:
        return Span(min(waits), 0.5 * min(waits), max(min(waits), fmean(waits) / 2))
    return _in_a_queue(samples) or _by_rank(samples)


def _in_a_queue(samples: Sequence[Sample]) -> Span | None:
    """Return the wait at the head of a queue, `None` if this is none beyond doubt.

    Behind a queue that is as long as there are threads everybody waits about as long, and longer
    than who found it empty. Scattered waits tell nothing by a few that were first.
    """
    first = [sample.waiting for sample in samples if sample.rank == 1]
    others = [sample for sample in samples if sample.rank > 1]
    if not first or len(others) < ENOUGH_ALONE:
        return None
    mean = fmean(sample.waiting for sample in others)
    head = median(first)
    if pstdev([sample.waiting for sample in others]) > SCATTERED * mean or mean < LONGER * head:
        return None
    share = mean / fmean(sample.load_waiting for sample in others)
    seconds = max(head, share)
    return Span(seconds, min(head, share), max(seconds, min(mean, 1.5 * seconds)))


def _mean_of(waits: Sequence[float]) -> Span:
    mean = clipped_mean(waits)
    return Span(mean, low_end(waits), max(mean, fmean(waits)))


def steady(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Return those after the run's beginning, if there are enough: workers start just then."""
    later = [sample for sample in samples if sample.at > BEGINNING]
    return later if len(later) >= ENOUGH_ALONE else samples


def typical(waits: Sequence[float]) -> float:
    """Return the median of waits that agree (the longest waited for a processor), else the mean."""
    if len(waits) < 8:
        return fmean(waits)
    first, middle, third = quantiles(waits, n=4)
    return middle if third - first < AGREE * middle else fmean(waits)


def clipped_mean(values: Sequence[float]) -> float:
    """Return the mean with outliers cut: first contacts, and the machine's other work.

    Three medians leave latencies as they are (of exponential ones an eighth is lost) and take the
    sting from a worker process that was just starting on the same processor.
    """
    top = 3 * median(values)
    return fmean(min(value, top) for value in values)


def _by_rank(samples: Sequence[Sample]) -> Span:
    """Return the waits of those that began first, if waits grow with the rank beyond doubt.

    Every rank counts alike: nearly all items of a run begin when all threads are busy.
    """
    waits = [sample.waiting for sample in samples]
    ranks = _by_ranks(samples)
    slope, error = _slope([float(rank) for rank in ranks], [fmean(each) for each in ranks.values()])
    if slope <= SIGNIFICANT * error or slope <= 0.0:
        return _as_observed(waits)
    mean = fmean(waits)
    first = median(ranks[min(ranks)])
    doubt = max(DOUBT * first, min(mean - first, 2 * error))
    return Span(min(first, mean), min(*waits, first - doubt), min(mean, first + doubt))


def _by_ranks(samples: Sequence[Sample]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for sample in sorted(samples, key=lambda each: each.rank):
        found.setdefault(sample.rank, []).append(sample.waiting)
    return found


def _as_observed(waits: Sequence[float]) -> Span:
    """Return the mean; two draws of the same latencies differ by chance, more so if few."""
    mean = typical(waits)
    chance = 2 * pstdev(waits) * math.sqrt(2 / len(waits))
    doubt = min(mean, max(DOUBT * mean, chance))
    return Span(mean, mean - doubt, mean + doubt)


def _slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float]:
    """Return the least-squares slope and its standard error (infinite if x does not vary)."""
    mean_x, mean_y = fmean(x), fmean(y)
    spread = sum((a - mean_x) ** 2 for a in x)
    if spread == 0 or len(x) < 4:
        return 0.0, math.inf
    slope = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread
    rest = sum((b - mean_y - slope * (a - mean_x)) ** 2 for a, b in zip(x, y, strict=True))
    return slope, math.sqrt(rest / (len(x) - 2) / spread)


def low_end(values: Sequence[float]) -> float:
    """Return the value that one in twenty stays below."""
    return quantiles(values, n=20)[0] if len(values) >= 20 else min(values)
