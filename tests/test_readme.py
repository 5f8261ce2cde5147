"""What the README shows is so: its Python runs, its commands exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer

PACKAGE = Path(__file__).parents[1] / "downloader"
README = (Path(__file__).parents[1] / "README.md").read_text()
PYTHON = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHELL = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = sorted(set(re.findall(r"\bdl (fetch|hash|compare|demo)\b([^|>#\n]*)", "".join(SHELL))))


@pytest.fixture
def server() -> Iterator[GoodServer]:
    with GoodServer({"/a.bin": b"a" * 1000, "/b.bin": b"b" * 2000}) as server:
        yield server


@pytest.mark.parametrize("code", PYTHON, ids=range(len(PYTHON)))
def test_its_python_runs(code: str, server: GoodServer, tmp_path: Path) -> None:
    (tmp_path / "urls.txt").write_text(server.url("/b.bin") + "\n")
    code = code.replace("https://example.org", server.url(""))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "downloads" / "b.bin").read_bytes() == b"b" * 2000


@pytest.mark.parametrize(("verb", "arguments"), COMMANDS, ids=str)
def test_its_commands_have_their_options(verb: str, arguments: str) -> None:
    command = [sys.executable, "-m", "downloader", verb, "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wanted = re.findall(r"(?<=\s)-{1,2}[a-zA-Z0][a-z-]*", arguments)
    assert [option for option in wanted if not re.search(rf"{option}[ ,\n]", told)] == []


def test_its_table_of_rooms_names_every_room() -> None:
    table = README.partition("| room |")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z_]+(?:/|\.py))`", table)
    modules = [path.name for path in PACKAGE.glob("[!_]*.py")]
    folders = [f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")]
    assert sorted(named) == sorted(modules + folders)


def test_the_quick_start_is_two_commands() -> None:
    assert len(SHELL[0].strip().splitlines()) == 2
