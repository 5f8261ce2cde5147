"""Open files: how many a run needs, and how large a run fits into those that there may be."""

from __future__ import annotations

import os
import resource
from contextlib import suppress

# Those that a run likes to have besides its workers': lists, journal, idle connections.
COMFORT = 640
# Those that a run cannot do without, besides its workers': folders, lock, journal, lists, pipes.
OF_A_RUN = 20
# A socket, its twin while TLS begins, the part, a name being looked up.
OF_A_THREAD = 4
# Both ends of a worker's pipes, while it is being started.
OF_A_PROCESS = 8


def files_needed(threads: int, processes: int) -> int:
    """Return the open files with which a run of this size lacks nothing."""
    return COMFORT + OF_A_THREAD * threads + OF_A_PROCESS * processes


def fitting(threads: int, processes: int) -> tuple[int, int]:
    """Return the threads and processes, at least one and at most these, that can have their files.

    What is open already, by a host program perhaps, cannot be had.
    """
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY or limit >= files_needed(threads, processes):
        return threads, processes
    free = max(0, limit - _open_now() - OF_A_RUN)
    processes = min(processes, max(1, free // 4 // OF_A_PROCESS))
    return min(threads, max(1, (free - OF_A_PROCESS * processes) // OF_A_THREAD)), processes


def _open_now() -> int:
    with suppress(OSError):
        return len(os.listdir("/dev/fd"))
    return 0
