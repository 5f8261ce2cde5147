"""Sums lines as they are written are those of the GNU tools to the byte."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from downloader.formats.sums import bsd_line, gnu_line
from downloader.models import Digest

NAMES = ["plain", " blank ", "back\\slash", "new\nline", "cr\rname", "all\\\n\r", "byte\udcff", "é"]


def gnu(folder: Path, *command: str) -> bytes:
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} on this machine")
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


def make(folder: Path) -> list[str]:
    for name in NAMES:
        (folder / name).write_bytes(b"x")
    return NAMES


def test_lines_are_those_of_sha256sum(tmp_path: Path) -> None:
    """Its escapes of backslash and line break included, and names that are not UTF-8."""
    lines = gnu(tmp_path, "sha256sum", *make(tmp_path))
    hexdigest = lines.split(b" ")[0].decode()
    assert b"".join(gnu_line(hexdigest, name) for name in NAMES) == lines


def test_lines_that_end_in_nul_are_those_of_sha256sum_zero(tmp_path: Path) -> None:
    lines = gnu(tmp_path, "sha256sum", "--zero", *make(tmp_path))
    hexdigest = lines.split(b" ")[0].decode()
    assert b"".join(gnu_line(hexdigest, name, "\0") for name in NAMES) == lines


@pytest.mark.parametrize(
    ("tool", "algorithm"), [("sha256sum", "sha256"), ("b2sum", "blake2b"), ("md5sum", "md5")]
)
def test_bsd_lines_are_those_of_the_gnu_tools(tmp_path: Path, tool: str, algorithm: str) -> None:
    lines = gnu(tmp_path, tool, "--tag", *make(tmp_path))
    digest = Digest(algorithm, lines.split(b"\n")[0].rsplit(b" ", 1)[1].decode())
    assert b"".join(bsd_line(digest, name) for name in NAMES) == lines


def test_algorithms_are_spelled_as_other_tools_spell_them() -> None:
    assert bsd_line(Digest("sha3_256", "ab"), "p") == b"SHA3-256 (p) = ab\n"
    assert bsd_line(Digest("blake3", "ab"), "p") == b"BLAKE3 (p) = ab\n"
