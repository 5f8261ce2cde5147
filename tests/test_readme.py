"""What the README and docs/ show is so: Python runs, commands exist, links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer

from downloader.inputs import LIST_FORMATS

PACKAGE = Path(__file__).parents[1] / "downloader"
HOME = Path(__file__).parents[1]
README = (HOME / "README.md").read_text()
DOCS = {path.name: path.read_text() for path in sorted((HOME / "docs").glob("*.md"))}
ALL = "\n".join([README, *DOCS.values()])
PYTHON = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SHELL = re.findall(r"^```sh\n(.*?)^```", ALL, re.MULTILINE | re.DOTALL)
COMMANDS = sorted(
    set(re.findall(r"\bdl (fetch|hash|verify|compare|demo)\b([^|>#\n]*)", "".join(SHELL)))
)


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
    table = DOCS["design.md"].partition("| room |")[2].partition("\n\n")[0]
    named = re.findall(r"`([a-z_]+(?:/|\.py))`", table)
    modules = [path.name for path in PACKAGE.glob("[!_]*.py")]
    folders = [f"{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")]
    assert sorted(named) == sorted(modules + folders)


def test_the_quick_start_is_two_commands() -> None:
    assert len(SHELL[0].strip().splitlines()) == 2


def test_it_begins_with_what_it_is_and_how_to_try_it() -> None:
    title, words, heading = README.split("\n\n")[:3]
    assert (title, heading) == ("# dl", "## Quick start")
    assert len(re.findall(r"[.](?=\s|$)", words)) == 2


def anchors(text: str) -> set[str]:
    """Return the names that headings have as targets of links."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{name}" for name in DOCS)])
def test_its_links_lead_somewhere(page: str) -> None:
    text = (HOME / page).read_text()
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)", text):
        path = (HOME / page).parent / target if target else HOME / page
        assert path.exists(), target
        assert not anchor or anchor in anchors(path.read_text()), anchor


def test_every_list_format_is_told_of() -> None:
    table = DOCS["lists.md"].partition("| format |")[2].partition("\n\n")[0]
    assert {name for name in LIST_FORMATS if f"`{name}`" not in table} == set()
