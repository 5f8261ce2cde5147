"""Several measurements of one thing, and how they compare with those of another."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, and their extremes."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Return median, lowest and highest; raises `ValueError` if there are no values."""
    return Spread(statistics.median(values), min(values), max(values))


def ratio(base: float, other: float) -> float:
    """Return how many times faster `other` is than `base`; 1.0 if it took no time at all."""
    return base / other if other > 0 else 1.0
