"""What was measured when both modes ran, and the arithmetic of it (pure functions)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from downloader.comparison.cells import Matrix
from downloader.comparison.spread import Spread, ratio, spread
from downloader.models import Counts, HeldBackBy, Mode, Report

Stage = Literal["wall", "fetch", "hash"]
MODES: tuple[Mode, Mode] = ("sequential", "parallel")
STAGES: tuple[Stage, ...] = ("wall", "fetch", "hash")
Verdict = Literal["faster", "slower", "no difference"]

# Ratios nearer to 1 than this are what two runs of the same thing differ by.
NOISE = 0.03


def verdict(speedup: Spread) -> Verdict:
    """Say who was faster: nobody, if the pairs disagree or differ by next to nothing."""
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
        """Seconds saved; negative if parallel was slower."""
        return self.sequential.seconds.wall - self.parallel.seconds.wall

    @property
    def estimate(self) -> float:
        """The sequential seconds as the parallel run alone estimated them."""
        return self.parallel.sequential.seconds

    @property
    def estimate_ratio(self) -> float:
        """The estimate as a share of what was measured: 1.0 if it was right."""
        return ratio(self.estimate, self.sequential.seconds.wall)

    @property
    def same_work(self) -> bool:
        """Whether both runs stored the same number of items and bytes."""
        first, second = self.sequential, self.parallel
        return (first.items, first.bytes) == (second.items, second.bytes)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both modes took, measured. `pairs` holds complete runs only, in their order.

    `matrix` is `None` if it was not asked for; `interrupted` is the signal that ended the
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


def limit(comparison: Comparison) -> HeldBackBy | None:
    """Return what held the last parallel run back, as the run saw it."""
    return comparison.pairs[-1].parallel.held_back_by if comparison.pairs else None
