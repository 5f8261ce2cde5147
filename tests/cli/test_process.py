"""What only a process of its own may do."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloader.cli.process import allow_open_files

ROOT = Path(__file__).parents[2]


@pytest.fixture
def low() -> Iterator[int]:
    """A soft limit of open files that is lower than usual."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    yield 256
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def soft_limit() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def test_the_limit_of_open_files_is_raised_as_far_as_is_needed_and_allowed(low: int) -> None:
    allow_open_files(threads=32, processes=2)
    assert low < soft_limit() <= resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    raised = soft_limit()
    allow_open_files(threads=1, processes=1)
    assert soft_limit() == raised


def test_the_process_ends_at_once_with_all_that_was_written() -> None:
    """A thread that is stuck in the system is not waited for."""
    code = (
        "import sys, threading, time; from downloader.cli.process import leave;"
        "threading.Thread(target=time.sleep, args=(3600,)).start();"
        "print('out'); print('err', file=sys.stderr); leave(7)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (7, "out\n", "err\n")
