"""What only a process of its own may do: its descriptors, its limits, the way out."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from typing import NoReturn, TextIO

from downloader.executors.open_files import files_needed


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
    needed = files_needed(threads, processes)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))


def leave(status: int) -> NoReturn:
    """End the process at once; all but the standard streams is closed by now.

    No thread that is stuck in the system is waited for, and the interpreter is not taken down
    piece by piece, which takes as long as a tenth of a short run.
    """
    for stream in (sys.stdout, sys.stderr):
        _empty(stream)
    os._exit(status)


def _empty(stream: TextIO | None) -> None:
    """Write what is buffered; if that is lost, keep Python from complaining on its way out."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
