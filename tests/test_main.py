"""The entry point: light, and the same however it is called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[1])


def test_main_ends_the_process_with_the_commands_status() -> None:
    """In a process of its own: it ends this way even where threads are stuck."""
    command = [sys.executable, "-m", "downloader", "--version"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("dl ")


def imported_by(code: str) -> set[str]:
    """Return the names of the modules that a fresh interpreter has after the code."""
    code += "\nimport sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


def test_importing_the_main_module_brings_next_to_nothing() -> None:
    """A spawned hash worker imports it again."""
    assert not imported_by("import downloader.__main__") & {
        *("typer", "requests", "tqdm", "downloader.cli", "downloader.api")
    }


@pytest.mark.parametrize("arguments", [["--version"], ["fetch", "--help"], ["fetch", "-t", "x"]])
def test_what_fetches_nothing_does_not_wait_for_what_fetching_needs(arguments: list[str]) -> None:
    code = f"from downloader.cli.app import app\ntry: app({arguments})\nexcept SystemExit: pass"
    loaded = imported_by(code)
    assert "typer" in loaded
    assert not loaded & {"requests", "urllib3", "tqdm", "rich", "pydantic", "downloader.api"}
