"""What was measured, as rows of Markdown (pure functions)."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence

from rounds import Results, Way
from spending import Cost
from workloads import Scale, Workload

NOTHING = "-"
# What most people hash with; peers' files are hashed in faster ways as well.
USUAL = "sha256sum"


def row(cells: Iterable[str]) -> str:
    """Return a row."""
    return f"| {' | '.join(cells)} |\n"


def head(names: Sequence[str]) -> str:
    """Return the head of a table."""
    return row(names) + row("---" for _ in names)


def median(costs: Sequence[Cost]) -> float:
    """Return the median of the wall seconds."""
    return statistics.median(cost.seconds for cost in costs)


def spread(costs: Sequence[Cost]) -> str:
    """Return the median of the wall seconds, and from the lowest to the highest."""
    seconds = [cost.seconds for cost in costs]
    return f"{figure(median(costs))} ({figure(min(seconds))} to {figure(max(seconds))})"


def figure(number: float) -> str:
    """Return a number with three digits that count, and never more than three decimals."""
    decimals = 3 if number < 1 else 2 if number < 10 else 1 if number < 100 else 0
    return f"{number:,.{decimals}f}"


def per_item(costs: Sequence[Cost], items: int) -> float:
    """Return the median of the processor time for an item, in microseconds."""
    return statistics.median(cost.processor for cost in costs) / items * 1e6


def best(results: Results, clients: Iterable[str], hasher: str | None = None) -> Way | None:
    """Return the way of these clients that has the lowest median; None if there is none.

    With `hasher` only ways that hash with it count.
    """
    among = set(clients)
    ways = [way for way in results.costs if way[0] in among and hasher in (None, way[1])]
    return min(ways, key=lambda way: median(results.costs[way]), default=None)


def cell(results: Results, client: str) -> str:
    """Return what a client took with the hasher that is best for it, or why it did not run."""
    if client in results.failures:
        return results.failures[client].replace("|", "\\|")
    way = best(results, [client])
    if way is None:
        return NOTHING
    return spread(results.costs[way]) + (f", {way[1]}" if way[1] else "")


def ratio(results: Results, client: str, peers: Sequence[str], hasher: str | None = None) -> str:
    """Return the median of a client as a share of the best peer's: below 1 is faster."""
    ours, theirs = best(results, [client]), best(results, peers, hasher)
    if ours is None or theirs is None:
        return NOTHING
    return f"{median(results.costs[ours]) / median(results.costs[theirs]):.2f}"


def processor(results: Results, clients: Sequence[str], files: int) -> str:
    """Return the processor time for a file of the best of the clients, in microseconds."""
    way = best(results, clients)
    return figure(per_item(results.costs[way], files)) if way else NOTHING


def peers_head(dls: Sequence[str], peers: Sequence[str]) -> str:
    """Return the head of the table of workloads."""
    names = ["workload", *dls, *peers, "also"]
    names += [f"{name} / best peer with {USUAL}" for name in dls]
    names += [f"{name} / best peer" for name in dls]
    return head([*names, *(f"{name}, us a file" for name in dls), "best peer, us a file"])


def peers_row(
    workload: Workload, results: Results, dls: Sequence[str], peers: Sequence[str]
) -> str:
    """Return the row of a workload."""
    by = "" if results.by == "loopback" else f" ({results.by})"
    cells = [workload.title + by, *(cell(results, name) for name in [*dls, *peers])]
    cells.append("; ".join(f"{name} {cell(results, name)}" for name in workload.also) or NOTHING)
    cells += [ratio(results, name, peers, USUAL) for name in dls]
    cells += [ratio(results, name, peers) for name in dls]
    cells += [processor(results, [name], workload.files) for name in dls]
    return row([*cells, processor(results, peers, workload.files)])


SCALE_HEAD = head(
    [
        "command",
        "items",
        "connections",
        "seconds",
        "us an item",
        "us an item, start-up taken off",
        "largest process, MiB",
    ]
)


def scale_row(name: str, scale: Scale, costs: Sequence[Cost], start: Sequence[Cost]) -> str:
    """Return the row of a scale; `start` is what a run of next to nothing costs."""
    whole = per_item(costs, scale.items)
    beyond = max(0.0, whole - per_item(start, scale.items))
    peak = max(cost.peak for cost in costs) / (1 << 20)
    cells = [name, f"{scale.items:,}", str(scale.connections), spread(costs)]
    cells += [figure(whole), figure(beyond) if scale.items > 1 else NOTHING]
    return row([*cells, f"{peak:.0f}"])
