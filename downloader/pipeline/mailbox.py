"""The one way by which workers reach the coordinator, and what wakes it."""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue

from downloader.pipeline.messages import Message


class Mailbox:
    """Messages for one thread, from any; `descriptor` can be read once that thread is to wake.

    A byte goes through the pipe only while the thread says that it sleeps.
    """

    def __init__(self) -> None:
        self._messages: SimpleQueue[Message] = SimpleQueue()
        self._sleeps = False
        self._rings = False
        self._lock = threading.Lock()  # that no byte goes into a pipe that was closed meanwhile
        self.descriptor, self._bell = os.pipe()
        for end in (self.descriptor, self._bell):
            os.set_blocking(end, False)

    def post(self, message: Message) -> None:
        """Hand over a message; on any thread."""
        self._messages.put(message)
        if self._sleeps:
            self.ring()

    def ring(self) -> None:
        """Wake the coordinator; on any thread, and after `close` too."""
        with self._lock, suppress(BlockingIOError):  # it rings already
            if self._bell >= 0:
                os.write(self._bell, b"\0")
                self._rings = True  # not before: what is not in the pipe cannot be taken out

    def has_post(self) -> bool:
        """Return True if a message has come."""
        return not self._messages.empty()

    def fall_asleep(self, timeout: float) -> float:
        """Note that the coordinator waits from now on; return for how long it may: 0 after post."""
        self._sleeps = True
        return 0.0 if self.has_post() else timeout

    def wake_up(self) -> None:
        """Note that it waits no longer."""
        self._sleeps = False
        if not self._rings:
            return
        self._rings = False  # before the pipe is emptied: what rings meanwhile is not lost
        with suppress(BlockingIOError):
            while len(os.read(self.descriptor, 4096)) == 4096:
                pass

    def wait(self, timeout: float) -> None:
        """Wait for a message, where nothing else is waited for."""
        poller = select.poll()
        poller.register(self.descriptor, select.POLLIN)
        poller.poll(1000 * self.fall_asleep(timeout))
        self.wake_up()

    def messages(self) -> Iterator[Message]:
        """Yield what has come, in its order, until there is no more."""
        try:
            while True:
                yield self._messages.get_nowait()
        except Empty:
            return

    def close(self) -> None:
        """Give the pipe back."""
        with self._lock:
            os.close(self.descriptor)
            os.close(self._bell)
            self.descriptor = self._bell = -1
