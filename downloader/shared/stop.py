"""The flag by which a run is asked to end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
        """Return True if the run was asked to end."""
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
