"""What hosts ask of every run, parallel or not: pauses, and no more requests than a rate.

While one host is left alone the others are fetched, in a sequential run too, so the host that
takes longest with its pauses decides, and they are not added up.
"""

from __future__ import annotations

from collections.abc import Iterable

from downloader.models import Observations


def by_rate(observed: Observations, items: Iterable[float]) -> float:
    """Return the least seconds for so many items of each host at the rate that it may get."""
    if not observed.rate:
        return 0.0
    return max((number - 1 for number in items), default=0.0) / observed.rate


def with_pauses(observed: Observations, seconds: Iterable[tuple[str, float]]) -> float:
    """Return the seconds of the host that takes longest, of those that asked for pauses."""
    pauses = dict(observed.pauses)
    return max((own + pauses[host] for host, own in seconds if host in pauses), default=0.0)
