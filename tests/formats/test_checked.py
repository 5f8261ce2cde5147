"""What a check found is worded as `sha256sum --check` words it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from downloader.formats import Shape, Write
from downloader.formats.checked import paths_of_wrong, writer, writer_of_wrong
from downloader.models import Failure, Outcome

NAMES = ["plain", "back\\slash", "new\nline", "cr\rname", "all\\\n\r", "byte\udcff", "é"]


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")
def test_lines_are_those_of_sha256sum(tmp_path: Path) -> None:
    """A name is escaped only if it holds a line end."""
    for name in NAMES:
        (tmp_path / name).write_bytes(b"x")
    command = ["sha256sum", *NAMES]
    sums = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout
    command = ["sha256sum", "--check"]
    told = subprocess.run(command, cwd=tmp_path, input=sums, capture_output=True, check=True)
    write = writer(Shape(()))
    assert b"".join(write(Outcome("ok", path=name)) for name in NAMES) == told.stdout


def test_each_way_has_its_word() -> None:
    write = writer(Shape(()))
    assert write(Outcome("missing", path="a")) == b"a: MISSING\n"
    assert write(Outcome("extra", path="a")) == b"a: EXTRA\n"
    assert write(Outcome("failed", path="a", error=Failure("checksum", ""))) == b"a: FAILED\n"
    unread = Outcome("failed", path="a", error=Failure("disk", ""))
    assert write(unread) == b"a: FAILED open or read\n"


def test_nul_makes_escapes_needless() -> None:
    assert writer(Shape((), "\0"))(Outcome("ok", path="a\nb")) == b"a\nb: OK\0"


@pytest.mark.parametrize("make", [writer_of_wrong, paths_of_wrong])
def test_of_what_is_wrong_alone_a_right_file_has_no_line(
    make: Callable[[Shape], Write],
) -> None:
    write = make(Shape(()))
    assert write(Outcome("ok", path="a")) == b""
    assert write(Outcome("missing", path="a")).startswith(b"a")
