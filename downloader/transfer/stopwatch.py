"""When a transfer was where, and how many others were under way meanwhile."""

from __future__ import annotations

import time

from downloader.models import Timing
from downloader.shared.load import LoadMeter, Reading, mean_load

_NOT_YET: Reading = (0.0, 0.0)
_NONE = Timing()


class Stopwatch:
    """The moments of one transfer, which began at `began`; `earlier` is its timing before that.

    `connecting` is the seconds in which the last try opened connections, `paused` those that were
    slept between tries.
    """

    def __init__(self, meter: LoadMeter, began: float, earlier: Timing | None) -> None:
        self.began = earlier.began if earlier else began
        self._parked = began - earlier.ended if earlier else 0.0
        self._earlier = earlier or _NONE
        self.connecting = 0.0
        self.paused = 0.0
        self._meter = meter
        self._cpu = time.thread_time()
        self._requested = self._answered = self._ended = _NOT_YET

    def request(self, sent_at: float | None = None) -> None:
        """Note that a try begins, or has begun elsewhere at `sent_at`."""
        self.connecting = 0.0
        now = self._meter.load()
        if sent_at is not None:  # as if the load had been the same since then
            now = sent_at, now[1] - (now[0] - sent_at) * self._meter.under_way()
        self._requested = self._answered = self._ended = now

    def answer(self) -> None:
        """Note that the reply's head is complete."""
        self._answered = self._meter.load()

    def end(self) -> None:
        """Note that the last byte is stored."""
        self._ended = self._meter.load()

    def fail(self) -> None:
        """Note that there will be no more bytes."""
        if self._requested is _NOT_YET:
            self.request()
        self.end()
        if self._answered[0] == self._requested[0]:  # it waited to the end
            self._answered = self._ended

    def timing(self, rank: int) -> Timing:
        """Return the timing so far; `rank` as in `Timing`."""
        earlier = self._earlier
        return Timing(
            began=self.began,
            requested=self._requested[0],
            answered=self._answered[0],
            ended=self._ended[0],
            connecting=self.connecting,
            paused=earlier.paused + self._parked + self.paused,
            parked=earlier.parked + self._parked,
            cpu=earlier.cpu + time.thread_time() - self._cpu,
            load_waiting=mean_load(self._requested, self._answered),
            load_reading=mean_load(self._answered, self._ended),
            rank=rank,
        )
