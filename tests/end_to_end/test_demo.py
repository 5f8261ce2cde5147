"""dl demo as a user runs it: from any folder, without a network, leaving nothing."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import termios
from pathlib import Path

ROOT = str(Path(__file__).parents[2])
COMMAND = [sys.executable, "-m", "downloader", "demo"]


def environment(temporary: Path) -> dict[str, str]:
    """An environment whose proxy leads nowhere."""
    return {
        **os.environ,
        "PYTHONPATH": ROOT,
        "TMPDIR": str(temporary),
        "TERM": "xterm",
        "http_proxy": "http://127.0.0.1:9",
    }


def test_it_shows_the_job_in_both_modes_checked_and_with_bars(tmp_path: Path) -> None:
    """On a terminal: the text on the output, bars on the terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(
        COMMAND, cwd="/", env=environment(tmp_path), stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        drawn = read_all(ours)
        assert process.stdout
        text = process.stdout.read().decode()
    assert process.returncode == 0
    assert text.count("all 40 SHA-256 digests are those that the server computed") == 2
    assert re.search(r"sequential +\d\.\d s +measured on .*\n +time saved +\d\.\d s", text)
    assert "dl compare URLS.txt" in text
    assert "/40 files" in drawn
    assert os.listdir(tmp_path) == []


def read_all(terminal: int) -> str:
    found = b""
    try:
        while data := os.read(terminal, 65536):
            found += data
    except OSError:  # what a terminal says when nobody writes to it any more
        pass
    os.close(terminal)
    return found.decode(errors="replace")


def test_an_interrupted_demonstration_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        COMMAND,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdout
        assert process.stdout.readline().startswith("A server on this machine")
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told == "dl: interrupted: nothing is left behind\n"
    assert os.listdir(tmp_path) == []


def test_without_standard_output_it_ends_with_status_120(tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            COMMAND, env=environment(tmp_path), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 120
    assert os.listdir(tmp_path) == []
