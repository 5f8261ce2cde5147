"""The target is held for one run, and left as its parts of earlier runs deserve."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from downloader.assemble.folder import open_folder, storage_of
from downloader.errors import FolderInUse
from downloader.models import Job, ResumePoint, UrlItem
from downloader.options import Options
from downloader.reporters import Silent
from downloader.storage.local import LocalStorage


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[LocalStorage]:
    with closing(LocalStorage(str(tmp_path))) as storage:
        yield storage


def part_of_an_earlier_run(storage: LocalStorage) -> Path:
    """Leave a part that can be continued."""
    proof = ResumePoint(4, 9, '"tag"')
    with open_folder(storage, Options(), Silent()) as journal:
        part = storage.open_part("a.bin", proof.version)
        part.write_at(0, b"half")
        part.close()
        journal.note(Job(UrlItem("http://h/a"), "http://h/a", "a.bin"), proof)
    return Path(part.path)


def test_a_storage_is_held_by_one_run(storage: LocalStorage) -> None:
    def opened() -> AbstractContextManager[object]:
        return open_folder(storage, Options(), Silent())

    with opened(), pytest.raises(FolderInUse), opened():
        pass


@pytest.mark.parametrize("continues", [True, False])
def test_parts_stay_for_a_run_that_continues(storage: LocalStorage, continues: bool) -> None:
    part = part_of_an_earlier_run(storage)
    with open_folder(storage, Options(continue_=continues), Silent()) as journal:
        assert (part.exists(), len(journal.parts())) == (continues, int(continues))


def test_a_callers_storage_stays_open(storage: LocalStorage) -> None:
    with storage_of(Options(), storage) as plugged:
        assert plugged is storage
    assert storage.stamp("a.bin") is None
