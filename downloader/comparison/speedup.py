"""What was measured when both modes ran, and the arithmetic of it (pure functions)."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from downloader.models import Counts, HeldBackBy, Mode, Report

Stage = Literal["wall", "fetch", "hash"]
Verdict = Literal["faster", "slower", "no difference"]

# Ratios nearer to 1 than this are what two runs of the same thing differ by.
NOISE = 0.03
# A pool helped where it made a stage this much faster, and hurt where it made it as much slower.
HELPED = 1.15
# A smaller pool is enough where it reaches this share of the best speed-up.
ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of some measurements, and their extremes."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Return median, lowest and highest; raises `ValueError` where there are no values."""
    return Spread(statistics.median(values), min(values), max(values))


def ratio(base: float, other: float) -> float:
    """Return how many times faster `other` is than `base`; 1.0 where it took no time at all."""
    return base / other if other > 0 else 1.0


def verdict(speedup: Spread) -> Verdict:
    """Say who was faster: nobody, where the pairs disagree or differ by next to nothing."""
    if speedup.median > 1 + NOISE and speedup.low > 1:
        return "faster"
    if speedup.median < 1 - NOISE and speedup.high < 1:
        return "slower"
    return "no difference"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs of the same list, one right after the other."""

    sequential: Report
    parallel: Report

    @property
    def speedup(self) -> float:
        """How many times faster the parallel run was."""
        return ratio(self.sequential.seconds.wall, self.parallel.seconds.wall)

    @property
    def saved(self) -> float:
        """Seconds saved; negative where parallel was slower."""
        return self.sequential.seconds.wall - self.parallel.seconds.wall

    @property
    def estimate(self) -> float:
        """The sequential seconds as the parallel run alone estimated them."""
        return self.parallel.sequential.seconds

    @property
    def estimate_ratio(self) -> float:
        """The estimate as a share of what was measured: 1.0 where it was right."""
        return ratio(self.estimate, self.sequential.seconds.wall)

    @property
    def same_work(self) -> bool:
        """Whether both runs stored the same number of items and bytes."""
        first, second = self.sequential, self.parallel
        return (first.items, first.bytes) == (second.items, second.bytes)


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


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both modes took, measured. `pairs` holds complete runs only, in their order.

    `matrix` is `None` where it was not asked for; `interrupted` is the signal that ended the
    comparison early: what was complete by then is here.
    """

    threads: int
    processes: int
    pairs: tuple[Pair, ...] = ()
    matrix: Matrix | None = None
    interrupted: int | None = None

    @property
    def items(self) -> Counts:
        """The counts of the last parallel run."""
        return self.pairs[-1].parallel.items if self.pairs else Counts()

    @property
    def bytes(self) -> int:
        """The bytes of the last parallel run."""
        return self.pairs[-1].parallel.bytes if self.pairs else 0

    @property
    def failed(self) -> int:
        """The greatest number of items that failed in one run."""
        runs = [report.items.failed for pair in self.pairs for report in reports(pair)]
        cells = [*self.matrix.fetch, *self.matrix.hash] if self.matrix else []
        return max([*runs, *(cell.failed for cell in cells)], default=0)

    @property
    def speedup(self) -> Spread:
        """The speed-up, pair by pair."""
        return spread([pair.speedup for pair in self.pairs])

    @property
    def saved(self) -> Spread:
        """The seconds saved, pair by pair."""
        return spread([pair.saved for pair in self.pairs])

    def stage(self, mode: Mode, stage: Stage) -> Spread:
        """The seconds of one stage in one mode."""
        return spread(seconds_of(self.pairs, mode, stage))


def reports(pair: Pair) -> tuple[Report, Report]:
    """Return both reports of a pair."""
    return pair.sequential, pair.parallel


def seconds_of(pairs: Sequence[Pair], mode: Mode, stage: Stage) -> list[float]:
    """Return the seconds of one stage in one mode, run by run."""
    runs = (pair.sequential if mode == "sequential" else pair.parallel for pair in pairs)
    return [float(getattr(run.seconds, stage)) for run in runs]


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
    """Return the seconds that a pool of one costs against none; 0.0 where it costs nothing."""
    none, one = (statistics.median(cell.seconds) for cell in cells[:2])
    return max(0.0, one - none)


def limit(comparison: Comparison) -> HeldBackBy | None:
    """Return what held the last parallel run back, as the run saw it."""
    return comparison.pairs[-1].parallel.held_back_by if comparison.pairs else None
