"""What every row of the storage table promises."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from downloader.errors import FolderInUse
from downloader.models import FileStat
from downloader.protocols import Storage
from downloader.registry import load
from downloader.state.journal import Journal
from downloader.storage import STORAGES


@pytest.fixture(params=sorted(STORAGES))
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    made: Any = load(STORAGES[request.param])(str(tmp_path / "target"))
    with closing(made):
        yield made


def put(storage: Storage, path: str, data: bytes, replaces: FileStat | None = None) -> FileStat:
    part = storage.open_part(path)
    part.write_at(0, data)
    part.close()
    return storage.commit(part.path, path, replaces)


def read(storage: Storage, path: str) -> bytes:
    return Path(storage.shown(path)).read_bytes()


def test_nothing_appears_without_a_commit(storage: Storage) -> None:
    part = storage.open_part("a.bin")
    part.write_at(0, b"data")
    part.close()
    assert storage.stamp("a.bin") is None


def test_a_closed_part_can_be_read_by_its_path(storage: Storage) -> None:
    part = storage.open_part("a.bin")
    part.write_at(0, b"data")
    part.close()
    assert Path(part.path).read_bytes() == b"data"


def test_a_closed_part_has_the_stat_of_what_appears(storage: Storage) -> None:
    part = storage.open_part("a.bin")
    part.write_at(0, b"data")
    stat = part.close()
    assert part.close() == stat
    assert storage.commit(part.path, "a.bin", None) == stat


def test_a_part_that_is_written_at_once_is_that_of_its_path(storage: Storage) -> None:
    part, stat = storage.write_part("a.bin", memoryview(b"data"))
    assert Path(part).read_bytes() == b"data"
    assert storage.stamp("a.bin") is None
    assert part == storage.open_part("a.bin").path
    assert stat.size == 4


def test_a_part_that_is_written_at_once_can_be_committed(storage: Storage) -> None:
    part, stat = storage.write_part("a.bin", memoryview(b"data"))
    assert storage.commit(part, "a.bin", None) == stat
    assert read(storage, "a.bin") == b"data"


@pytest.mark.parametrize("path", ["a.bin", "host/folder/ü.bin"])
def test_a_committed_part_stands_at_its_final_path(storage: Storage, path: str) -> None:
    stamp = put(storage, path, b"data")
    assert read(storage, path) == b"data"
    assert storage.stamp(path) == stamp
    assert stamp.size == 4


def test_a_path_below_a_missing_folder_is_free(storage: Storage) -> None:
    assert storage.stamp("no/such/file") is None


def test_pieces_may_be_written_in_any_order_and_of_any_bytes_type(storage: Storage) -> None:
    part = storage.open_part("a.bin")
    part.write_at(4, bytearray(b"ef"))
    part.write_at(2, memoryview(b"cd"))
    part.write_at(0, b"ab")
    part.write_at(6, b"")
    part.close()
    storage.commit(part.path, "a.bin", None)
    assert read(storage, "a.bin") == b"abcdef"


def test_a_truncated_part_holds_only_what_is_written_afterwards(storage: Storage) -> None:
    part = storage.open_part("a.bin")
    part.write_at(0, b"long and old")
    part.truncate()
    part.write_at(0, b"new")
    part.close()
    storage.commit(part.path, "a.bin", None)
    assert read(storage, "a.bin") == b"new"


def test_a_part_begins_empty_also_after_an_abandoned_one(storage: Storage) -> None:
    abandoned = storage.open_part("a.bin")
    abandoned.write_at(0, b"long and old")
    abandoned.close()
    put(storage, "a.bin", b"new")
    assert read(storage, "a.bin") == b"new"


def test_closing_a_part_twice_is_no_error(storage: Storage) -> None:
    part = storage.open_part("a.bin")
    part.close()
    part.close()


def test_an_expected_file_is_replaced(storage: Storage) -> None:
    old = put(storage, "a.bin", b"old")
    put(storage, "a.bin", b"new", replaces=old)
    assert read(storage, "a.bin") == b"new"


def test_an_expected_file_may_be_gone(storage: Storage) -> None:
    old = put(storage, "a.bin", b"old")
    Path(storage.shown("a.bin")).unlink()
    put(storage, "a.bin", b"new", replaces=old)
    assert read(storage, "a.bin") == b"new"


def test_a_file_that_appeared_meanwhile_stays(storage: Storage) -> None:
    put(storage, "a.bin", b"theirs")
    with pytest.raises(FileExistsError, match=r"a\.bin appeared or was changed"):
        put(storage, "a.bin", b"ours")
    assert read(storage, "a.bin") == b"theirs"


def test_a_file_that_was_changed_meanwhile_stays(storage: Storage) -> None:
    old = put(storage, "a.bin", b"old")
    Path(storage.shown("a.bin")).write_bytes(b"edited")
    with pytest.raises(FileExistsError):
        put(storage, "a.bin", b"new", replaces=old)
    assert read(storage, "a.bin") == b"edited"


def test_a_discarded_part_is_gone_and_may_be_discarded_again(storage: Storage) -> None:
    part = storage.open_part("a.bin")
    part.close()
    storage.discard(part.path)
    storage.discard(part.path)
    assert not Path(part.path).exists()


def test_many_threads_can_store_at_once(storage: Storage) -> None:
    paths = [f"host/{number % 3}/{number}.bin" for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: put(storage, path, path.encode()), paths))
    assert [read(storage, path) for path in paths] == [path.encode() for path in paths]


def test_one_run_at_a_time_holds_a_storage(storage: Storage) -> None:
    with storage.lock(), pytest.raises(FolderInUse), storage.lock():
        pass
    with storage.lock():
        pass


def test_a_storage_has_a_place_for_the_journal(storage: Storage) -> None:
    with closing(Journal.open(storage.state_folder)) as journal:
        assert journal.parts() == []


def test_a_storage_is_vacant_until_a_file_appears(storage: Storage) -> None:
    with storage.lock():
        assert storage.is_vacant()
        put(storage, "host/a.bin", b"data")
        assert not storage.is_vacant()


def test_a_sweep_leaves_the_parts_that_are_named(storage: Storage) -> None:
    parts = [storage.open_part("a.bin", version) for version in ("one", "two")]
    for part in parts:
        part.close()
    storage.sweep([("a.bin", "two")])
    assert [Path(part.path).exists() for part in parts] == [False, True]


def test_the_stat_of_a_part_is_that_of_what_appears(storage: Storage) -> None:
    part, _ = storage.write_part("a.bin", memoryview(b"data"))
    stat = storage.stat_part(part)
    assert storage.commit(part, "a.bin", None) == stat
    with pytest.raises(FileNotFoundError):
        storage.stat_part(part)
