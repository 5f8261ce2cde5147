"""What a worker is given to do in tests, in place of `hash_batch`. Imported by worker processes."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from downloader.hashing import Row, failed, hash_batch


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait for what another process does; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen")
        time.sleep(0.005)


def dies_of_poison(paths: Sequence[str], algorithms: Sequence[str]) -> list[Row]:
    """Kill the worker at a file whose name begins with `poison`."""
    if any(os.path.basename(path).startswith("poison") for path in paths):
        os.kill(os.getpid(), signal.SIGKILL)
    return hash_batch(paths, algorithms)


def waits_once(paths: Sequence[str], algorithms: Sequence[str]) -> list[Row]:
    """At a file named `slow`, say who is at work and wait to be killed, but only once."""
    for path in paths:
        if path.endswith("slow") and not Path(path + ".pid").exists():
            _wait_to_be_killed(path)
    return hash_batch(paths, algorithms)


def waits(paths: Sequence[str], algorithms: Sequence[str]) -> list[Row]:
    """Say who is at work in `path.pid`, and wait to be killed."""
    _wait_to_be_killed(paths[0])
    return hash_batch(paths, algorithms)


def raises(paths: Sequence[str], algorithms: Sequence[str]) -> list[Row]:
    """Break the promise not to raise."""
    raise LookupError("a bug")


def tells_modules(paths: Sequence[str], algorithms: Sequence[str]) -> list[Row]:
    """Answer with the names of the imported modules."""
    return [failed("internal", " ".join(sys.modules))]


def _wait_to_be_killed(path: str) -> None:
    new = Path(path + ".new")
    new.write_text(str(os.getpid()))
    new.rename(path + ".pid")
    time.sleep(60)
