"""What each stage alone took over the sizes of its pool, and the arithmetic of it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from downloader.comparison.spread import Spread, ratio, spread

# A pool helped if it made a stage this much faster, and hurt if it made it as much slower.
HELPED = 1.15
# A smaller pool is enough if it reaches this share of the best speed-up.
ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Cell:
    """One stage with one size of its pool (`workers` 0: no pool), in seconds, round by round."""

    workers: int
    seconds: tuple[float, ...]
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Matrix:
    """Each stage alone over the sizes of its pool; the first cell of each is without a pool."""

    fetch: tuple[Cell, ...] = ()
    hash: tuple[Cell, ...] = ()


def cell_speedup(base: Cell, cell: Cell) -> Spread:
    """Return how many times faster a cell is than the one without a pool, round by round."""
    return spread([ratio(b, c) for b, c in zip(base.seconds, cell.seconds, strict=True)])


def scale(most: int) -> tuple[int, ...]:
    """Return the sizes of a pool that are tried: none (0), then 1, 2, 4 and so on up to `most`."""
    return (0, *sorted({*(1 << power for power in range(most.bit_length())), most}))


def best(cells: Sequence[Cell]) -> float:
    """Return the greatest speed-up that a pool of any size gave."""
    return max(cell_speedup(cells[0], cell).median for cell in cells[1:])


def enough(cells: Sequence[Cell]) -> tuple[int, float]:
    """Return the smallest pool that is about as fast as the fastest one, and its speed-up."""
    speedups = ((cell.workers, cell_speedup(cells[0], cell).median) for cell in cells[1:])
    top = best(cells)
    return next((size, speedup) for size, speedup in speedups if speedup >= ENOUGH * top)


def start_cost(cells: Sequence[Cell]) -> float:
    """Return the seconds that a pool of one costs against none; 0.0 if it costs nothing."""
    none, one = (statistics.median(cell.seconds) for cell in cells[:2])
    return max(0.0, one - none)
