from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import downloader
from downloader.errors import DiskFailed, FolderInUse, UsageError
from downloader.storage.lock import FolderLock

HOLD = """
import sys
from downloader.storage.lock import FolderLock
with FolderLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""

# The child lives until standard input ends, and speaks when it is up.
HOLD_WITH_CHILD = """
import subprocess, sys
from downloader.storage.lock import FolderLock
with FolderLock(sys.argv[1]):
    child = "import sys; print('held', flush=True); sys.stdin.read()"
    subprocess.run([sys.executable, "-c", child], close_fds=False)
"""


@contextmanager
def holder(folder: Path, script: str = HOLD) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process that holds the folder until its standard input ends."""
    home = str(Path(downloader.__file__).parents[1])
    with subprocess.Popen(
        [sys.executable, "-c", script, str(folder)],
        env={**os.environ, "PYTHONPATH": home},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        yield process


def test_a_second_process_is_refused_and_told_who_holds_the_folder(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(FolderInUse, match=f"in use by process {process.pid}:") as caught:
            FolderLock(str(tmp_path)).__enter__()
        assert caught.value.pid == process.pid


def test_a_killed_holder_frees_the_folder(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with FolderLock(str(tmp_path)):
            pass


def test_two_runs_in_one_process_exclude_each_other(tmp_path: Path) -> None:
    with FolderLock(str(tmp_path)), pytest.raises(FolderInUse) as caught:
        FolderLock(str(tmp_path)).__enter__()
    assert caught.value.pid == os.getpid()


def test_leaving_frees_the_folder_also_after_an_error(tmp_path: Path) -> None:
    lock = FolderLock(str(tmp_path))
    with pytest.raises(ZeroDivisionError), lock:
        raise ZeroDivisionError
    with lock, pytest.raises(FolderInUse):
        FolderLock(str(tmp_path)).__enter__()


def test_a_killed_holders_children_do_not_keep_the_folder(tmp_path: Path) -> None:
    with holder(tmp_path, HOLD_WITH_CHILD) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with FolderLock(str(tmp_path)):
            pass


def test_a_holder_that_has_not_given_its_number_yet_is_another_process(tmp_path: Path) -> None:
    with FolderLock(str(tmp_path)):
        (tmp_path / ".dl" / "lock").write_bytes(b"")
        with pytest.raises(FolderInUse, match="in use by another process"):
            FolderLock(str(tmp_path)).__enter__()


def test_other_folders_are_free(tmp_path: Path) -> None:
    with FolderLock(str(tmp_path / "a")), FolderLock(str(tmp_path / "b")):
        pass


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".dl").mkdir()
    (tmp_path / ".dl" / "lock").symlink_to(tmp_path / "precious")
    with pytest.raises(DiskFailed, match="cannot lock"):
        FolderLock(str(tmp_path)).__enter__()
    assert not (tmp_path / "precious").exists()


def test_a_target_that_is_a_file_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UsageError, match="not a folder"):
        FolderLock(str(tmp_path / "file")).__enter__()
