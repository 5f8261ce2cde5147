"""How many fetches may be under way: now and then one alone, else all threads.

What the run would have taken sequentially cannot be told from crowded transfers alone: eight
connections on one link are each eight times slower than one would be. So the run starts with one
transfer and watches it for some hundredths of a second, no longer than a few per cent of what is
to come; a server that has not answered by then is not waited for. Where items are short the run
thins out again from time to time, for some items, as a small share of its time. In between, short
windows of load and bytes are noted, since the number of transfers varies by itself as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from downloader.models import Window
from downloader.shared.load import LoadMeter

# Seconds that the first transfer is given to answer before the others begin.
PATIENCE = 0.012
# Seconds for which answered transfers are watched alone.
ALONE = 0.025
# A share of the time that one large file takes alone, for which it is watched alone.
ALONE_SHARE = 0.02
# Items after which enough was seen.
ALONE_ITEMS = 24
# Items, or seconds, that are watched alone later in the run.
AGAIN_ITEMS = 12
AGAIN = 0.012
# Seconds that an item may take among others for the run to thin out again, and the share of its
# time that thinning out may cost.
SHORT_ITEM = 0.025
AGAIN_SHARE = 0.025
# Seconds after the opening in which worker processes start.
STARTING = 0.2
# Seconds of the run between two such times at least. While this process computes all the time,
# one transfer gets as much done as many, and thinning out costs next to nothing.
AGAIN_LEAST = 0.4
COMPUTING = 0.8
COMPUTING_ITEM = 0.2
# Seconds after which a span alone ends whatever was seen, others that still hang included.
AT_MOST = 0.2
# Seconds of one window: short at first, where the load changes quickly.
SHORT_WINDOW = 0.005
LONG_WINDOW = 0.05
# Windows are short for this many seconds.
SHORT_FOR = 0.25
# Jobs handed to the thread pool for each of its threads, so that none runs dry. Where requests
# are spaced, one is enough: a job shall not begin later than it was let go.
AHEAD = 2


class Alone:
    """A span in which one transfer at a time is allowed: how long it lasts."""

    def __init__(self, items: int, seconds: float, patience: float, decided: float) -> None:
        self.decided = decided
        self.items = items
        self.seconds = seconds
        self.patience = patience
        self.landed = 0
        self.began: float | None = None
        self.answered: float | None = None

    def is_over(self, now: float, *, answered: bool, seconds: float) -> bool:
        """Return True if enough was seen, or nothing for too long."""
        if self.began is None:
            self.began = now
        if self.answered is None:
            if not answered and not self.landed:
                return now - self.began >= self.patience
            self.answered = now
        return self.landed >= self.items or now - self.answered >= max(seconds, self.seconds)


class ConcurrencyController:
    """Lets one transfer begin alone, then all; notes windows of load and bytes."""

    def __init__(
        self,
        threads: int,
        meter: LoadMeter,
        note: Callable[[Window], None],
        clock: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.process_time,
        *,
        ahead: int = AHEAD,
    ) -> None:
        self._cpu = cpu
        self._open = threads * ahead if threads > 1 else 1
        self._alone = Alone(ALONE_ITEMS, ALONE, PATIENCE, clock()) if threads > 1 else None
        self._meter = meter
        self._note = note
        self._clock = clock
        self._began: float | None = None
        self._opened: float | None = None
        self._first_opened: float | None = None
        self._last: tuple[float, float, int, list[str], int] | None = None
        self._items = 0
        self._in_flight = 0
        self._items_when_opened = 0
        self._cpu_when_opened = 0.0
        self._all_by_itself = False
        self._thins_out = True

    def allowed(self) -> int:
        """Return how many jobs may be in flight now."""
        return 1 if self._alone else self._open

    def open_for_good(self) -> None:
        """Let all transfers go from now on: processes have a share, and work ahead."""
        self._thins_out = False
        if self._alone:
            self._open_up(self._clock())

    def begun(self) -> None:
        """One fetch was handed to the workers."""
        if self._began is None:
            self._began = self._clock()
            if self._alone:
                self._alone.decided = self._began
        self._in_flight += 1
        self._all_by_itself = self._in_flight == 1

    def landed(self) -> bool:
        """One fetch has ended; return True if it was by itself from its beginning to its end."""
        self._items += 1
        self._in_flight -= 1
        if self._alone and self._alone.began is not None:
            self._alone.landed += 1
        return self._all_by_itself

    def interval(self) -> float:
        """Return the seconds after which `observe` wants to be called again."""
        if self._alone or self._began is None or self._clock() - self._began < SHORT_FOR:
            return SHORT_WINDOW
        return LONG_WINDOW

    def observe(self) -> None:
        """Note a window when one is over; begin and end the spans alone."""
        now = self._clock()
        is_over = self._last is None or now - self._last[0] >= self.interval()
        if is_over:
            self._window()
        if self._alone:
            self._watch(self._alone, now)
        elif is_over and self._open > 1 and self._should_thin_out(now):
            self._alone = Alone(AGAIN_ITEMS, AGAIN, AGAIN, now)

    def _watch(self, alone: Alone, now: float) -> None:
        overdue = now - alone.decided >= AT_MOST
        if self._in_flight > 1:  # the others are still ending, or hang
            self._thins_out = self._thins_out and not overdue
            if overdue:
                self._open_up(now)
            return
        answered = bool(self._meter.reading())
        if overdue or alone.is_over(now, answered=answered, seconds=self._share_of_large_file()):
            self._open_up(now)

    def _open_up(self, now: float) -> None:
        self._alone = None
        self._opened = now
        self._first_opened = self._first_opened or now
        self._items_when_opened = self._items
        self._cpu_when_opened = self._cpu()

    def _should_thin_out(self, now: float) -> bool:
        """Return True if items are short, and the last time alone is long enough ago."""
        span = now - (self._opened or now)
        items = self._items - self._items_when_opened
        if span < AGAIN_LEAST or not items or not self._thins_out:
            return False
        item = self._meter.under_way() * span / items  # Little's law
        if self._cpu() - self._cpu_when_opened > COMPUTING * span:
            return item <= COMPUTING_ITEM
        return item <= SHORT_ITEM and span >= (item + AGAIN) / AGAIN_SHARE

    def _window(self) -> None:
        now, load = self._meter.load()
        current = (now, load, self._meter.received(), self._meter.reading(), self._items)
        if self._last and now > self._last[0]:
            span = now - self._last[0]
            self._note(
                Window(
                    seconds=span,
                    active=(load - self._last[1]) / span,
                    reading=(len(current[3]) + len(self._last[3])) / 2,
                    bytes=current[2] - self._last[2],
                    items=current[4] - self._last[4],
                    host=_only({*current[3], *self._last[3]}),
                    steady=self._first_opened is None or now - self._first_opened > STARTING,
                    alone=self._alone is not None and self._in_flight <= 1,
                )
            )
        self._last = current

    def _share_of_large_file(self) -> float:
        """Return a small share of what the transfer under way takes alone, 0 where none is."""
        for transfer in self._meter.active():
            if transfer.size and transfer.done and transfer.seconds > 0:
                return ALONE_SHARE * transfer.size * transfer.seconds / transfer.done
        return 0.0


def _only(hosts: set[str]) -> str | None:
    return next(iter(hosts)) if len(hosts) == 1 else None
