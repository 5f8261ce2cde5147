"""The only state that threads share: the stop flag, the meter of what is under way, hosts' turns.

Everything else crosses threads as a frozen value. Each `TransferProgress` is written by one thread
and read by others, which needs no lock; the meter's one lock guards its count of active transfers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from downloader.models import Active

# Hosts whose next turn is known before those are forgotten whose turn has passed.
TURNS_KEPT = 4096


class Stop:
    """Asks a run to end. Set once, from any thread; not from a signal handler itself."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        self.signum: int | None = None

    def request(self, signum: int | None = None) -> None:
        """Ask the run to end, naming the signal that caused it, and wake whoever sleeps."""
        with self._lock:
            if self._event.is_set():
                return
            self.signum = signum
            self._event.set()
            callbacks = list(self._callbacks)
        for callback in callbacks:
            callback()

    def requested(self) -> bool:
        """Say whether the run was asked to end."""
        return self._event.is_set()

    def sleep(self, seconds: float) -> bool:
        """Sleep, but no longer than until the run is asked to end; true if it was."""
        return self._event.wait(max(0.0, seconds))

    @contextmanager
    def of_one_run(self) -> Iterator[Stop]:
        """Give a run a flag of its own, which is set with this one and may be set alone.

        Afterwards this one knows nothing of it any more, so it can serve many runs.
        """
        own = Stop()

        def pass_on() -> None:
            own.request(self.signum)

        self.on_request(pass_on)
        try:
            yield own
        finally:
            with self._lock:
                if pass_on in self._callbacks:
                    self._callbacks.remove(pass_on)

    def on_request(self, callback: Callable[[], None]) -> None:
        """Call `callback` once when the run is asked to end, at once if it already was."""
        with self._lock:
            if not self._event.is_set():
                self._callbacks.append(callback)
                return
        callback()


class TransferProgress:
    """One transfer under way: who, how far. Written by the thread that runs the transfer.

    `rank` is the number of transfers that were under way when it began, itself included. `done`
    begins anew with every try, `received` counts them all.
    """

    __slots__ = ("_beat", "began", "done", "host", "name", "rank", "reading", "received", "size")

    def __init__(
        self, name: str, host: str, began: float, rank: int, beat: Callable[[], None] | None
    ) -> None:
        self.name = name
        self.host = host
        self.began = began
        self.rank = rank
        self.done = 0
        self.received = 0
        self.size: int | None = None
        self.reading = False
        self._beat = beat

    def advance(self, received: int) -> None:
        """Count bytes of the body as they are stored."""
        self.done += received
        self.received += received
        if self._beat:
            self._beat()


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
        self._tracks: dict[int, TransferProgress] = {}
        self._finished_bytes = 0
        self._active = 0
        self._active_elsewhere = 0
        self._integral = 0.0
        self._since = clock()

    def enter(self, name: str, host: str) -> TransferProgress:
        """Begin to count one transfer from a host."""
        track = TransferProgress(name, host, 0.0, 0, self.beat)
        self.join(track)
        return track

    def join(self, track: TransferProgress) -> tuple[float, float]:
        """Begin to count a transfer, which begins now; return what `load` does."""
        with self._lock:
            now = track.began = self._advance()
            self._active += 1
            track.rank = self._active
            self._tracks[id(track)] = track
            return now, self._integral

    def leave(self, track: TransferProgress) -> tuple[float, float]:
        """End counting one transfer, whose bytes stay in the total; return what `load` does."""
        with self._lock:
            now = self._advance()
            self._active -= 1
            self._finished_bytes += track.received
            self._tracks.pop(id(track), None)
            return now, self._integral

    def elsewhere(self, active: int, received: int = 0) -> None:
        """Count transfers that are under way in other processes, and bytes that came there."""
        with self._lock:
            self._advance()
            self._active += active - self._active_elsewhere
            self._active_elsewhere = active
            self._finished_bytes += received

    def load(self) -> tuple[float, float]:
        """Return now (clock) and the integral of active transfers until now."""
        with self._lock:
            now = self._advance()
            return now, self._integral

    def received(self) -> int:
        """Return all bytes received so far, also those of tries that failed."""
        with self._lock:
            return self._finished_bytes + sum(track.received for track in self._tracks.values())

    def active(self) -> tuple[Active, ...]:
        """Return what is under way, longest first."""
        with self._lock:
            now = self._clock()
            tracks = list(self._tracks.values())
        return tuple(
            Active(t.name, t.done, t.size, now - t.began)
            for t in sorted(tracks, key=lambda t: t.began)
        )

    def under_way(self) -> int:
        """Return how many transfers are under way at this moment."""
        return self._active

    def reading(self) -> list[str]:
        """Return the hosts of the transfers that are reading a body at this moment."""
        with self._lock:
            return [track.host for track in self._tracks.values() if track.reading]

    def _advance(self) -> float:
        now = self._clock()
        self._integral += self._active * (now - self._since)
        self._since = now
        return now


class RateLimiter:
    """Spaces the requests to each host evenly: at most `rate` a second, `None` for no cap."""

    def __init__(self, rate: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._space = 1.0 / rate if rate else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def due(self, site: str) -> float:
        """Return the clock's time at which the next request to a host may begin; 0.0 for now."""
        return self._next.get(site, 0.0)

    def take(self, site: str) -> float:
        """Take the next turn at a host; return the seconds until it comes."""
        if not self._space:
            return 0.0
        with self._lock:
            now = self._clock()
            turn = max(now, self._next.get(site, now))
            if len(self._next) >= TURNS_KEPT:
                self._next = {site: due for site, due in self._next.items() if due > now}
            self._next[site] = turn + self._space
        return turn - now
