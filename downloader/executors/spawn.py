"""How a worker process is started: by spawn, deaf to Ctrl-C from birth, without the main module."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any

# Seconds for a process to end by SIGTERM, which one that was stopped does not notice.
POLITE = 0.5
# Seconds for a killed process to be gone: only a read that hangs in the kernel takes longer.
DEATH = 0.5

_main_module = threading.Lock()


class WorkerProcess(SpawnProcess):
    """A spawned process that leaves Ctrl-C and the main module alone."""

    def start(self) -> None:
        """Start the process. What it runs must not be defined in the main module."""
        with _sigint_blocked(), _main_module_hidden():
            super().start()


class WorkerContext(SpawnContext):
    """A spawn context for one pool; it knows the processes that it made and can end them."""

    def __init__(self) -> None:
        super().__init__()
        self._made: list[WorkerProcess] = []

    # The base class has a class here; what pools do with it is to call it.
    def Process(self, *args: Any, **kwargs: Any) -> WorkerProcess:  # type: ignore[override]  # noqa: N802
        """Make a process, and remember it."""
        process = WorkerProcess(*args, **kwargs)
        self._made.append(process)
        return process

    def pids(self) -> list[int]:
        """Return the ids of the processes that were started."""
        return [process.pid for process in self._made if process.pid]

    def end(self) -> None:
        """End the processes, whatever they are at: they only read."""
        running = {process.sentinel: process for process in self._made if process.pid}
        for process in running.values():
            process.terminate()
        deadline = time.monotonic() + POLITE
        while running and (ended := wait(running, max(0.0, deadline - time.monotonic()))):
            for sentinel in ended:
                # It has let go of its files, and takes a moment more to be gone.
                running.pop(sentinel).join(DEATH)  # type: ignore[arg-type]  # a sentinel
        for process in running.values():
            process.kill()
            process.join(DEATH)
        self._made.clear()  # each holds two descriptors for as long as anybody knows it


@contextmanager
def _sigint_blocked() -> Iterator[None]:
    """Block SIGINT in this thread: a child inherits that, and so dies of no Ctrl-C while it starts.

    In this process the signal is delivered a moment later.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _main_module_hidden() -> Iterator[None]:
    """Keep a spawned process from running the main module once more.

    It would need that only for functions defined there, and ours are not. So a script without
    `if __name__ == "__main__"` works, runs once, and costs the workers nothing. A main module
    that is itself called `__main__`, as after `python -m package`, is what spawn leaves alone.
    """
    main = sys.modules["__main__"]
    with _main_module:
        spec = main.__spec__
        main.__spec__ = ModuleSpec("__main__", None)
        try:
            yield
        finally:
            main.__spec__ = spec
