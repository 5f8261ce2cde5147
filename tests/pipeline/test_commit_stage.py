"""What has appeared is told only once its name is as safe as is wanted."""

from __future__ import annotations

import errno
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from pipeline_rig import Rig

from downloader.errors import DiskFailed
from downloader.models import FileStat
from downloader.storage.local import LocalStorage


class Slow(LocalStorage):
    """Writes down what appears and what is synced; `error` is what it says to a sync."""

    def __init__(self, root: str) -> None:
        super().__init__(root)
        self.appeared: list[str] = []
        self.synced: list[str] = []
        self.error: Exception | None = None

    def commit(self, part: str, path: str, replaces: FileStat | None) -> FileStat:
        self.appeared.append(path)
        return super().commit(part, path, replaces)

    def sync(self, paths: Iterable[str]) -> None:
        self.synced += paths
        if self.error:
            raise self.error


@pytest.fixture
def slow(tmp_path: Path) -> Slow:
    return Slow(str(tmp_path))


def rig_on(slow: Slow, tmp_path: Path) -> Rig:
    rig = Rig(tmp_path)
    rig.storage.close()
    rig.storage = rig.fetcher._storage = slow
    return rig


def test_files_are_told_after_they_were_synced(slow: Slow, tmp_path: Path) -> None:
    with closing(rig_on(slow, tmp_path)) as rig:
        unsynced: list[str] = []
        rig.told.on_finished = lambda done: unsynced.extend(set(slow.appeared) - set(slow.synced))
        rig.run(*"abcdef")
        assert sorted(slow.synced) == [*"abcdef"]
        assert unsynced == []


def test_file_that_cannot_be_synced_has_failed(slow: Slow, tmp_path: Path) -> None:
    slow.error = OSError(errno.EFBIG, "no")
    with closing(rig_on(slow, tmp_path)) as rig:
        assert rig.run("a", "b") == {1: "disk", 2: "disk"}
        assert set(rig.ledger.stamps.values()) == {None}


def test_disk_that_fails_while_syncing_stops_the_run(slow: Slow, tmp_path: Path) -> None:
    slow.error = DiskFailed("the disk is broken")
    with closing(rig_on(slow, tmp_path)) as rig:
        with pytest.raises(DiskFailed, match="broken"):
            rig.run("a")
        assert rig.told.summary() == {1: "disk"}
