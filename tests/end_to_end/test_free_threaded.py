"""On an interpreter without a global lock everything works, and the report says so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from good import GoodServer
from installed import Installed

NEWER = [f"python3.{minor}t" for minor in range(13, 20)]
NEEDED = "import requests, typer, httptools, tqdm, idna, truststore"


def free_threaded() -> str | None:
    """Return an interpreter without a global lock that has the packages that are needed."""
    own = sys.executable if sysconfig.get_config_var("Py_GIL_DISABLED") else None
    for found in filter(None, (own, *map(shutil.which, NEWER))):
        if subprocess.run([found, "-c", NEEDED], capture_output=True, check=False).returncode == 0:
            return found
    return None


def test_a_run_says_that_there_is_no_global_lock(tmp_path: Path) -> None:
    python = free_threaded()
    if python is None:
        pytest.skip("no free-threaded interpreter with the packages is here")
    options = ("-v", "--report", "report.json", "--format", "none", "--proxy", "")
    with GoodServer({"/a": b"a"}) as server:
        done = subprocess.run(
            [python, "-X", "gil=0", "-m", "downloader", "fetch", server.url("/a"), *options],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            timeout=60,
            check=False,
        )
    assert json.loads((tmp_path / "report.json").read_text())["gil"] is False
    assert b"off: threads run side by side" in done.stderr


def test_the_report_says_what_the_interpreter_says(dl: Installed) -> None:
    ask = getattr(sys, "_is_gil_enabled", lambda: True)
    with GoodServer({"/a": b"a"}) as server:
        dl("fetch", server.url("/a"), "--report", "report.json")
    assert json.loads((dl.folder / "report.json").read_text())["gil"] is ask()
