from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloader.errors import DiskFailed
from downloader.storage import folders


@pytest.fixture
def top(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path, os.O_RDONLY)
    yield fd
    os.close(fd)


def test_missing_folders_are_made_only_when_asked(top: int, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        folders.open_below(top, ["a", "b"], make=False)
    os.close(folders.open_below(top, ["a", "b"], make=True))
    assert (tmp_path / "a" / "b").is_dir()


def test_a_link_on_the_way_is_named_and_not_followed(top: int, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(NotADirectoryError) as caught:
        folders.open_below(top, ["link", "made"], make=True)
    assert caught.value.filename == "link"
    assert os.listdir(tmp_path / "real") == []


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="needs /proc")
def test_no_descriptor_is_left_open(top: int, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(NotADirectoryError):
            folders.open_below(top, ["a", "..", "file"], make=True)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
def test_what_fails_every_item_stops_the_run(code: int) -> None:
    with pytest.raises(DiskFailed, match=f"cannot write a.bin: {os.strerror(code)}: "):
        folders.raise_if_stopping(OSError(code, os.strerror(code)), "a.bin")


@pytest.mark.parametrize("code", [errno.EFBIG, errno.EMFILE, errno.ENAMETOOLONG])
def test_what_fails_one_item_does_not(code: int) -> None:
    folders.raise_if_stopping(OSError(code, os.strerror(code)), "a.bin")


def test_a_folder_is_vacant_where_nothing_but_our_own_stands(tmp_path: Path) -> None:
    assert folders.is_vacant(str(tmp_path))
    assert folders.is_vacant(str(tmp_path / "missing"))
    (tmp_path / ".dl").mkdir()
    assert folders.is_vacant(str(tmp_path))
    (tmp_path / "link").symlink_to("nowhere")
    assert not folders.is_vacant(str(tmp_path))
    assert not folders.is_vacant(str(tmp_path / ("x" * 300)))
