"""The one way by which workers reach the thread that runs the flow."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue

from downloader.shared import Stop


class Inbox:
    """What workers have done, handed to the one thread that runs the flow."""

    def __init__(self, stop: Stop) -> None:
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        stop.on_request(lambda: self._queue.put(None))

    def put(self, call: Callable[[], None]) -> None:
        """Have `call` run on the flow's thread. May be called on any thread."""
        self._queue.put(call)

    def waits(self) -> bool:
        """Say whether something has come."""
        return not self._queue.empty()

    def take(self, timeout: float) -> bool:
        """Run what came first, waiting up to `timeout` seconds for it; false if nothing came."""
        try:
            call = self._queue.get(timeout=timeout) if timeout > 0 else self._queue.get_nowait()
        except Empty:
            return False
        if call:
            call()
        return True
