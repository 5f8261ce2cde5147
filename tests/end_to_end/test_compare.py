"""dl compare as a user runs it: streams, files, exit statuses, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer, Reply, Request

FILES = {f"/{name}.bin": name.encode() * 5000 for name in "abcd"}


@pytest.fixture
def server() -> Iterator[GoodServer]:
    with GoodServer(FILES) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, server: GoodServer) -> Path:
    """A folder with nothing but a list in it."""
    lines = "".join(f"{server.url(path)}\n" for path in FILES)
    (tmp_path / "urls.txt").write_text(lines)
    return tmp_path


def command(*arguments: str) -> list[str]:
    usual = ("--proxy", "", "--threads", "2", "--processes", "1", "--retries", "0")
    return [sys.executable, "-m", "downloader", "compare", *usual, *arguments]


def environment() -> dict[str, str]:
    root = str(Path(__file__).parents[2])
    return {**os.environ, "PYTHONPATH": root}


def dl(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_table_is_on_the_output_and_a_line_a_run_beside_it(folder: Path) -> None:
    done = dl(folder, "urls.txt", "--runs", "2")
    assert done.returncode == 0
    assert "4 files, 19.5 KiB, 2 pairs of runs" in done.stdout
    assert [line.split()[0] for line in done.stderr.splitlines()] == [
        *("parallel", "sequential", "sequential", "parallel")
    ]


def test_nothing_is_left_but_the_list(folder: Path) -> None:
    assert dl(folder, "urls.txt").returncode == 0
    assert os.listdir(folder) == ["urls.txt"]


def test_everything_at_once_warm_up_matrix_report_and_picture(
    folder: Path, server: GoodServer
) -> None:
    options = ("--warmup", "--matrix", "--report", "r.json", "--plot", "p.svg", "--quiet")
    done = dl(folder, "urls.txt", *options)
    report = json.loads((folder / "r.json").read_text())
    assert (done.returncode, done.stderr) == (0, "")
    assert [cell["workers"] for cell in report["matrix"]["fetch"]] == [0, 1, 2]
    assert "number of threads" in (folder / "p.svg").read_text()
    assert len(server.requests) == (1 + 2 + 3) * len(FILES)


def test_a_list_on_standard_input_is_read_once(folder: Path) -> None:
    done = dl(folder, "-", stdin=(folder / "urls.txt").read_text())
    assert (done.returncode, "4 files" in done.stdout) == (0, True)


def test_failed_items_are_named_and_give_status_1(folder: Path, server: GoodServer) -> None:
    done = dl(folder, "urls.txt", server.url("/missing"))
    assert done.returncode == 1
    assert done.stderr.count("/missing: 404") == 2
    assert "up to 1 of 5 items failed" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("urls.txt", "--runs", "0"), "--runs 0: give a whole number of at least 1"),
        (("urls.txt", "--plot", "a.pdf"), "--plot a.pdf: give a name that ends in .svg or .png"),
        (("urls.txt", "--report", "-"), "--report -: name a file"),
        (("urls.txt", "--algorithm", "sha255"), "did you mean"),
        (("none.txt",), "none.txt: no such file"),
        ((), "name a list"),
    ],
)
def test_wrong_usage_is_status_2_before_any_request(
    folder: Path, server: GoodServer, arguments: tuple[str, ...], said: str
) -> None:
    done = dl(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert server.requests == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_comparison_leaves_nothing_and_says_so(tmp_path: Path, signum: int) -> None:
    asked = threading.Event()

    def hold(_: Request) -> Reply:
        asked.set()
        return Reply(b"late", delay=30.0)

    with (
        GoodServer({"/a": hold}) as server,
        subprocess.Popen(
            command(server.url("/a")),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert asked.wait(30)
        process.send_signal(signum)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 128 + signum
    assert "interrupted" in told
    assert os.listdir(tmp_path) == []
