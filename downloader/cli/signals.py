"""Ctrl-C and its like: the first signal asks the run to end, the second ends the process."""

from __future__ import annotations

import os
import signal
import threading
import time
from queue import SimpleQueue
from types import FrameType, TracebackType

from downloader.cli.statuses import SIGNAL
from downloader.shared.stop import Stop

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# Seconds in which a signal that comes again is the same one: `timeout` sends its signal twice.
ECHO = 0.1
# Seconds that a run gets to end by itself; then whatever its thread is at is broken off.
PATIENCE = 1.9
# Seconds for what remains after that.
LAST_MOMENT = 0.8


class Signals:
    """Takes the ending signals while entered; only on the main thread.

    A signal that was ignored before (`nohup`, `&` in a shell script) stays ignored. While
    `interruptible` is set, the first signal also raises `KeyboardInterrupt` at once.
    """

    def __init__(self, stop: Stop) -> None:
        self.interruptible = False
        self._stop = stop
        self._arrived: SimpleQueue[int | None] = SimpleQueue()
        self._first: float | None = None
        self._urging = False
        self._over = threading.Event()
        self._before: dict[int, object] = {}
        # Not from the handler: it may interrupt this very thread while it holds the stop's lock.
        self._asker = threading.Thread(target=self._ask, name="signals", daemon=True)

    @property
    def came(self) -> bool:
        """Return True if there was one; the run is asked to end a moment later."""
        return self._first is not None

    def __enter__(self) -> Signals:
        for number in ENDING:
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, None):
                self._before[number] = before
                signal.signal(number, self._take)
        self._asker.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._arrived.put(None)
        self._asker.join()
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # as getsignal() returned it

    def _take(self, number: int, _: FrameType | None) -> None:
        now = time.monotonic()
        if self._over.is_set():
            return
        if self._first is None:
            self._first = now
            self._arrived.put(number)
            if self.interruptible:
                raise KeyboardInterrupt
        elif self._urging:
            self._urging = False
            raise KeyboardInterrupt
        elif now - self._first > ECHO:
            os._exit(SIGNAL + number)

    def _ask(self) -> None:
        number = self._arrived.get()
        if number is None:
            return
        self._stop.request(number)
        if self._over.wait(PATIENCE):
            return
        self._urging = True
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, number)
        if not self._over.wait(LAST_MOMENT):
            os._exit(SIGNAL + number)
