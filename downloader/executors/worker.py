"""What a worker process does first. It is imported by every worker, so it imports little."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading

# Seconds between two looks at who the parent is; its death itself is noticed at once.
LOOK = 1.0


def begin() -> None:
    """Leave Ctrl-C to the parent, and end when the parent has ended.

    SIGINT is blocked since before this process existed; from here on it is ignored. SIGTERM ends
    a worker, whatever the parent had blocked.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    threading.Thread(target=_follow_parent, name="lifeline", daemon=True).start()


def ready() -> int:
    """Return this worker's process id: the first thing that is asked of it."""
    return os.getpid()


def _follow_parent() -> None:
    """End this process when its parent ends, even in the middle of a file.

    The pipe that the parent holds open tells at once. The parent's id is looked at as well, since
    a process that the host program forked may hold that pipe open for longer. Linux could do this
    by `PR_SET_PDEATHSIG`, but that fires when the *thread* that started the worker ends.
    """
    parent = multiprocessing.parent_process()
    while parent and parent.is_alive() and os.getppid() == parent.pid:
        parent.join(LOOK)
    os._exit(1)
