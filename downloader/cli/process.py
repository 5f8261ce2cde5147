"""What only a process of its own may do: its descriptors, its limits, the way out."""

from __future__ import annotations

import os
import resource
import sys
import threading
from contextlib import suppress
from typing import NoReturn, TextIO

from downloader.executors.open_files import wanted


def occupy_standard_streams() -> None:
    """Open what was closed of descriptors 0 to 2, so that no other file gets such a number.

    They are opened for reading: writing a record there fails, as it should.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)


def allow_open_files(threads: int, processes: int) -> None:
    """Raise the soft limit of open files towards what a run of this size needs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted(threads, processes)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def leave(status: int) -> NoReturn:
    """End the process, without waiting for a thread that is stuck in the system."""
    for stream in (sys.stdout, sys.stderr):
        _empty(stream)
    if any(not thread.daemon for thread in threading.enumerate() if thread is not _this_thread()):
        os._exit(status)
    sys.exit(status)


def _this_thread() -> threading.Thread:
    return threading.current_thread()


def _empty(stream: TextIO | None) -> None:
    """Write what is buffered; where that is lost, keep Python from complaining on its way out."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
