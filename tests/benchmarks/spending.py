"""What a command spends: wall time, and the processor time and memory of all its processes."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from resource import struct_rusage
from threading import Timer

OUTPUT, ERRORS = "output", "errors"
# Of <linux/prctl.h>: orphans below a process that has set it become its children.
PR_SET_CHILD_SUBREAPER = 36
# The unit of ru_maxrss, in bytes.
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


class NoResult(Exception):
    """There is nothing to count, and why."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall and of processor time, and the bytes that the largest process had."""

    seconds: float
    processor: float
    peak: int

    def __add__(self, after: Cost) -> Cost:
        """Return the cost of one command after the other."""
        peak = max(self.peak, after.peak)
        return Cost(self.seconds + after.seconds, self.processor + after.processor, peak)


def spend(command: Sequence[str], folder: Path, limit: float) -> Cost:
    """Run a command in `folder`, and return what it and all below it cost.

    It has an environment without a user's settings and a home of its own; what it writes is in
    the files `OUTPUT` and `ERRORS`. Raises `NoResult` if it does not end with 0 within `limit`
    seconds. `peak` is never below what this process had when it started the command (Linux counts
    the time before the exec), so this process has to stay small.
    """
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"}
    with _adopting(), (folder / OUTPUT).open("wb") as out, (folder / ERRORS).open("wb") as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            process_group=0,
        )
        with _killed_after(limit, process.pid):
            process.returncode, usage = _wait(process.pid)
            seconds = time.perf_counter() - began
            usages = [usage, *_wait_for_orphans(process.pid)]
    if process.returncode:
        raise NoResult(_reason(process.returncode, folder / ERRORS))
    processor = sum(each.ru_utime + each.ru_stime for each in usages)
    return Cost(seconds, processor, max(each.ru_maxrss for each in usages) * MAXRSS_UNIT)


def _wait(pid: int) -> tuple[int, struct_rusage]:
    _, status, usage = os.wait4(pid, 0)
    return os.waitstatus_to_exitcode(status), usage


def _wait_for_orphans(group: int) -> Iterator[struct_rusage]:
    """Return the usage of what the command has left running; the wall time is without them."""
    with suppress(ChildProcessError):
        while True:
            yield os.wait4(-group, 0)[2]


@contextmanager
def _adopting() -> Iterator[None]:
    """Be the parent of all orphans below this process, so that none is left out of the account."""
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


@contextmanager
def _killed_after(limit: float, group: int) -> Iterator[None]:
    """Kill the group if the block takes longer, or is left by an exception (Ctrl-C)."""
    timer = Timer(limit, _kill, [group])
    timer.start()
    try:
        yield
    except BaseException:
        _kill(group)
        raise
    finally:
        timer.cancel()


def _kill(group: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def _reason(status: int, errors: Path) -> str:
    last = errors.read_text(errors="replace").strip().rpartition("\n")[2]
    return f"ended with {status}: {last[:100]}"
