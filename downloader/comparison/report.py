"""A comparison as text for people and as JSON for programs (pure functions).

The JSON document, all times in seconds, each `spread` being {"median","low","high"}:

schema          1
pairs           number of complete pairs of runs
threads, processes, items ("total", "stored", "failed"), bytes: of one run
sequential, parallel    "wall", "fetch", "hash": a spread each, with "all" (run by run)
speedup, saved  a spread over the pairs, with "all"
estimate        "seconds", "ratio": what parallel runs alone estimated the sequential seconds to
                be, and that as a share of what was measured; a spread each, with "all"
matrix          null, or "fetch" and "hash": cells of {"workers" (0: no pool),"seconds" (round by
                round),"speedup" (a spread),"failed"}, and "lessons" (sentences)
failed          most items that failed in one run
interrupted     null, or the number of the signal that ended the comparison early

Without a complete pair, what is made from pairs is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from downloader.comparison.lesson import processes_lesson, threads_lesson
from downloader.comparison.speedup import (
    Cell,
    Comparison,
    Matrix,
    Spread,
    Stage,
    cell_speedup,
    limit,
    seconds_of,
    spread,
    verdict,
)
from downloader.formats.json import SCHEMA, number
from downloader.models import Mode, Report
from downloader.options import usable_cpus
from downloader.text import plural, seconds, size

MODES: tuple[Mode, Mode] = ("sequential", "parallel")
STAGES: tuple[Stage, ...] = ("wall", "fetch", "hash")
_LABEL = 20
_COLUMN = 26


def as_text(comparison: Comparison) -> str:
    """Return the comparison as lines for people, without a line end after the last one."""
    lines = list(_of_pairs(comparison)) if comparison.pairs else ["no complete pair of runs"]
    if comparison.matrix:
        lines += _of_matrix(comparison, comparison.matrix)
    lines += _remarks(comparison)
    return "\n".join(line.rstrip() for line in lines)


def run_line(report: Report) -> str:
    """Return one line for one run that has just ended."""
    took = report.seconds
    failed = f", {report.items.failed} failed" if report.items.failed else ""
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
    """Return the median, with the extremes where there are several values."""
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


def lessons(comparison: Comparison) -> Iterator[str]:
    """Say what the matrix shows, a sentence a stage."""
    matrix = comparison.matrix
    if matrix and matrix.fetch:
        yield threads_lesson(matrix.fetch, limit(comparison))
    if matrix and matrix.hash:
        yield processes_lesson(matrix.hash, usable_cpus())


def _remarks(comparison: Comparison) -> Iterator[str]:
    if not all(pair.same_work for pair in comparison.pairs):
        yield "the runs did not do the same work: not every one stored the same items"
    if comparison.failed:
        failed = f"{comparison.failed} of {plural('item', comparison.items.total)}"
        rest = "hold for the rest" if comparison.items.stored else "say nothing"
        yield f"up to {failed} failed in a run: the times {rest}"
    if comparison.interrupted is not None:
        yield "interrupted: this is what was complete by then"


def as_json(comparison: Comparison) -> dict[str, object]:
    """Return the document that the module describes."""
    pairs = comparison.pairs
    guesses = [pair.estimate for pair in pairs]
    shares = [pair.estimate_ratio for pair in pairs]
    items = comparison.items
    return {
        "schema": SCHEMA,
        "pairs": len(pairs),
        "threads": comparison.threads,
        "processes": comparison.processes,
        "items": {"total": items.total, "stored": items.stored, "failed": items.failed},
        "bytes": comparison.bytes,
        **{mode: {s: _spread(seconds_of(pairs, mode, s)) for s in STAGES} for mode in MODES},
        "speedup": _spread([pair.speedup for pair in pairs]),
        "saved": _spread([pair.saved for pair in pairs]),
        "estimate": {"seconds": _spread(guesses), "ratio": _spread(shares)},
        "matrix": _matrix(comparison),
        "failed": comparison.failed,
        "interrupted": comparison.interrupted,
    }


def _spread(values: Sequence[float]) -> dict[str, object] | None:
    if not values:
        return None
    return {**_numbers(spread(values)), "all": [number(value) for value in values]}


def _numbers(found: Spread) -> dict[str, object]:
    return {key: number(value) for key, value in asdict(found).items()}


def _matrix(comparison: Comparison) -> dict[str, object] | None:
    matrix = comparison.matrix
    if matrix is None:
        return None
    return {
        "fetch": [_cell(matrix.fetch[0], cell) for cell in matrix.fetch],
        "hash": [_cell(matrix.hash[0], cell) for cell in matrix.hash],
        "lessons": list(lessons(comparison)),
    }


def _cell(base: Cell, cell: Cell) -> dict[str, object]:
    return {
        "workers": cell.workers,
        "seconds": [number(value) for value in cell.seconds],
        "speedup": _numbers(cell_speedup(base, cell)),
        "failed": cell.failed,
    }
