"""Fetch processes from the outside: they come and go, and no file is lost with them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_work import until
from good import GoodServer, Reply, Request
from installed import TOO_LONG, Installed

from downloader import Options, fetch

FILES = {f"/{number}.txt": f"file {number}\n".encode() * 50 for number in range(1500)}


def test_their_files_are_those_of_one_process(dl: Installed) -> None:
    with GoodServer(FILES) as server:
        name = dl.write_list([server.url(path) for path in FILES])
        done = dl.shell(f"$DL fetch {name} --fetch-processes 2 | sha256sum --check")
        assert (done.returncode, done.stdout.count(b": OK\n")) == (0, len(FILES))
        assert len(server.requests) == len(FILES)
        assert server.connections <= 8
    assert dl.files() == {path[1:]: body for path, body in FILES.items()}
    assert dl.parts() == []


def killed_after(requests: int, most: int) -> Callable[[GoodServer], threading.Thread]:
    """Return what kills so many of this process's children once a server was asked so often."""

    def kill(server: GoodServer) -> None:
        until(lambda: len(server.requests) >= requests)
        for child in multiprocessing.active_children()[:most]:
            assert child.pid is not None
            os.kill(child.pid, signal.SIGKILL)

    return lambda server: threading.Thread(target=kill, args=(server,))


@pytest.mark.parametrize("most", [1, 10], ids=["one", "all"])
def test_processes_that_are_killed_cost_no_file(tmp_path: Path, most: int) -> None:
    def slow(request: Request) -> Reply:
        return Reply(FILES[request.path], delay=0.002)

    with GoodServer(dict.fromkeys(FILES, slow)) as server:
        killer = killed_after(500, most)(server)
        killer.start()
        options = Options(dir=str(tmp_path / "d"), processes=1, fetch_processes=2)
        report = fetch([server.url(path) for path in FILES], options)
        killer.join()
    assert report.items.stored == len(FILES)
    assert {f"/{path.name}": path.read_bytes() for path in (tmp_path / "d").glob("*.txt")} == FILES


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGINT])
def test_no_process_outlives_the_command_and_the_next_run_finishes(
    dl: Installed, signum: signal.Signals
) -> None:
    """Processes have the command's streams, whose end is read only when all have ended."""
    with GoodServer(FILES, delay=0.002) as server:
        name = dl.write_list([server.url(path) for path in FILES])
        with dl.begin("fetch", name, "--fetch-processes", "2") as process:
            until(lambda: len(server.requests) >= 500)
            process.send_signal(signum)
            process.communicate(timeout=TOO_LONG)
        assert process.returncode == (130 if signum == signal.SIGINT else -signum)
        assert len(dl.files()) < len(FILES)
        again = dl("fetch", name, "--continue", "--fetch-processes", "2")
    assert (again.returncode, again.stdout.count(b"\n")) == (0, len(FILES))
    assert dl.files() == {path[1:]: body for path, body in FILES.items()}
    assert dl.parts() == []
