"""The picture of a matrix: the speed-up of each stage over the size of its pool."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log2
from typing import TYPE_CHECKING

from downloader.comparison.cells import Cell, Matrix, cell_speedup
from downloader.comparison.plot_look import BLUE, GREY, ORANGE, plain
from downloader.comparison.spread import Spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def panels(figure: Figure, matrix: Matrix) -> None:
    """Draw two panels side by side, fetching and hashing."""
    left, right = figure.subplots(1, 2)
    _speedups(left, matrix.fetch, "Fetching alone", "threads")
    _speedups(right, matrix.hash, "Hashing alone", "processes")
    left.set_ylabel("speed-up (times as fast as sequential)")


def _speedups(axes: Axes, cells: Sequence[Cell], title: str, pool: str) -> None:
    axes.set_title(title, fontsize=11)
    axes.set_xlabel(f"number of {pool}")
    plain(axes)
    if cells:
        _curve(axes, cells, pool)
    else:
        axes.text(0.5, 0.5, "not measured", ha="center", transform=axes.transAxes)


def _curve(axes: Axes, cells: Sequence[Cell], pool: str) -> None:
    """Draw the speed-up over the size of the pool, beside the line where all of it is gained."""
    sizes = [cell.workers for cell in cells[1:]]
    found = [cell_speedup(cells[0], cell) for cell in cells[1:]]
    medians = [each.median for each in found]
    below = [each.median - each.low for each in found]
    above = [each.high - each.median for each in found]
    axes.axhline(1, color=GREY, linewidth=1)
    axes.plot(sizes, sizes, "--", color=ORANGE, label=f"ideal: n {pool}, n times")
    axes.errorbar(sizes, medians, (below, above), fmt="o-", color=BLUE, capsize=3, label="measured")
    _sized(axes, sizes, found)
    for size, speedup in zip(sizes, medians, strict=True):
        _written(axes, size, speedup)
    axes.legend(frameon=False, loc="upper left", fontsize=9)


def _written(axes: Axes, size: int, speedup: float) -> None:
    text = f"{speedup:.{1 if speedup >= 2 else 2}f}x"
    axes.annotate(text, (size, speedup), (6, -13), textcoords="offset points", color=BLUE)


def _sized(axes: Axes, sizes: Sequence[int], found: Sequence[Spread]) -> None:
    """Use powers of two on both axes, on which the ideal is a straight line."""
    lowest = max(0.01, min(0.5, *(each.low for each in found)))
    highest = max(2.0, *sizes, *(each.high for each in found))
    for axis, ticks in ((axes.xaxis, list(sizes)), (axes.yaxis, _powers(lowest, highest))):
        axis.axes.set(**{f"{axis.axis_name}scale": "log"})
        axis.set_ticks(ticks, [f"{each:g}" for each in ticks])
        axis.set_ticks([], minor=True)
    axes.set_xlim(0.8, max(sizes) * 1.5)
    axes.set_ylim(lowest * 0.8, highest * 1.8)


def _powers(lowest: float, highest: float) -> list[float]:
    return [2.0**power for power in range(floor(log2(lowest)), ceil(log2(highest)) + 1)]
