"""The command as it is installed, run in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SCRIPT = Path(sys.executable).with_name("dl")
ROOT = Path(__file__).parents[2]
COMMAND = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "downloader"]
# Seconds after which a run that does not end has failed its test.
TOO_LONG = 60.0

Done = subprocess.CompletedProcess[bytes]


class Running(subprocess.Popen[bytes]):
    """A process that does not outlive its `with` block where a test fails in it."""

    def __exit__(self, kind: Any, *others: Any) -> None:
        if kind is not None:
            self.kill()
        super().__exit__(kind, *others)


class Installed:
    """Runs `dl` in `folder`, in an environment without what a user may have set."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        foreign = ("DL_", "NO_COLOR", "COLUMNS", "LC_", "LANG", "PYTHON")
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(foreign) and not name.lower().endswith("_proxy")
        }
        self.environ |= {"LC_ALL": "C.UTF-8", "DL_PROCESSES": "1"}
        if (ROOT / "downloader").is_dir():  # else the tests stand alone, beside a wheel
            self.environ["PYTHONPATH"] = str(ROOT)

    def begin(
        self, *arguments: str | bytes, env: dict[str, str] | None = None, **streams: Any
    ) -> Running:
        """Begin a run; its output and errors are pipes where nothing else is said."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
        command = [*COMMAND, *arguments]
        return Running(command, cwd=self.folder, env=self.environ | (env or {}), **streams)

    def begin_python(self, code: str) -> Running:
        """Begin a line of Python that has the package."""
        return Running(
            [sys.executable, "-c", code],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(
        self,
        *arguments: str | bytes,
        given: bytes = b"",
        env: dict[str, str] | None = None,
        **streams: Any,
    ) -> Done:
        """Run it to its end, with `given` on its standard input."""
        streams = {"stdin": subprocess.PIPE, **streams}
        with self.begin(*arguments, env=env, **streams) as process:
            out, err = process.communicate(given or None, TOO_LONG)
        return Done(process.args, process.returncode, out or b"", err or b"")

    def shell(self, line: str) -> Done:
        """Run a line of bash, in which $DL is the command."""
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.environ | {"DL": " ".join(COMMAND)},
            capture_output=True,
            timeout=TOO_LONG,
            check=False,
        )

    def python(self, code: str, env: dict[str, str], *arguments: str) -> Done:
        """Run Python code that has the package."""
        return self._interpreter("-c", code, *arguments, env=env)

    def module(self, *arguments: str) -> Done:
        """Run the package as a module."""
        return self._interpreter("-m", "downloader", *arguments, env={})

    def _interpreter(self, *arguments: str, env: dict[str, str]) -> Done:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environ | env,
            capture_output=True,
            timeout=TOO_LONG,
            check=False,
        )

    def write_list(self, urls: Sequence[str], name: str = "urls.txt") -> str:
        """Write a list; return its name."""
        (self.folder / name).write_text("".join(f"{url}\n" for url in urls))
        return name

    def files(self, folder: str = "downloads") -> dict[str, bytes]:
        """Return what stands in a target folder, without what is the tool's own."""
        top = self.folder / folder
        found = [path for path in top.rglob("*") if path.is_file()]
        relative = {str(path.relative_to(top)): path.read_bytes() for path in found}
        return {name: data for name, data in relative.items() if not name.startswith(".dl/")}

    def parts(self, folder: str = "downloads") -> list[str]:
        """Return what is left of files that did not get finished."""
        return os.listdir(self.folder / folder / ".dl" / "parts")
