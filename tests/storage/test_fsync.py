"""With fsync: the data reaches the disk before its name appears, and the name before it counts."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from downloader.errors import DiskFailed
from downloader.storage.local import LocalStorage


class Disk:
    """Writes down what is synced and renamed; `error` is what it says to the n-th sync."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: list[str] = []
        self.errors: dict[int, OSError] = {}
        self._fsync, self._rename = os.fsync, os.rename
        monkeypatch.setattr(os, "fsync", self.fsync)
        monkeypatch.setattr(os, "rename", self.rename)

    def fsync(self, fd: int) -> None:
        name = os.path.basename(os.readlink(f"/proc/self/fd/{fd}"))
        is_folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        self.done.append(f"folder {name}" if is_folder else "data")
        if error := self.errors.get(len(self.done)):
            raise error
        self._fsync(fd)

    def rename(self, part: str, name: str, **folders: int) -> None:
        self.done.append(f"name {name}")
        self._rename(part, name, **folders)


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[LocalStorage]:
    with closing(LocalStorage(str(tmp_path / "top"), fsync=True)) as made:
        yield made


@pytest.fixture
def disk(storage: LocalStorage, monkeypatch: pytest.MonkeyPatch) -> Disk:
    if not os.path.exists("/proc/self/fd"):
        pytest.skip("needs /proc to tell descriptors apart")
    return Disk(monkeypatch)


def put(storage: LocalStorage, *paths: str) -> None:
    for path in paths:
        part = storage.open_part(path)
        part.write_at(0, b"data")
        part.close()
        storage.commit(part.path, path, None)
    storage.sync(paths)


def test_data_then_name_then_folder(storage: LocalStorage, disk: Disk) -> None:
    put(storage, "a.bin")
    assert disk.done == ["data", "name a.bin", "folder top"]


def test_folders_of_a_batch_are_synced_once_and_new_ones_in_theirs(
    storage: LocalStorage, disk: Disk
) -> None:
    put(storage, "h/x/a", "h/x/b", "h/c")
    assert disk.done[-3:] == ["folder top", "folder h", "folder x"]
    assert len([each for each in disk.done if each.startswith("folder")]) == 3


def test_nothing_is_synced_where_it_is_not_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    with closing(LocalStorage(str(tmp_path))) as plain:
        put(plain, "a.bin", "h/b.bin")
    assert disk.done == ["name a.bin", "name b.bin"]


@pytest.mark.parametrize("sync", [1, 3], ids=["data", "folder"])
def test_disk_that_fails_while_syncing_stops_the_run(
    storage: LocalStorage, disk: Disk, sync: int
) -> None:
    disk.errors[sync] = OSError(errno.EIO, "Input/output error")
    with pytest.raises(DiskFailed, match="check the disk"):
        put(storage, "a.bin")


def test_part_that_cannot_be_synced_gets_no_name(storage: LocalStorage, disk: Disk) -> None:
    disk.errors[1] = OSError(errno.EFBIG, "File too large")
    with pytest.raises(OSError, match="too large"):
        put(storage, "a.bin")
    assert storage.stamp("a.bin") is None


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP])
def test_file_system_that_cannot_sync_folders_is_no_fault(
    storage: LocalStorage, disk: Disk, number: int
) -> None:
    disk.errors[3] = OSError(number, "no")
    put(storage, "a.bin")
    assert storage.stamp("a.bin")


def test_folders_made_for_the_target_are_synced_in_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    LocalStorage(str(tmp_path / "x" / "y" / "top"), fsync=True).close()
    assert disk.done[:2] == ["folder y", "folder x"]
