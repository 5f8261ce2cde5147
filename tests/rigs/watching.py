"""Looks at the processes of a command while it runs, and at what is left of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SAMPLED = 0.05  # seconds
SOON = 15.0  # seconds within which the workers of a killed run have to be gone


@dataclass
class Peaks:
    """The most that any run had open, and of memory and threads, as was sampled."""

    files: int = 0
    threads: int = 0
    kib: int = 0

    def look(self, pid: int) -> None:
        """Take a sample of a process, if it is still there."""
        try:
            files = len(os.listdir(f"/proc/{pid}/fd"))
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            return
        values = dict(line.split(":", 1) for line in status.splitlines())
        if "VmHWM" in values:  # else it has just ended
            self.kib = max(self.kib, int(values["VmHWM"].split()[0]))
            self.threads = max(self.threads, int(values["Threads"]))
            self.files = max(self.files, files)


@contextmanager
def sampled(peaks: Peaks, pid: int) -> Iterator[None]:
    """Look at a process every now and then."""
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(SAMPLED):
            peaks.look(pid)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def left_of(session: int) -> int:
    """Return how many processes of a session do not end soon."""
    end = time.monotonic() + SOON
    while left := sum(_session(each) == session for each in os.listdir("/proc")):
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return left


def _session(pid: str) -> int | None:
    """Return the session of a living process."""
    try:
        state, _, _, session = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:4]
    except (OSError, ValueError):
        return None
    return None if state in "ZX" else int(session)
