"""What the tests of this machine's faults share: files to fetch, and the command under strace."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from good import GoodServer
from installed import COMMAND, TOO_LONG, Done, Installed

from downloader.storage.partial import part_name

# Six files of several sizes, the largest of them more than one write.
TRUTH = {f"{name}.bin": name.encode() * (1 + 70_000 * index) for index, name in enumerate("abcdef")}
TRUTH["f.bin"] += b"tail" * 300_000


@contextmanager
def serving() -> Iterator[GoodServer]:
    """Serve `TRUTH`, and what cannot be had."""
    with GoodServer({f"/{name}": data for name, data in TRUTH.items()}) as server:
        yield server


def listed(dl: Installed, server: GoodServer) -> str:
    """Write the list of `TRUTH`; return its name."""
    return dl.write_list([server.url(f"/{name}") for name in TRUTH])


def wrong(dl: Installed) -> list[str]:
    """Return the final names that hold anything but the right bytes."""
    return [name for name, data in dl.files().items() if data != TRUTH.get(name)]


def sentences(stderr: bytes) -> list[str]:
    """Return the lines of an error stream, having seen that they are the command's own."""
    text = stderr.decode()
    for word in ("Traceback", "Exception ignored", "internal", "\x1b", "<", "object at"):
        assert word not in text, text
    return text.splitlines()


# Faults of system calls


@cache
def _can_trace() -> bool:
    command = ["strace", "-o", os.devnull, "true"]
    return bool(shutil.which("strace")) and subprocess.run(command, check=False).returncode == 0


@cache
def _can_mount() -> bool:
    command = ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(command, check=False).returncode == 0


needs_strace = pytest.mark.skipif(not _can_trace(), reason="no strace here, or not permitted")
needs_mount = pytest.mark.skipif(not _can_mount(), reason="file systems cannot be mounted here")
# Of a root, no file is read-only.
as_user = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def target_paths(folder: Path, *, parts_only: bool = False) -> list[str]:
    """Return every path in a target folder that a run touches, or its parts and their folder."""
    top = os.path.realpath(folder)
    state = os.path.join(top, ".dl")
    parts = [os.path.join(state, "parts", part_name(name, "")) for name in TRUTH]
    if parts_only:
        return [os.path.join(state, "parts"), *parts]
    ours = ("journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-shm", "lock", "parts")
    return [
        *(top, state),
        *(os.path.join(top, name) for name in TRUTH),
        *(os.path.join(state, name) for name in ours),
        *parts,
    ]


def traced(
    dl: Installed, inject: str, *arguments: str, paths: list[str] | None = None
) -> tuple[Done, bool]:
    """Run the command with faults injected into its calls, on `paths` where given.

    The second value says whether any was.
    """
    log = dl.folder / "strace.log"
    only = [option for path in paths or () for option in ("-P", path)]
    # The trace of what is injected into is all that shall be written.
    calls = inject.split(":", maxsplit=1)[0]
    # Faster by far, but it keeps signals from being injected (strace 6.1).
    fast = [] if ":signal=" in inject else ["--seccomp-bpf"]
    command = ["strace", "-f", *fast, "-qq", "-o", str(log), *only, "-e", f"trace={calls}"]
    done = subprocess.run(
        [*command, "-e", f"inject={inject}", *COMMAND, *arguments],
        cwd=dl.folder,
        env=dl.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=TOO_LONG,
        check=False,
    )
    happened = done.returncode < 0 or b"INJECTED" in log.read_bytes()
    return done, happened
