"""The picture of the runs: a bar for each mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from downloader.comparison.plot_look import BLUE, DARK, GREY, ORANGE, plain
from downloader.comparison.speedup import MODES, Comparison
from downloader.models import Mode
from downloader.text import plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def bars(axes: Axes, comparison: Comparison) -> None:
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
    plain(axes)


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
    speedup = comparison.speedup.median
    return f"{wall:.2f} s ({speedup:.2f}x as fast)"
