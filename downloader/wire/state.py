"""What is a thread's own among the connections that all threads share."""

from __future__ import annotations

import threading

from downloader.policy import Timeouts
from downloader.wire.deadlines import NEVER, Deadlines
from downloader.wire.reader import Buffer


class ThreadState(threading.local):
    """What a thread's connections did for its present request.

    `connecting` is the seconds spent opening connections, `opening` true while (or because) one
    does not open, `peer` where it leads. The caller sets `until`, when (by `time.monotonic()`) the
    time of its item is up.
    """

    connecting = 0.0
    opening = False
    peer = ("", 0)
    until = NEVER

    def __init__(self, timeouts: Timeouts) -> None:
        self.timeouts = timeouts
        self.buffer = Buffer()
        self.deadlines = Deadlines(timeouts)
