"""The manual page says what --help says, in roff that means what it says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from downloader.cli.man import page, text
from downloader.cli.options import OPTIONS
from downloader.cli.verbs import VERBS

PACKAGE = Path(__file__).parents[2]
MACROS = {".TH", ".SH", ".SS", ".TP", ".PP", ".nf", ".fi"}


def test_it_has_every_verb_and_every_option() -> None:
    lines = page().splitlines()
    assert [f'.SS "dl {row.name}"' in lines for row in VERBS] == [True] * len(VERBS)
    for option in OPTIONS:
        wanted = [rf"\fB{text(name)}\fR" for name in option.names]
        assert any(all(name in line for name in wanted) for line in lines)


def test_nothing_of_the_words_is_a_request() -> None:
    requests = {line.split()[0] for line in page().splitlines() if line[:1] in (".", "'")}
    assert requests == MACROS
    assert text(".TH 'a\\b'") == r"\&.TH \(aqa\eb\(aq"


def test_it_is_the_same_on_every_machine() -> None:
    assert "[CPUs this process may use]" in page()


def test_making_it_needs_no_package(tmp_path: Path) -> None:
    """It is made where the package is built, before anything is installed."""
    if not (PACKAGE / "downloader").is_dir():
        pytest.skip("the tests stand beside a wheel")
    command = [sys.executable, "-S", "-m", "downloader.cli.man"]
    done = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=True)
    assert done.stdout == page()


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not there")
def test_mandoc_finds_no_fault_but_the_missing_date() -> None:
    command = ["mandoc", "-T", "lint", "-W", "warning"]
    found = subprocess.run(command, input=page(), capture_output=True, text=True, check=False)
    assert [each for each in found.stdout.splitlines() if "missing date" not in each] == []


@pytest.mark.skipif(not shutil.which("man"), reason="man is not there")
def test_man_shows_an_option_as_it_is_typed(tmp_path: Path) -> None:
    path = tmp_path / "dl.1"
    path.write_text(page())
    command = ["man", "--warnings", "-l", str(path)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stderr == ""
    assert re.search(r"-d, --dir DIR\n", re.sub(".\b", "", shown.stdout))
