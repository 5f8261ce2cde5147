"""What a matrix shows, in words (pure functions)."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from downloader.comparison.cells import HELPED, Cell, best, enough, start_cost
from downloader.comparison.speedup import Comparison, limit
from downloader.models import HeldBackBy
from downloader.options import usable_cpus
from downloader.text import plural, seconds

# A gain that is smaller than this has no single cause.
PLAIN = 1.5
# Why several threads fetch faster, by what held the run back.
_THREADS_HELP: dict[HeldBackBy, str] = {
    "latency": "while one waits for its server, the others' requests are under way",
    "host-limit": "the server caps each connection, and several connections add up",
}
_THREADS_HELP_ANYHOW = "one transfer alone leaves the line idle part of the time"
# Why they do not.
_THREADS_FAIL: dict[HeldBackBy, str] = {
    "bandwidth": "one connection fills the line already",
    "server": "the server answers no faster, however many ask",
    "own-limit": "the limits that were given allow no more",
    "disk": "the disk cannot write faster",
    "cpu": "nobody has to wait for the network, and Python runs one thread at a time",
}
_THREADS_FAIL_ANYHOW = "one connection keeps the line or this machine busy already"


def lessons(comparison: Comparison) -> Iterator[str]:
    """Yield what the matrix shows, a sentence a stage."""
    matrix = comparison.matrix
    if matrix and matrix.fetch:
        yield threads_lesson(matrix.fetch, limit(comparison))
    if matrix and matrix.hash:
        yield processes_lesson(matrix.hash, usable_cpus())


def threads_lesson(cells: Sequence[Cell], held_back_by: HeldBackBy | None) -> str:
    """Return a sentence: did threads help fetching, and why."""
    if best(cells) >= HELPED:
        size, speedup = enough(cells)
        known = _THREADS_HELP if speedup >= PLAIN else {}
        why = known.get(held_back_by or "cpu", _THREADS_HELP_ANYHOW)
        return f"threads helped: {plural('thread', size)} fetched {speedup:.1f}x as fast, as {why}"
    why = _THREADS_FAIL.get(held_back_by or "hashing", _THREADS_FAIL_ANYHOW)
    return f"threads did not help{_at_best(best(cells))}, as {why}"


def processes_lesson(cells: Sequence[Cell], cpus: int) -> str:
    """Return a sentence: did processes help hashing, and why."""
    if best(cells) >= HELPED:
        size, speedup = enough(cells)
        return (
            f"processes helped: {plural('process', size)} hashed {speedup:.1f}x as fast, "
            f"as each one keeps a processor of its own busy"
        )
    return f"processes did not help{_at_best(best(cells))}, as {_processes_fail(cells, cpus)}"


def _processes_fail(cells: Sequence[Cell], cpus: int) -> str:
    alone = statistics.median(cells[0].seconds)
    cost = start_cost(cells)
    if cost > alone * (HELPED - 1):
        return (
            f"a pool costs {seconds(cost)} to start and feed, "
            f"and hashing takes {seconds(alone)} without one"
        )
    if cpus == 1:
        return "there is one processor"
    return "the files are not read faster than one process hashes them"


def _at_best(speedup: float) -> str:
    if speedup < 1 / HELPED:
        return f": at best {1 / speedup:.1f}x as slow"
    return f" ({speedup:.2f}x at best)"
