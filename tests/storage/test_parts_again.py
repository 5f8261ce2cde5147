"""Parts that earlier tries or runs left: continued only where they are ours and long enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from downloader.storage.local import LocalStorage

STORED = b"0123456789"


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[LocalStorage]:
    with closing(LocalStorage(str(tmp_path / "target"))) as storage:
        yield storage


def left(storage: LocalStorage, version: str = "v") -> Path:
    """Leave a part behind, as a run that was killed does."""
    part = storage.open_part("a.bin", version)
    part.write_at(0, STORED)
    part.close()
    return Path(part.path)


def test_a_part_goes_on_behind_what_is_kept(storage: LocalStorage) -> None:
    path = left(storage)
    assert storage.part_size("a.bin", "v") == 10
    part = storage.reopen_part("a.bin", "v", 4)
    assert part is not None
    part.write_at(4, b"new")
    part.sync()
    part.close()
    assert path.read_bytes() == b"0123new"


@pytest.mark.parametrize("keep", [0, 11])
def test_a_part_that_is_too_short_is_none(storage: LocalStorage, keep: int) -> None:
    path = left(storage)
    assert storage.reopen_part("a.bin", "v", keep) is None
    assert path.read_bytes() == STORED


def test_another_version_of_the_body_has_a_part_of_its_own(storage: LocalStorage) -> None:
    left(storage)
    assert storage.reopen_part("a.bin", "w", 4) is None
    assert storage.part_size("a.bin", "w") == 0
    assert left(storage, "w") != left(storage, "v")


def link(path: Path) -> None:
    path.rename(path.with_suffix(".other"))
    path.symlink_to(path.with_suffix(".other"))


def twin(path: Path) -> None:
    os.link(path, path.with_suffix(".other"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("change", [link, twin, pipe, folder, Path.unlink])
def test_what_is_no_file_of_our_own_is_never_written(
    storage: LocalStorage, change: Callable[[Path], None]
) -> None:
    path = left(storage)
    change(path)
    assert storage.part_size("a.bin", "v") == 0
    assert storage.reopen_part("a.bin", "v", 4) is None
    if path.with_suffix(".other").exists():
        assert path.with_suffix(".other").read_bytes() == STORED


def test_sweeping_spares_the_parts_that_are_named(storage: LocalStorage, tmp_path: Path) -> None:
    kept, gone = left(storage), left(storage, "w")
    storage.sweep([("a.bin", "v"), ("b.bin", "v")])
    assert (kept.exists(), gone.exists()) == (True, False)
    storage.sweep()
    assert not kept.exists()
