"""Whether a transfer may go on: the run's stop flag, and connections that were broken off."""

from __future__ import annotations

from downloader.shared.stop import Stop
from downloader.wire.connections import Connections
from downloader.wire.errors import Cancelled


class Cancellation:
    """Shared by all transfers of one fetcher."""

    def __init__(self, stop: Stop, connections: Connections) -> None:
        self._stop = stop
        self._connections = connections

    def requested(self) -> bool:
        """Return True if transfers shall end."""
        return self._connections.broken or self._stop.requested()

    def check(self) -> None:
        """Raise `Cancelled` if transfers shall end."""
        if self.requested():
            raise Cancelled

    def sleep(self, seconds: float) -> None:
        """Sleep. Raises `Cancelled` as soon as the run is asked to end."""
        if self._stop.sleep(seconds):
            raise Cancelled
