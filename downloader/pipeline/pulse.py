"""The regular beat of a run: what is due is written, and reporters hear how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from downloader.errors import LocalError
from downloader.models import Advanced
from downloader.pipeline.context import RunContext

# Seconds between two Advanced events.
BEAT = 0.1


class Pulse:
    """Beats on the coordinator's thread; `pending` is how many files are on the hash lane."""

    def __init__(
        self, parts: RunContext, pending: Callable[[], int], break_off: Callable[[LocalError], None]
    ) -> None:
        self.hashed_bytes = 0
        self._parts = parts
        self._pending = pending
        self._break_off = break_off
        self._at = 0.0

    def beat(self, *, at_once: bool = False) -> None:
        """Write and tell what is due, or all that there is."""
        now = time.monotonic()
        if now - self._at < BEAT and not at_once:
            return
        self._at = now
        meter = self._parts.meter
        try:
            self._parts.ledger.tick()
        except LocalError as error:
            self._break_off(error)
        self._parts.reporter.tell(
            Advanced(meter.received(), self.hashed_bytes, self._pending(), meter.active())
        )
