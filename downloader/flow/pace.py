"""How many fetches may be under way: first one alone, for a moment, then all threads.

What the run would have taken sequentially cannot be told from crowded transfers alone: eight
connections on one link are each eight times slower than one would be. So the run starts with one
transfer and watches it for some hundredths of a second, no longer than a few per cent of what is
to come; a server that has not answered by then is not waited for. After that, short windows of
load and bytes are noted, since the number of transfers varies by itself, at the end above all.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from downloader.models import Window
from downloader.shared import Meter

# Seconds that the first transfer is given to answer before the others begin.
PATIENCE = 0.012
# Seconds for which answered transfers are watched alone.
ALONE = 0.025
# A share of the time that one large file takes alone, for which it is watched alone.
ALONE_SHARE = 0.02
# Items after which enough was seen.
ALONE_ITEMS = 24
# Seconds of one window: short at first, where the load changes quickly.
SHORT_WINDOW = 0.005
LONG_WINDOW = 0.05
# Windows are short for this many seconds.
SHORT_FOR = 0.25
# Jobs handed to the thread pool for each of its threads, so that none runs dry.
AHEAD = 2


class Pace:
    """Lets one transfer begin alone, then all; notes windows of load and bytes."""

    def __init__(
        self,
        threads: int,
        meter: Meter,
        note: Callable[[Window], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = threads * AHEAD if threads > 1 else 1
        self._alone = threads > 1
        self._meter = meter
        self._note = note
        self._clock = clock
        self._began: float | None = None
        self._answered: float | None = None
        self._last: tuple[float, float, int, int, int] | None = None
        self._items = 0

    def allowed(self) -> int:
        """Return how many jobs may be in flight now."""
        if self._began is None:
            self._began = self._clock()
        return 1 if self._alone else self._open

    def landed(self) -> None:
        """One fetch has ended."""
        self._items += 1

    def interval(self) -> float:
        """Return the seconds after which `observe` wants to be called again."""
        if self._began is None or self._clock() - self._began < SHORT_FOR:
            return SHORT_WINDOW
        return LONG_WINDOW

    def observe(self) -> None:
        """Note a window when one is over; end the time alone when it has served."""
        now = self._clock()
        if self._last and now - self._last[0] < self.interval():
            return
        self._window()
        if self._alone:
            self._alone = not self._seen_enough(now)

    def _window(self) -> None:
        now, load = self._meter.load()
        current = (now, load, self._meter.received(), self._meter.reading(), self._items)
        if self._last and now > self._last[0]:
            span = now - self._last[0]
            self._note(
                Window(
                    seconds=span,
                    active=(load - self._last[1]) / span,
                    reading=(current[3] + self._last[3]) / 2,
                    bytes=current[2] - self._last[2],
                    items=current[4] - self._last[4],
                )
            )
        self._last = current

    def _seen_enough(self, now: float) -> bool:
        began = self._began or now
        if self._answered is None:
            if not self._items and not self._meter.reading():
                return now - began >= PATIENCE
            self._answered = now
        return self._items >= ALONE_ITEMS or now - self._answered >= self._budget(now)

    def _budget(self, now: float) -> float:
        """Return how long to watch: a small share of what the transfer under way takes alone."""
        for track in self._meter.active():
            if track.size and track.done and track.seconds > 0:
                return max(ALONE, ALONE_SHARE * track.size * track.seconds / track.done)
        return ALONE
