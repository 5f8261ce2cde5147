"""Faults of machine and user while many small files come: on one thread, and in processes.

Each list is long enough for the run to be in the midst of it when the fault comes.
"""

from __future__ import annotations

import random
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fake_work import until
from good import GoodServer
from installed import TOO_LONG, Installed
from machine import needs_mount, sentences
from watching import left_of

WAYS = {"multiplexer": (), "processes": ("--fetch-processes", "2")}
SMALL = {f"{number:04}.bin": f"{number:04}".encode() * 500 for number in range(1200)}
by_either_way = pytest.mark.parametrize("way", WAYS)
needs_proc = pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no /proc here")


@pytest.fixture(scope="module")
def web() -> Iterator[GoodServer]:
    with GoodServer({f"/{name}": data for name, data in SMALL.items()}, delay=0.001) as server:
        yield server


@pytest.fixture
def dl(tmp_path: Path, web: GoodServer) -> Installed:
    """The command in a folder of its own, with a list of all small files."""
    installed = Installed(tmp_path)
    installed.write_list([web.url(f"/{name}") for name in SMALL])
    return installed


def wrong(dl: Installed, folder: str = "downloads") -> list[str]:
    return [name for name, data in dl.files(folder).items() if data != SMALL.get(name)]


def ended_by(signum: signal.Signals, dl: Installed, web: GoodServer, *options: str) -> int:
    """Begin a run and end it in its midst, at a moment that chance sets; return its status."""
    goal = len(web.requests) + random.randrange(50, 900)
    begun = dl.begin(
        *("fetch", "urls.txt", "-q", *options), start_new_session=True, stdout=subprocess.DEVNULL
    )
    with begun as process:
        until(lambda: len(web.requests) >= goal or process.poll() is not None)
        process.send_signal(signum)
        _, err = process.communicate(timeout=TOO_LONG)
    assert left_of(process.pid) == 0
    sentences(err)
    return process.returncode


def is_finished_by_the_next(dl: Installed, *options: str) -> None:
    """Continue a run; every file is told once, and no part is left."""
    again = dl("fetch", "urls.txt", "--continue", "--format", "paths", *options)
    assert again.returncode == 0, again.stderr
    told = again.stdout.decode().splitlines()
    assert sorted(told) == [f"downloads/{name}" for name in sorted(SMALL)]
    assert (dl.files(), dl.parts()) == (SMALL, [])


@needs_proc
@by_either_way
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_p8_an_interrupted_run_leaves_no_part_and_is_finished_by_the_next_one(
    dl: Installed, web: GoodServer, way: str, signum: signal.Signals
) -> None:
    assert ended_by(signum, dl, web, *WAYS[way]) == 128 + signum
    assert (wrong(dl), dl.parts()) == ([], [])
    is_finished_by_the_next(dl, *WAYS[way])


@needs_proc
@by_either_way
def test_p10_runs_that_are_killed_leave_whole_files_and_are_finished_by_the_next_one(
    dl: Installed, web: GoodServer, way: str
) -> None:
    for _ in range(4):
        assert ended_by(signal.SIGKILL, dl, web, "--continue", *WAYS[way]) in (-signal.SIGKILL, 0)
        assert wrong(dl) == []
    is_finished_by_the_next(dl, *WAYS[way])


@needs_mount
@by_either_way
def test_n10_a_full_disk_stops_the_run_and_keeps_what_is_whole(dl: Installed, way: str) -> None:
    (dl.folder / "downloads").mkdir()
    mount = "unshare -m sh -c 'mount -t tmpfs -o size=1m none downloads"
    copy = "mkdir copy; cp -r downloads copy; exit $s"
    done = dl.shell(f"{mount} && {{ $DL fetch urls.txt -q {' '.join(WAYS[way])}; s=$?; {copy}; }}'")
    assert done.returncode == 3
    [said] = sentences(done.stderr)
    assert said.endswith(": free some space and run again")
    assert wrong(dl, "copy/downloads") == []
    assert done.stdout.count(b"\n") == len(dl.files("copy/downloads")) > 0


@by_either_way
def test_n12_few_open_files_and_many_hosts_fail_no_item(tmp_path: Path, way: str) -> None:
    dl = Installed(tmp_path)
    files = {f"/{number}": b"x" for number in range(20)}
    with ExitStack() as stack:
        hosts = [stack.enter_context(GoodServer(files)) for _ in range(30)]
        dl.write_list([host.url(path) for path in files for host in hosts])
        done = dl.shell(f"ulimit -n 64; $DL fetch urls.txt -q -t 32 {' '.join(WAYS[way])}")
    assert done.returncode == 0, done.stderr
    assert (done.stdout.count(b"\n"), dl.parts()) == (600, [])
