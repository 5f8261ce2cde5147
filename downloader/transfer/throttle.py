"""A cap on the bytes per second of all transfers together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from downloader.shared.stop import Stop
from downloader.wire.deadlines import NEVER

# Seconds of lateness that are made up for: a thread that slept too long, a busy processor.
BURST = 0.1
# Seconds from which a wait is worth sleeping; shorter ones add up.
SHORTEST = 0.002
# Pieces that each second's bytes are read in, for an even flow; how small and large they may be.
PIECES = 25
SMALLEST = 512  # bytes
LARGEST = 256 * 1024  # bytes


class Throttle:
    """Makes transfers wait so that together they take `rate` bytes per second; `None` is no cap.

    What was received is paid for afterwards, in the order in which it came, so that equal pieces
    get equal shares. A wait ends when the run is asked to `stop`.
    """

    def __init__(
        self,
        rate: float | None,
        stop: Stop,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = rate
        self._stop = stop
        self._clock = clock
        self._lock = threading.Lock()
        self._paid_until = -NEVER

    @property
    def piece(self) -> int:
        """The most bytes to read at once."""
        if self._rate is None:
            return LARGEST
        return int(min(LARGEST, max(SMALLEST, self._rate / PIECES)))

    def take(self, received: int, until: float = NEVER) -> None:
        """Wait until so many bytes are paid for, but no longer than `until` on the clock."""
        if self._rate is None:
            return
        with self._lock:
            now = self._clock()
            self._paid_until = max(self._paid_until, now - BURST) + received / self._rate
            wait = min(self._paid_until, until) - now
        if wait >= SHORTEST:
            self._stop.sleep(wait)
