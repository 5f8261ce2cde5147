"""What is under way: one lock guards the count of active transfers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from downloader.models import Active
from downloader.shared.transfer_progress import TransferProgress

# A reading of the meter: now (its clock), and the integral of active transfers until now.
Reading = tuple[float, float]

_INSTANT = 1e-9  # seconds: over a shorter span there is no mean


class LoadMeter:
    """Counts transfers under way and bytes received, and integrates the load over time.

    `load()` returns the integral of the number of active transfers in transfer-seconds: its
    difference over a span, divided by the span, is the mean number that was active.
    `beat` is called on the transfer's own thread as bytes arrive: the only way to draw progress
    where there is one thread.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.beat: Callable[[], None] | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._transfers: dict[int, TransferProgress] = {}
        self._finished_bytes = 0
        self._active = 0
        self._active_elsewhere = 0
        self._integral = 0.0
        self._since = clock()

    def enter(self, name: str, host: str) -> TransferProgress:
        """Begin to count one transfer from a host."""
        transfer = TransferProgress(name, host, 0.0, 0, self.beat)
        self.join(transfer)
        return transfer

    def join(self, transfer: TransferProgress) -> Reading:
        """Begin to count a transfer, which begins now; return what `load` does."""
        with self._lock:
            now = transfer.began = self._advance()
            self._active += 1
            transfer.rank = self._active
            self._transfers[id(transfer)] = transfer
            return now, self._integral

    def leave(self, transfer: TransferProgress) -> Reading:
        """End counting one transfer, whose bytes stay in the total; return what `load` does."""
        with self._lock:
            now = self._advance()
            self._active -= 1
            self._finished_bytes += transfer.received
            self._transfers.pop(id(transfer), None)
            return now, self._integral

    def elsewhere(self, active: int, received: int = 0) -> None:
        """Count transfers that are under way in other processes, and bytes that came there."""
        with self._lock:
            self._advance()
            self._active += active - self._active_elsewhere
            self._active_elsewhere = active
            self._finished_bytes += received

    def load(self) -> Reading:
        """Return now (clock) and the integral of active transfers until now."""
        with self._lock:
            now = self._advance()
            return now, self._integral

    def received(self) -> int:
        """Return all bytes received so far, also those of tries that failed."""
        with self._lock:
            return self._finished_bytes + sum(
                transfer.received for transfer in self._transfers.values()
            )

    def active(self) -> tuple[Active, ...]:
        """Return what is under way, longest first."""
        with self._lock:
            now = self._clock()
            transfers = list(self._transfers.values())
        return tuple(
            Active(t.name, t.done, t.size, now - t.began)
            for t in sorted(transfers, key=lambda t: t.began)
        )

    def under_way(self) -> int:
        """Return how many transfers are under way at this moment."""
        return self._active

    def reading(self) -> list[str]:
        """Return the hosts of the transfers that are reading a body at this moment."""
        with self._lock:
            return [transfer.host for transfer in self._transfers.values() if transfer.reading]

    def _advance(self) -> float:
        now = self._clock()
        self._integral += self._active * (now - self._since)
        self._since = now
        return now


def mean_load(start: Reading, end: Reading) -> float:
    """Return the mean load between two readings of the meter: the transfer itself counts as 1."""
    seconds = end[0] - start[0]
    return max(1.0, (end[1] - start[1]) / seconds) if seconds > _INSTANT else 1.0
