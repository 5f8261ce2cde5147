"""The file of --report is there when it is complete, and not before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO

import pytest

from downloader.cli.report_file import report_file
from downloader.errors import LocalError, UsageError


def write_new(stream: TextIO) -> None:
    stream.write("new")


def test_nothing_is_there_until_the_report_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with report_file(str(path)) as keep:
        assert path.read_text() == "old"
        keep(write_new)
        assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["report.json"]


def test_without_a_report_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), report_file(str(tmp_path / "report.json")):
        raise RuntimeError
    assert os.listdir(tmp_path) == []


def test_a_link_stays_one_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    with report_file(str(tmp_path / "link")) as keep:
        keep(write_new)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


@pytest.mark.parametrize("path", ["-", "", ".", "no/such/folder", "a\0b"])
def test_what_cannot_be_written_is_found_before_the_run(path: str) -> None:
    with pytest.raises(UsageError, match="--report"), report_file(path):
        raise AssertionError("the run was begun")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full on this system")
def test_a_disk_that_is_full_stops_with_a_sentence() -> None:
    with (
        pytest.raises(LocalError, match="no space left"),
        report_file("/dev/full") as keep,
    ):
        keep(write_new)


def test_no_path_means_no_file() -> None:
    with report_file(None) as keep:
        keep(lambda stream: pytest.fail("nothing was asked for"))
