"""What figures depend on: programs and their versions, the machine, the file systems."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from clients import Client, cores

MOUNTS = Path("/proc/mounts")
NUMBER = re.compile(r"\d+(?:\.\w+)+")
TOOLS = {"nginx": "nginx -v", "sha256sum": "sha256sum --version", "openssl": "openssl version"}


def version(line: str) -> str:
    """Return the first version number that a command line prints; raises `ValueError` if none."""
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    found = NUMBER.search(done.stdout + done.stderr)
    if done.returncode or not found:
        raise ValueError(f"this does not run: {line}")
    return found[0]


def versions(clients: Sequence[Client]) -> str:
    """Return the versions of clients and tools, as a sentence."""
    lines = {each.name: f"{each.program} --version" for each in clients if each.installed()}
    told = [f"{name} {version(line)}" for name, line in (lines | TOOLS).items()]
    told += [f"{each.name} is not installed" for each in clients if not each.installed()]
    return ", ".join(told)


def machine() -> str:
    """Return cores, kernel, Python and load, as a sentence."""
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{cores()} cores ({model()}), {system}, load {os.getloadavg()[0]:.1f}"


def model() -> str:
    """Return the name of the processor."""
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found[1] if found else platform.machine()


def file_system(folder: Path) -> str:
    """Return the kind of file system that a folder is on, as Linux names it."""
    if not MOUNTS.exists():
        return "not known"
    mounts = [line.split() for line in MOUNTS.read_text().splitlines()]
    there = [mount for mount in mounts if folder.is_relative_to(mount[1])]
    return max(there, key=lambda mount: len(mount[1]))[2]
