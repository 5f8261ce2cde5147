"""A comparison as text for people (pure functions)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from downloader.comparison.cells import Cell, Matrix, cell_speedup
from downloader.comparison.lesson import lessons
from downloader.comparison.speedup import MODES, STAGES, Comparison, verdict
from downloader.comparison.spread import Spread, spread
from downloader.models import Report
from downloader.text import plural, seconds, size

_LABEL = 20
_COLUMN = 26


def as_text(comparison: Comparison) -> str:
    """Return the comparison as lines for people, without a line end after the last one."""
    lines = list(_of_pairs(comparison)) if comparison.pairs else ["no complete pair of runs"]
    if comparison.matrix:
        lines += _of_matrix(comparison, comparison.matrix)
    lines += _remarks(comparison)
    return "\n".join(line.rstrip() for line in lines)


def run_line(report: Report, paint: Callable[[str], str] = str) -> str:
    """Return one line for one run that has just ended; `paint` colours how items ended."""
    took = report.seconds
    failed = f", {report.items.failed} {paint('failed')}" if report.items.failed else ""
    return (
        f"{report.mode:<11} {seconds(took.wall)}  "
        f"(fetch {seconds(took.fetch)}, hash {seconds(took.hash)}){failed}"
    )


def _of_pairs(comparison: Comparison) -> Iterator[str]:
    files = plural("file", comparison.items.total)
    runs = plural("pair", len(comparison.pairs))
    yield f"{files}, {size(comparison.bytes)}, {runs} of runs"
    pools = f"{plural('thread', comparison.threads)}, {plural('process', comparison.processes)}"
    yield _row("", "sequential", f"parallel: {pools}")
    for stage in STAGES:
        yield _row(stage, *(_span(comparison.stage(mode, stage)) for mode in MODES))
    yield _row("time saved", _saving(comparison))
    yield _row("estimate", _estimate(comparison))


def _saving(comparison: Comparison) -> str:
    saved, speedup = comparison.saved, comparison.speedup
    match verdict(speedup):
        case "faster":
            return f"{_span(saved)}: parallel was {_times(speedup)} faster"
        case "slower":
            return f"none: parallel was {seconds(-saved.median)} slower ({_times(speedup)})"
        case "no difference":
            return f"no clear difference ({_times(speedup)})"


def _estimate(comparison: Comparison) -> str:
    guessed = spread([pair.estimate for pair in comparison.pairs])
    shares = spread([pair.estimate_ratio for pair in comparison.pairs])
    return f"{_span(guessed)} by parallel alone: {_times(shares, '')} of what was measured"


def _span(times: Spread) -> str:
    """Return the median, with the extremes if there are several values."""
    decimals = 2 if times.median >= 0.1 else 3
    text = seconds(times.median, decimals)
    if times.low == times.high:
        return text
    return f"{text} ({times.low:.{decimals}f} to {times.high:.{decimals}f})"


def _times(ratios: Spread, sign: str = "x") -> str:
    decimals = 2 if ratios.median < 2 else 1
    text = f"{ratios.median:.{decimals}f}{sign}"
    if ratios.low == ratios.high:
        return text
    return f"{text} ({ratios.low:.{decimals}f} to {ratios.high:.{decimals}f})"


def _row(label: str, *values: str) -> str:
    return f"  {label:<{_LABEL}}" + "".join(f"{value:<{_COLUMN}}" for value in values)


def _of_matrix(comparison: Comparison, matrix: Matrix) -> Iterator[str]:
    for title, noun, cells in (
        ("fetching alone", "thread", matrix.fetch),
        ("hashing alone", "process", matrix.hash),
    ):
        if cells:
            yield ""
            yield _row(title, "time", "speed-up")
            yield from (_cell_row(noun, cells[0], cell) for cell in cells)
    yield ""
    yield from lessons(comparison)


def _cell_row(noun: str, base: Cell, cell: Cell) -> str:
    who = plural(noun, cell.workers) if cell.workers else "sequential"
    return _row(f"  {who}", _span(spread(cell.seconds)), _times(cell_speedup(base, cell)))


def _remarks(comparison: Comparison) -> Iterator[str]:
    if not all(pair.same_work for pair in comparison.pairs):
        yield "the runs did not do the same work: not every one stored the same items"
    if comparison.failed:
        failed = f"{comparison.failed} of {plural('item', comparison.items.total)}"
        rest = "hold for the rest" if comparison.items.stored else "say nothing"
        yield f"up to {failed} failed in a run: the times {rest}"
    if comparison.interrupted is not None:
        yield "interrupted: this is what was complete by then"
