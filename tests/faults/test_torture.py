"""Torture: the system fails, or the command is killed, at its K-th call; then it is run again.

Whatever happened, every final name holds the right bytes or nothing, a run that ends with status 0
has fetched everything, and the next run brings all that is missing and leaves no part.

By default one K is taken for some rows. With DL_TORTURE=1 every K is, until the fault comes too
late to happen, and with DL_TORTURE=7 every seventh; that takes minutes to hours, and prints what
was done.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from good import GoodServer
from installed import Installed
from machine import TRUTH, listed, needs_strace, serving, target_paths, traced, wrong

pytestmark = [needs_strace, pytest.mark.timeout(1800)]

EVERY = int(os.environ.get("DL_TORTURE", "0"))
MOST = 400  # bounds K where a fault never comes too late
# Options of both runs: the coordinator's thread and fetch threads, processes, one item at a time.
MODES: Sequence[list[str]] = ([], ["--fetch-processes", "2"], ["--sequential"])
# Options of the run that follows the fault.
AGAIN = ("--continue",)

RENAMES = "rename,renameat,renameat2"
SYNCS = "fsync,fdatasync"
# Calls that touch the target, the fault, and the K of the default run: 0 for none. K counts by
# thread.
ON_TARGET = [
    ("openat", "error=ENOSPC", 1),
    ("openat", "error=EIO", 0),
    ("openat", "error=EMFILE", 9),
    ("openat", "error=EINTR", 0),
    ("pwrite64", "error=ENOSPC", 2),
    ("pwrite64", "error=EIO", 5),
    ("pwrite64", "error=EINTR", 0),
    (SYNCS, "error=EIO", 2),
    (SYNCS, "error=ENOSPC", 0),
    (RENAMES, "error=ENOSPC", 2),
    (RENAMES, "error=EIO", 0),
    (RENAMES, "error=EINTR", 0),
    ("close", "error=EIO", 3),
    ("close", "error=EINTR", 0),
    ("close", "error=ENOSPC", 0),
    ("fchmod", "error=EIO", 1),
    ("ftruncate,fallocate", "error=ENOSPC", 0),
    ("unlink,unlinkat", "error=EIO", 0),
    ("pread64", "error=EIO", 0),
    ("pwrite64", "signal=KILL", 2),
    (RENAMES, "signal=KILL", 4),
    (SYNCS, "signal=KILL", 0),
    ("openat", "signal=KILL", 0),
    ("close", "signal=KILL", 0),
]
# Calls of any kind, from the start of the interpreter to its end: a line for the user cannot be
# promised where Python itself cannot be loaded.
ANYWHERE = [
    ("openat", "error=EMFILE", 0),
    ("openat", "error=EIO", 0),
    ("write", "error=ENOSPC", 2),
    ("write", "error=EIO", 0),
    ("close", "error=EIO", 0),
    ("mmap", "error=ENOMEM", 0),
    ("clone,clone3", "error=EAGAIN", 2),
    ("recvfrom", "error=EIO", 0),
    ("sendto", "error=ENOBUFS", 0),
    ("read", "signal=KILL", 0),
    ("futex", "signal=KILL", 0),
]
# Between two K, where there are many hundreds of them.
STRIDES = {"openat": 23, "close": 23, "mmap": 11, "read": 37, "futex": 29}

figures: Counter[str] = Counter()


@pytest.fixture(scope="module")
def web() -> Iterator[GoodServer]:
    """Serves the truth; says at the end what was done."""
    with serving() as server:
        yield server
    if EVERY:
        print(f"\ntorture: {dict(figures)}", file=sys.__stderr__)


def rows(given: Sequence[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    return [row for row in given if EVERY or row[2]]


def steps(start: int, stride: int) -> list[int]:
    return list(range(1, MOST * stride, stride * EVERY)) if EVERY else [start]


def suffer(folder: Path, web: GoodServer, fault: str, *options: str, paths: bool) -> bool:
    """Run once with the fault and once without; say whether it happened."""
    folder.mkdir()
    dl = Installed(folder)
    names = listed(dl, web)
    only = target_paths(folder / "downloads") if paths else None
    first, happened = traced(dl, fault, "fetch", names, *options, paths=only)
    figures["runs"] += 1
    figures["faults"] += happened
    where = f"{fault} {options}: {first.stderr.decode()}"
    if (folder / "downloads").is_dir():
        figures["wrong"] += len(wrong(dl))
        assert not wrong(dl), where
    if first.returncode == 0:
        assert dl.files() == TRUTH, where
    if paths:
        assert b"Traceback" not in first.stderr, where
    again = dl("fetch", names, *options, *AGAIN)
    figures["wrong"] += dl.files() != TRUTH
    assert again.returncode == 0, f"{where}\nthen {again.stderr.decode()}"
    assert (dl.files(), dl.parts()) == (TRUTH, []), where
    return happened


def endure(tmp_path: Path, web: GoodServer, fault: str, ks: list[int], *, paths: bool) -> None:
    for number, mode in enumerate(MODES if EVERY else MODES[:2]):
        for k in ks:
            folder = tmp_path / f"{number}-{k}"
            if not suffer(folder, web, f"{fault}:when={k}", *mode, paths=paths):
                break


@pytest.mark.parametrize(("calls", "fault", "k"), rows(ON_TARGET))
def test_a_fault_of_the_target_leaves_the_truth_or_nothing(
    tmp_path: Path, web: GoodServer, calls: str, fault: str, k: int
) -> None:
    endure(tmp_path, web, f"{calls}:{fault}", steps(k, 1), paths=True)


@pytest.mark.parametrize(("calls", "fault", "k"), rows(ANYWHERE))
def test_a_fault_anywhere_leaves_the_truth_or_nothing(
    tmp_path: Path, web: GoodServer, calls: str, fault: str, k: int
) -> None:
    endure(tmp_path, web, f"{calls}:{fault}", steps(k, STRIDES.get(calls, 1)), paths=False)
