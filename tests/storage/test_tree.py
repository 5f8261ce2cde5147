"""Files that are to be checked are found below their folder, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from downloader.models import Failure
from downloader.storage.tree import Trees, below


@pytest.fixture
def top(tmp_path: Path) -> str:
    (tmp_path / "top" / "sub").mkdir(parents=True)
    (tmp_path / "top" / "sub" / "file").write_text("four")
    (tmp_path / "outside").write_text("secret")
    return str(tmp_path / "top")


def kind(root: str | None, name: str) -> str | int | None:
    found = Trees().look(below(root, name), root)
    return found.kind if isinstance(found, Failure) else found


def test_a_file_has_a_size_and_a_missing_one_none(top: str) -> None:
    assert kind(top, "sub/file") == 4
    assert kind(top, "sub/none") is None
    assert kind(top, "sub/file/none") is None


@pytest.mark.parametrize("name", ["../outside", "sub/../../outside", "link", "folder/outside"])
def test_nothing_outside_is_looked_at(top: str, tmp_path: Path, name: str) -> None:
    (tmp_path / "top" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "top" / "folder").symlink_to(tmp_path)
    assert kind(top, name) == "refused"
    assert kind(top, str(tmp_path / "outside")) == "refused"


def test_a_link_within_the_folder_is_followed(top: str, tmp_path: Path) -> None:
    (tmp_path / "top" / "link").symlink_to("sub/file")
    (tmp_path / "top" / "folder").symlink_to("sub")
    assert (kind(top, "link"), kind(top, "folder/file")) == (4, 4)


def test_what_is_no_file_is_refused(top: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "top" / "pipe")
    assert (kind(top, "sub"), kind(top, "pipe"), kind(top, "a\0")) == (
        *("refused", "refused"),
        "name",
    )


def test_without_a_folder_paths_are_taken_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("four")
    (tmp_path / "link").symlink_to("file")
    assert kind(None, str(tmp_path / "link")) == 4
