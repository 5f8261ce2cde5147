"""The package's face: exact, and free until it is used."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import downloader

ROOT = Path(__file__).parents[1]
HEAVY = {"requests", "urllib3", "typer", "tqdm", "sqlite3", "multiprocessing", "ssl", "matplotlib"}
BASE = (
    "import sys, threading; before = set(sys.modules); {code};"
    "print(*(set(sys.modules) - before)); print(threading.active_count())"
)


def after(code: str) -> tuple[set[str], int]:
    """Return the modules that code imports in a fresh interpreter, and the threads that run."""
    command = [sys.executable, "-S", "-c", BASE.format(code=code)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    names, threads = done.stdout.splitlines()
    return set(names.split()), int(threads)


def test_importing_the_package_imports_nothing_else_and_starts_nothing() -> None:
    imported, threads = after("import downloader")
    assert {name for name in imported if name.startswith("downloader")} == {"downloader"}
    assert not imported & HEAVY
    assert threads == 1


@pytest.mark.parametrize("name", ["Options", "UrlItem", "Digest", "Outcome", "UsageError", "Stop"])
def test_a_value_brings_no_package_along(name: str) -> None:
    imported, threads = after(f"from downloader import {name}")
    assert not imported & HEAVY
    assert threads == 1


def test_a_spawned_worker_imports_little() -> None:
    """Every hash process pays for this."""
    imported, _ = after("import downloader.executors.worker, downloader.hashing")
    ours = {name for name in imported if name.startswith("downloader")}
    assert ours == {
        *("downloader", "downloader.errors", "downloader.hashing"),
        *("downloader.executors", "downloader.executors.worker"),
    }
    assert not imported & (HEAVY - {"multiprocessing"})


def test_the_names_are_these_and_no_others() -> None:
    assert sorted(downloader.__all__) == list(downloader.__all__)
    assert len(set(downloader.__all__)) == len(downloader.__all__)
    assert {"fetch", "hash_files", "compare", "Options", "UrlItem", "Digest"} <= set(
        downloader.__all__
    )


@pytest.mark.parametrize("name", downloader.__all__)
def test_every_name_leads_to_what_is_called_so(name: str) -> None:
    value = getattr(downloader, name)
    assert getattr(value, "__name__", name) == name
    assert getattr(downloader, name) is value


def test_type_checkers_see_the_same_names() -> None:
    """They are listed a second time, for those who do not run the code."""
    tree = ast.parse((ROOT / "downloader" / "__init__.py").read_text())
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert sorted(seen) == list(downloader.__all__)
    for name, module in seen.items():
        assert downloader._HOME_OF[name] == module


def test_names_are_listed_for_those_who_explore() -> None:
    assert set(downloader.__all__) <= set(dir(downloader))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'fetsch'"):
        downloader.fetsch  # noqa: B018  looking it up is the test


def test_everything_can_be_imported_at_once() -> None:
    imported, threads = after("from downloader import Options, Outcome, Report")
    assert "downloader.options" in imported
    assert threads == 1


def test_nothing_of_the_library_prepares_the_process_for_itself() -> None:
    """No logging is set up, no signal taken, no thread and no pool started."""
    code = (
        "import signal, logging; taken = signal.getsignal(signal.SIGINT);"
        "from downloader import fetch;"
        "assert signal.getsignal(signal.SIGINT) is taken; assert not logging.root.handlers"
    )
    command = [sys.executable, "-c", BASE.format(code=code)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == "1"
