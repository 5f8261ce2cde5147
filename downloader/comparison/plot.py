"""A comparison as a picture, SVG or PNG by its suffix, drawn with matplotlib (extra `plot`).

matplotlib is imported when a picture is drawn only. No window, backend or style of the calling
program is touched. Colours are of the Okabe-Ito palette, which colour-blind readers can tell
apart; markers, line styles and hatches say the same once more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.util import find_spec
from math import ceil, floor, log2
from typing import TYPE_CHECKING

from downloader.comparison.speedup import Cell, Comparison, Matrix, Spread, cell_speedup, spread
from downloader.errors import LocalError, UsageError
from downloader.models import Mode
from downloader.text import plural, size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".svg", ".png")
MISSING = "--plot needs matplotlib: pip install 'dl-downloader[plot]'"
BLUE, ORANGE, GREY, DARK = "#0072B2", "#E69F00", "#BBBBBB", "#444444"
DOTS_PER_INCH = 150
MODES: tuple[Mode, Mode] = ("sequential", "parallel")


def check(path: str) -> None:
    """Raise `UsageError` where no picture could be drawn to `path` later on."""
    if os.path.splitext(path)[1].lower() not in SUFFIXES:
        raise UsageError(f"--plot {path}: give a name that ends in .svg or .png")
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise UsageError(f"--plot {path}: there is no such folder")
    if find_spec("matplotlib") is None:
        raise UsageError(MISSING)


def draw(comparison: Comparison, path: str) -> None:
    """Draw the matrix, or the runs where there is none, to `path`.

    Raises `UsageError` as `check`, `LocalError` where the file cannot be written.
    """
    check(path)
    figure = picture(comparison)
    kind = os.path.splitext(path)[1].lower().removeprefix(".")
    try:
        figure.savefig(path, format=kind, metadata={"Date": None} if kind == "svg" else None)
    except OSError as error:
        raise LocalError(f"--plot {path}: cannot be written: {error.strerror}") from error


def picture(comparison: Comparison) -> Figure:
    """Return the figure: two panels of speed-ups, or the runs as bars."""
    from matplotlib.figure import Figure  # noqa: PLC0415  an extra, loaded when it is used

    matrix = comparison.matrix
    tall = 4.2 if matrix else 3.0
    figure = Figure(figsize=(9.0, tall), dpi=DOTS_PER_INCH, layout="constrained")
    figure.suptitle(_title(comparison), fontsize=12)
    if matrix:
        _panels(figure, matrix)
    else:
        _bars(figure.subplots(), comparison)
    return figure


def _title(comparison: Comparison) -> str:
    what = f"{plural('file', comparison.items.total)}, {size(comparison.bytes)}"
    return f"{what}: parallel against one at a time"


def _panels(figure: Figure, matrix: Matrix) -> None:
    left, right = figure.subplots(1, 2)
    _speedups(left, matrix.fetch, "Fetching alone", "threads")
    _speedups(right, matrix.hash, "Hashing alone", "processes")
    left.set_ylabel("speed-up (times as fast as sequential)")


def _speedups(axes: Axes, cells: Sequence[Cell], title: str, pool: str) -> None:
    """Draw the speed-up over the size of the pool, beside the line where all of it is gained."""
    axes.set_title(title, fontsize=11)
    axes.set_xlabel(f"number of {pool}")
    _plain(axes)
    if not cells:
        axes.text(0.5, 0.5, "not measured", ha="center", transform=axes.transAxes)
        return
    sizes = [cell.workers for cell in cells[1:]]
    found = [cell_speedup(cells[0], cell) for cell in cells[1:]]
    medians = [each.median for each in found]
    below = [each.median - each.low for each in found]
    above = [each.high - each.median for each in found]
    axes.axhline(1, color=GREY, linewidth=1)
    axes.plot(sizes, sizes, "--", color=ORANGE, label=f"ideal: n {pool}, n times")
    axes.errorbar(sizes, medians, (below, above), fmt="o-", color=BLUE, capsize=3, label="measured")
    _sized(axes, sizes, found)
    for x, y in zip(sizes, medians, strict=True):
        axes.annotate(
            f"{y:.{1 if y >= 2 else 2}f}x", (x, y), (6, -13), textcoords="offset points", color=BLUE
        )
    axes.legend(frameon=False, loc="upper left", fontsize=9)


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


def _bars(axes: Axes, comparison: Comparison) -> None:
    """Draw a bar for each mode: its wall time, split so that the parts add up."""
    names = [_mode_name(mode, comparison) for mode in MODES]
    parts = [_parts(comparison, mode) for mode in MODES]
    start = [0.0, 0.0]
    looks = ((BLUE, ""), (ORANGE, "//"), (GREY, ".."))
    labels = ("fetching", "hashing, nothing being fetched", "the rest: start, names, storing")
    for index, (label, (colour, hatch)) in enumerate(zip(labels, looks, strict=True)):
        widths = [part[index] for part in parts]
        axes.barh(names, widths, 0.55, start, color=colour, hatch=hatch, ec="white", label=label)
        start = [done + width for done, width in zip(start, widths, strict=True)]
    _walls(axes, comparison)
    axes.invert_yaxis()
    axes.set_xlabel("seconds (median)" if len(comparison.pairs) > 1 else "seconds")
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False, fontsize=9)
    _plain(axes)


def _mode_name(mode: Mode, comparison: Comparison) -> str:
    if mode == "sequential":
        return "sequential"
    threads, processes = comparison.threads, comparison.processes
    return f"parallel\n{plural('thread', threads)}\n{plural('process', processes)}"


def _parts(comparison: Comparison, mode: Mode) -> tuple[float, float, float]:
    """Return the seconds of fetching, of hashing beside no fetching, and of neither."""
    if not comparison.pairs:
        return 0.0, 0.0, 0.0
    wall, fetch, hash_ = (comparison.stage(mode, s).median for s in ("wall", "fetch", "hash"))
    alone = min(hash_, max(0.0, wall - fetch))
    return fetch, alone, max(0.0, wall - fetch - alone)


def _walls(axes: Axes, comparison: Comparison) -> None:
    """Write each mode's wall time, and the pairs' extremes, at the end of its bar."""
    for place, mode in enumerate(MODES if comparison.pairs else ()):
        wall = comparison.stage(mode, "wall")
        reach = (wall.median - wall.low,), (wall.high - wall.median,)
        axes.errorbar((wall.median,), (place,), xerr=reach, color=DARK, capsize=4)
        axes.annotate(
            _wall_text(comparison, mode), (wall.high, place), (8, 0),
            textcoords="offset points", va="center",
        )  # fmt: skip
    axes.margins(x=0.2)
    axes.set_xlim(left=0)


def _wall_text(comparison: Comparison, mode: Mode) -> str:
    wall = comparison.stage(mode, "wall").median
    if mode == "sequential":
        return f"{wall:.2f} s"
    speedup = spread([pair.speedup for pair in comparison.pairs]).median
    return f"{wall:.2f} s ({speedup:.2f}x as fast)"


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3)
