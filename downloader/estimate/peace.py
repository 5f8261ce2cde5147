"""What binds every run, parallel or not: pauses that hosts ask for, and the user's own limits.

While one host is left alone the others are fetched, in a sequential run too, so the host that
takes longest with its pauses decides, and they are not added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from downloader.models import Observations

# Share of a limit that a run has to use to be held back by it.
USED = 0.85
# Share of the wall in which threads were free and hosts were to be left alone.
HOST_WAIT = 0.5


def by_limits(observed: Observations, items: Iterable[float]) -> float:
    """Return the least seconds for so many items of each host at the rates that are allowed."""
    least = 0.0
    if observed.rate:
        least = max((number - 1 for number in items), default=0.0) / observed.rate
    return max(least, observed.bytes / observed.limit_rate if observed.limit_rate else 0.0)


def own_limit(observed: Observations) -> str:
    """Return the option that held the run back, empty if none did."""
    enough = USED * observed.fetch
    if observed.limit_rate and observed.bytes / observed.limit_rate > enough:
        return "--limit-rate"
    if observed.rate and _most_items(observed) / observed.rate > enough:
        return "--rate"
    is_waiting = observed.host_wait > HOST_WAIT * observed.wall
    return "--per-host" if observed.per_host and is_waiting and not observed.pauses else ""


def _most_items(observed: Observations) -> float:
    """Return how many items the host had that had most."""
    hosts = Counter(sample.host for sample in observed.samples)
    stride = observed.items / max(1, len(observed.samples))
    return stride * max(hosts.values(), default=0)


def with_pauses(observed: Observations, seconds: Iterable[tuple[str, float]]) -> float:
    """Return the seconds of the host that takes longest, of those that asked for pauses."""
    pauses = dict(observed.pauses)
    return max((own + pauses[host] for host, own in seconds if host in pauses), default=0.0)
