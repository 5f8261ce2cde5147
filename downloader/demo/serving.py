"""The demonstration's server in a process of its own, and what it says that it serves."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from downloader.demo import server
from downloader.errors import LocalError

# Seconds that the server gets to end by itself.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Served:
    """What the server serves, and where: URLs with the SHA-256 that the server computed."""

    digests: Mapping[str, str]
    bytes: int


@contextmanager
def serving() -> Iterator[Served]:
    """Run the server in a process of its own, deaf to the terminal's Ctrl-C: we end it ourselves.

    Raises `LocalError` if it cannot be started.
    """
    command = [sys.executable, "-I", server.__file__]
    with _started(command) as process:
        try:
            assert process.stdout is not None
            yield served_by(process.stdout.readline())
        finally:
            _end(process)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise LocalError(f"the server of the demonstration did not start: {error}") from error


def served_by(line: bytes) -> Served:
    """Read the line that the server printed; raises `LocalError` if there is none."""
    try:
        told = json.loads(line)
    except ValueError:
        raise LocalError("the server of the demonstration did not start") from None
    base = f"http://127.0.0.1:{told['port']}"
    digests = {base + file["path"]: file["sha256"] for file in told["files"]}
    return Served(digests, sum(file["size"] for file in told["files"]))


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
