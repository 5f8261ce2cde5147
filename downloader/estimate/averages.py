"""Means and quantiles as Python's `statistics` has them, without the exact arithmetic it loads."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def fmean(values: Iterable[float]) -> float:
    """Return the arithmetic mean; there is at least one value."""
    found = tuple(values)
    return math.fsum(found) / len(found)


def pstdev(values: Sequence[float]) -> float:
    """Return the standard deviation of values that are all there are."""
    mean = fmean(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def median(values: Iterable[float]) -> float:
    """Return the middle value, of an even number of values the mean of the middle two."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def quantiles(values: Iterable[float], n: int) -> list[float]:
    """Return the n - 1 points that cut a sample of at least two into n equal shares.

    The population may hold values beyond the sample's (R's type 6, "exclusive" in `statistics`).
    """
    ordered = sorted(values)
    return [_point(ordered, share, n) for share in range(1, n)]


def _point(ordered: Sequence[float], share: int, n: int) -> float:
    size = len(ordered)
    place = min(max(share * (size + 1) // n, 1), size - 1)
    beyond = share * (size + 1) - place * n
    return (ordered[place - 1] * (n - beyond) + ordered[place] * beyond) / n
