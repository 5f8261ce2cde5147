"""A comparison as a picture, SVG or PNG by its suffix, drawn with matplotlib (extra `plot`).

matplotlib is imported when a picture is drawn only. No window, backend or style of the calling
program is touched.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING

from downloader.comparison.plot_matrix import panels
from downloader.comparison.plot_runs import bars
from downloader.comparison.speedup import Comparison
from downloader.errors import LocalError, UsageError
from downloader.text import plural, size

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SUFFIXES = (".svg", ".png")
MISSING = "--plot needs matplotlib: pip install 'dl-downloader[plot]'"
DOTS_PER_INCH = 150


def check(path: str) -> None:
    """Raise `UsageError` if no picture could be drawn to `path` later on."""
    if os.path.splitext(path)[1].lower() not in SUFFIXES:
        raise UsageError(f"--plot {path}: give a name that ends in .svg or .png")
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise UsageError(f"--plot {path}: there is no such folder")
    if find_spec("matplotlib") is None:
        raise UsageError(MISSING)


def draw(comparison: Comparison, path: str) -> None:
    """Draw the matrix, or the runs if there is none, to `path`.

    Raises `UsageError` as `check`, `LocalError` if the file cannot be written.
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
        panels(figure, matrix)
    else:
        bars(figure.subplots(), comparison)
    return figure


def _title(comparison: Comparison) -> str:
    what = f"{plural('file', comparison.items.total)}, {size(comparison.bytes)}"
    return f"{what}: parallel against one at a time"
