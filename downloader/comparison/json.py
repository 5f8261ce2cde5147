"""A comparison as JSON for programs (pure functions).

All times are in seconds, each `spread` is {"median","low","high"}:

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

from collections.abc import Sequence

from downloader.comparison.cells import Cell, cell_speedup
from downloader.comparison.lesson import lessons
from downloader.comparison.speedup import MODES, STAGES, Comparison, Pair, seconds_of
from downloader.comparison.spread import Spread, spread
from downloader.formats.json import SCHEMA, number


def as_json(comparison: Comparison) -> dict[str, object]:
    """Return the document that the module describes."""
    items = comparison.items
    return {
        "schema": SCHEMA,
        "pairs": len(comparison.pairs),
        "threads": comparison.threads,
        "processes": comparison.processes,
        "items": {"total": items.total, "stored": items.stored, "failed": items.failed},
        "bytes": comparison.bytes,
        **_of_pairs(comparison.pairs),
        "matrix": _matrix(comparison),
        "failed": comparison.failed,
        "interrupted": comparison.interrupted,
    }


def _of_pairs(pairs: Sequence[Pair]) -> dict[str, object]:
    guesses = [pair.estimate for pair in pairs]
    shares = [pair.estimate_ratio for pair in pairs]
    return {
        **{mode: {s: _spread(seconds_of(pairs, mode, s)) for s in STAGES} for mode in MODES},
        "speedup": _spread([pair.speedup for pair in pairs]),
        "saved": _spread([pair.saved for pair in pairs]),
        "estimate": {"seconds": _spread(guesses), "ratio": _spread(shares)},
    }


def _spread(values: Sequence[float]) -> dict[str, object] | None:
    if not values:
        return None
    return {**_numbers(spread(values)), "all": [number(value) for value in values]}


def _numbers(found: Spread) -> dict[str, object]:
    return {
        "median": number(found.median),
        "low": number(found.low),
        "high": number(found.high),
    }


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
