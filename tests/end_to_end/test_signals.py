"""Ctrl-C and its like: a quick end, finished files whole, a report, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
from good import GoodServer, Reply, Request
from installed import Installed, Running
from raw import RawServer, Script

STALLED = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50000
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwhole"
MODES = [[], ["--sequential"]]
# Well above the promised two seconds, for a busy machine, and well below every time-out.
SOON = 20.0


@pytest.fixture
def server() -> Iterator[RawServer]:
    """A server with a file, and one that stalls half way."""
    paths = {"/a": Script([WHOLE], then="keep"), "/b": Script([STALLED], then="stall")}
    with RawServer(paths=paths) as running:
        yield running


def begin_and_wait(dl: Installed, server: RawServer, *options: str) -> Running:
    """Begin a run; return when its first file is there, and the second one stalls."""
    names = dl.write_list([server.url("/a"), server.url("/b")])
    process = dl.begin("fetch", names, "--format", "paths", *options, start_new_session=True)
    assert process.stdout
    assert process.stdout.readline() == b"downloads/a\n"
    while len(server.requests) < 2:
        server.sent.clear()
        server.sent.wait(0.05)
    return process


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_with_its_report(
    dl: Installed, server: RawServer, mode: list[str], signum: int
) -> None:
    with begin_and_wait(dl, server, "--report", "report.json", *mode) as process:
        process.send_signal(signum)
        _, err = process.communicate(timeout=SOON)
    assert process.returncode == 128 + signum
    last = err.decode().splitlines()[-1]
    assert last == "interrupted: finished files are kept: run again with --continue"
    assert b"Traceback" not in err
    assert (dl.files(), dl.parts()) == ({"a": b"whole"}, [])
    assert json.loads((dl.folder / "report.json").read_text())["items"]["stored"] == 1


def test_ctrl_c_reaches_the_whole_group_and_only_one_answers(
    dl: Installed, server: RawServer
) -> None:
    with begin_and_wait(dl, server) as process:
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=SOON)
    assert process.returncode == 130
    assert err.count(b"interrupted") == 1
    assert b"Traceback" not in err
    assert b"Process " not in err


# A run that waits for a name server, which nothing can break off.
STUCK = """
import socket, sys, time
socket.getaddrinfo = lambda *_, **__: (print('asked', flush=True), time.sleep(50))
from downloader.__main__ import main
sys.argv = ['dl', 'fetch', 'http://h/', '--proxy', '']
main()
"""


def test_a_second_signal_ends_at_once(dl: Installed) -> None:
    with dl.begin_python(STUCK) as process:
        assert process.stdout
        assert process.stdout.readline() == b"asked\n"
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)  # what comes sooner is the same signal: see signals.ECHO
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=SOON)
    assert (process.returncode, err) == (143, b"")


def test_a_thread_that_is_stuck_is_not_waited_for(dl: Installed) -> None:
    with dl.begin_python(STUCK) as process:
        assert process.stdout
        assert process.stdout.readline() == b"asked\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SOON)
    assert process.returncode == 130
    assert err.decode().splitlines()[-1].startswith("interrupted: ")


@pytest.mark.parametrize("mode", MODES)
def test_hashing_a_huge_file_is_broken_off(dl: Installed, mode: list[str]) -> None:
    (dl.folder / "small").mkdir()
    for number in range(60):  # more than go into one batch with the huge file
        (dl.folder / "small" / f"{number}").write_bytes(b"small")
    with open(dl.folder / "huge", "wb") as huge:
        huge.truncate(1 << 40)
    with dl.begin("hash", "small", "huge", "--format", "paths", *mode) as process:
        assert process.stdout
        assert process.stdout.readline() == b"small/0\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=SOON)
    assert process.returncode == 130
    assert b"interrupted: " in err


@pytest.mark.parametrize("mode", MODES)
def test_a_list_that_is_typed_is_broken_off(dl: Installed, mode: list[str]) -> None:
    asked = threading.Event()

    def answer(_: Request) -> Reply:
        asked.set()
        return Reply(b"a")

    with (
        GoodServer({"/a": answer}) as server,
        dl.begin("fetch", "-", *mode, stdin=subprocess.PIPE) as process,
    ):
        assert process.stdin
        assert process.stderr
        process.stdin.write(f"{server.url('/a')}\n".encode())
        process.stdin.flush()
        assert asked.wait(SOON)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SOON) == 143
        assert b"interrupted: " in process.stderr.read()


def test_a_signal_that_was_ignored_stays_ignored(dl: Installed) -> None:
    """As under nohup, and for a job that sh starts with &."""
    with GoodServer({"/a": Reply(b"a"), "/b": Reply(b"b", delay=1)}) as server:
        names = dl.write_list([server.url("/a"), server.url("/b")])
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            process = dl.begin("fetch", names, "--format", "paths")
        finally:
            signal.signal(signal.SIGINT, before)
        with process:
            assert process.stdout
            assert process.stdout.readline() == b"downloads/a\n"
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SOON)
    assert process.returncode == 0
    assert sorted(dl.files()) == ["a", "b"]


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="processes are looked up in /proc")
def test_no_worker_outlives_a_command_that_is_killed(dl: Installed, server: RawServer) -> None:
    several = ("-a", "sha256", "-a", "md5")  # which are not computed while a file lands
    with begin_and_wait(dl, server, "--processes", "2", *several) as process:
        workers = children_of(process.pid)
        process.kill()
    assert len(workers) >= 2
    deadline = time.monotonic() + SOON
    while any(os.path.exists(f"/proc/{pid}") for pid in workers):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert dl.files() == {"a": b"whole"}


def children_of(parent: int) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="latin-1") as stat:
                    if int(stat.read().rpartition(")")[2].split()[1]) == parent:
                        found.append(int(name))
            except OSError:  # it ended meanwhile
                continue
    return found
