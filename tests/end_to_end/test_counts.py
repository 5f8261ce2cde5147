"""What many small files cost: requests, connections, transactions, our calls and the system's."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from good import GoodServer
from installed import COMMAND, TOO_LONG, Installed

import downloader
from downloader import Options, fetch
from downloader.pipeline import commit_stage
from downloader.pipeline.commit_stage import BATCH
from downloader.state import journal_file

FILES = {f"/{number}.txt": f"file {number}\n".encode() * 50 for number in range(900)}
FEW, MANY = 300, 900
# Transactions of a run itself, for its tables, its beginning and its end; six were seen.
OF_A_RUN = 8


def listed(server: GoodServer, count: int) -> list[str]:
    return [server.url(path) for path in list(FILES)[:count]]


def test_each_file_is_one_request_on_one_of_as_many_connections_as_threads(dl: Installed) -> None:
    with GoodServer(FILES) as server:
        done = dl("fetch", dl.write_list(listed(server, FEW)), "-t", "8")
        assert (done.returncode, done.stdout.count(b"\n")) == (0, FEW)
        assert Counter(server.paths) == dict.fromkeys(list(FILES)[:FEW], 1)
        assert server.connections <= 8


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Be the databases that a transaction was committed in, once for each."""
    committed: list[str] = []
    connect = sqlite3.connect

    def traced(path: str, *given: Any, **named: Any) -> sqlite3.Connection:
        def note(statement: str) -> None:
            if statement == "COMMIT":
                committed.append(path)

        database: sqlite3.Connection = connect(path, *given, **named)
        database.set_trace_callback(note)
        return database

    monkeypatch.setattr(sqlite3, "connect", traced)
    return committed


def test_many_files_share_a_transaction(
    tmp_path: Path, commits: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How busy the machine is has no part in it: they wait for company as long as it takes."""
    monkeypatch.setattr(commit_stage, "LINGER", TOO_LONG)
    monkeypatch.setattr(journal_file, "SECONDS", TOO_LONG)
    with GoodServer(FILES) as server:
        report = fetch(listed(server, FEW), Options(dir=str(tmp_path / "d"), processes=1))
    assert report.items.stored == FEW
    assert 0 < len(commits) <= FEW / BATCH + OF_A_RUN


def our_calls(folder: Path, server: GoodServer, count: int) -> int:
    """Return how many functions of ours are called in a run of so many files."""
    home = str(Path(downloader.__file__).parent)
    called = 0

    def note(frame: FrameType, event: str, _: object) -> None:
        nonlocal called
        called += event == "call" and frame.f_code.co_filename.startswith(home)

    options = Options(dir=str(folder / str(count)), processes=1, fetch_processes=1)
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        fetch(listed(server, count), options)
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return called


def test_a_file_costs_few_calls_of_ours(tmp_path: Path) -> None:
    """Some 180 were seen, and twice as many when each file walked alone."""
    with GoodServer(FILES) as server:
        few, many = (our_calls(tmp_path, server, count) for count in (FEW, MANY))
    assert (many - few) / (MANY - FEW) < 220


def calls(dl: Installed, server: GoodServer, count: int) -> int:
    """Return how many system calls a run makes for so many files."""
    folder, account = str(count), dl.folder / f"{count}.strace"
    command = [*COMMAND, "fetch", dl.write_list(listed(server, count)), "-q", "-d", folder]
    subprocess.run(
        ["strace", "-f", "-c", "-o", str(account), *command],
        cwd=dl.folder,
        env=dl.environ,
        stdout=subprocess.DEVNULL,
        timeout=2 * TOO_LONG,
        check=True,
    )
    total = re.search(r"^100\.00 +\S+ +\S+ +(\d+).* total$", account.read_text(), re.MULTILINE)
    assert total is not None
    return int(total[1])


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
def test_a_file_costs_few_system_calls(dl: Installed) -> None:
    """What a run costs by itself is the same for few files and for many."""
    with GoodServer(FILES) as server:
        few, many = calls(dl, server, FEW), calls(dl, server, MANY)
    assert (many - few) / (MANY - FEW) < 20
