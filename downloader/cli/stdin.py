"""Standard input that a signal can interrupt: a list that is typed, or comes from a slow pipe."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import BinaryIO

from downloader.cli.signals import Signals
from downloader.shared.stop import Stop

# Seconds in which a signal that was taken becomes a request to stop; it takes microseconds.
HANDED_OVER = 1.0


class Interruptible(io.BufferedReader):
    """Reads standard input; at the first signal, and ever after, it is at its end."""

    def __init__(self, file: io.FileIO, signals: Signals, stop: Stop) -> None:
        super().__init__(file)
        self._signals = signals
        self._stop = stop

    def read(self, size: int | None = -1, /) -> bytes:
        """Return what is there, up to `size` bytes, waiting for the first one only."""
        return self.read1(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        """Return what is there, up to `size` bytes, waiting for the first one only."""
        return self._until_stopped(super().read1, size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Return a line, or `size` bytes of it."""
        return self._until_stopped(super().readline, -1 if size is None else size)

    def _until_stopped(self, read: Callable[[int], bytes], size: int) -> bytes:
        data = b""
        try:
            self._signals.interruptible = True
            if not self._signals.came:
                data = read(size)
        except KeyboardInterrupt:
            data = b""
        finally:
            self._signals.interruptible = False
        if self._signals.came:
            self._stop.sleep(HANDED_OVER)
            return b""
        return data


def opened(signals: Signals, stop: Stop) -> BinaryIO | None:
    """Return standard input, `None` if there is none; closing it leaves the descriptor open."""
    if sys.stdin is None:
        return None
    try:
        number = sys.stdin.fileno()
    except (OSError, ValueError):  # not the process's own
        return sys.stdin.buffer
    return Interruptible(io.FileIO(number, closefd=False), signals, stop)
