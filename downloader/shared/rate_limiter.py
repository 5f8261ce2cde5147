"""When the next request to a host may begin."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Hosts whose next request's time is known before those are forgotten for which it has passed.
HOSTS_KEPT = 4096


class RateLimiter:
    """Spaces the requests to each host evenly: at most `rate` a second, `None` for no cap."""

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = 1.0 / rate if rate else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def due(self, site: str) -> float:
        """Return the clock's time at which the next request to a host may begin; 0.0 for now."""
        return self._next.get(site, 0.0)

    def take(self, site: str) -> float:
        """Take the next request's time at a host; return the seconds until it comes."""
        if not self._interval:
            return 0.0
        with self._lock:
            now = self._clock()
            begins = max(now, self._next.get(site, now))
            if len(self._next) >= HOSTS_KEPT:
                self._next = {site: due for site, due in self._next.items() if due > now}
            self._next[site] = begins + self._interval
        return begins - now
