"""Throw-away folders stand on the target's file system and do not stay."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from downloader.errors import DiskFailed
from downloader.storage.throwaway import beside, work_folder


def test_the_folder_is_beside_the_target_which_may_be_missing(tmp_path: Path) -> None:
    assert beside(str(tmp_path / "a" / "b" / "c")) == str(tmp_path)


def test_the_root_of_a_file_system_is_used_itself() -> None:
    assert beside("/") == "/"


def test_a_link_is_followed_to_the_file_system_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "far" / "target").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "far" / "target")
    assert beside(str(tmp_path / "link")) == str(tmp_path / "far")


def test_the_folder_is_removed_with_all_in_it_whatever_happens(tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), work_folder(str(tmp_path / "target")) as folder:
        Path(folder, "file").touch()
        raise KeyboardInterrupt
    assert os.listdir(tmp_path) == []


def test_a_place_where_no_folder_can_be_made_is_named() -> None:
    with pytest.raises(DiskFailed, match="cannot make a folder in /proc"), work_folder("/proc/x/y"):
        pass
