"""--fsync: data, name and folder reach the disk in this order, before an item is told."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from good import GoodServer
from installed import COMMAND, Installed

TRACED = "trace=fsync,fdatasync,rename,renameat,renameat2,write"
UNFINISHED = " <unfinished ...>"
CALL = re.compile(r"(fsync|rename\w*|write)\((\d+)?(?:<([^>]*)>)?(.*)\) = (-?\d+)")


def can_trace() -> bool:
    strace = shutil.which("strace")
    return (
        bool(strace)
        and not subprocess.run(
            [str(strace), "-o", "/dev/null", "true"], capture_output=True, check=False
        ).returncode
    )


pytestmark = pytest.mark.skipif(not can_trace(), reason="strace is not there, or may not trace")


def traced(dl: Installed, *arguments: str) -> Iterator[str]:
    """Run the command; yield what it did to its target, in order."""
    log = dl.folder / "log"
    line = ["strace", "-f", "-y", "-s", "200", "-e", TRACED, "-o", str(log), *COMMAND, *arguments]
    done = subprocess.run(
        line, cwd=dl.folder, env=dl.environ, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    for match in map(CALL.search, whole(log.read_text(errors="replace").splitlines())):
        if match is None or match[5].startswith("-"):
            continue
        call, number, path = match[1], match[2], Path(match[3] or "")
        if call == "fsync" and path.suffix == ".part":
            yield "data"
        elif call == "fsync" and path.name == "downloads":
            yield "folder"
        elif call.startswith("rename") and "a.bin" in match[4]:
            yield "name"
        elif call == "write" and number == "1" and "a.bin" in match[4]:
            yield "told"


def whole(lines: Iterable[str]) -> Iterator[str]:
    """Put calls together, at their ends, that another thread's call cut in two."""
    begun: dict[str, str] = {}
    for line in lines:
        pid = line.partition(" ")[0]
        if line.endswith(UNFINISHED):
            begun[pid] = line.removesuffix(UNFINISHED)
        elif pid in begun and " resumed>" in line:
            yield begun.pop(pid) + line.partition(" resumed>")[2]
        else:
            yield line


def unrepeated(steps: Iterator[str]) -> list[str]:
    found: list[str] = []
    for step in steps:
        if found[-1:] != [step]:
            found.append(step)
    return found


@pytest.mark.parametrize("mode", [(), ("--sequential",)])
def test_data_then_name_then_folder_then_record(dl: Installed, mode: tuple[str, ...]) -> None:
    with GoodServer({"/a.bin": b"x" * 100_000}) as server:
        steps = unrepeated(traced(dl, "fetch", "--fsync", server.url("/a.bin"), *mode))
    assert steps[-4:] == ["data", "name", "folder", "told"]


def test_without_it_nothing_is_waited_for(dl: Installed) -> None:
    with GoodServer({"/a.bin": b"x"}) as server:
        steps = unrepeated(traced(dl, "fetch", server.url("/a.bin")))
    assert steps == ["name", "told"]
