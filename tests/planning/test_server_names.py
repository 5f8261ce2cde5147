"""Names that servers give: used where they are free, else the planned name, which is unique."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from downloader.models import DownloadResult, Failure, FileStat, Job, UrlItem, replace
from downloader.planning import naming, numbering
from downloader.planning.names import Names
from downloader.planning.place import Place
from downloader.planning.server_names import ServerNames, as_planned
from downloader.state.spill import SpillDict
from downloader.storage.local import LocalStorage

URL = "http://example.org/get"


class Naming:
    """Names of a run whose plan has taken `planned`.

    `holders` are the keys of earlier files, by path.
    """

    def __init__(self, root: Path, storage: LocalStorage, *planned: str) -> None:
        self.root = root
        self.owned = False
        self.holders: dict[str, str] = {}
        self.used = SpillDict()
        for path in planned:
            numbering.unique(path, self.used)
        self.names = Names(naming.flat_path, self.used)
        self.named = ServerNames(Place(self.names, self, storage), self)

    def owns(self, path: str, stamp: FileStat) -> bool:
        return self.owned

    def holder(self, path: str) -> str | None:
        return self.holders.get(path)

    def stored_at(self, key: str) -> str | None:
        return None

    def path(self, result: DownloadResult) -> str:
        named = self.named(result)
        return f"{named.kind}" if isinstance(named, Failure) else named.job.path


@pytest.fixture
def names(tmp_path: Path) -> Iterator[Naming]:
    with closing(LocalStorage(str(tmp_path))) as storage:
        yield Naming(tmp_path, storage, "get", "get-2", "h/get", "other.bin")


def landed(served: str, planned: str = "get", name: str | None = None) -> DownloadResult:
    return DownloadResult(Job(UrlItem(URL, name=name), URL, planned, key=URL), served=served)


@pytest.mark.parametrize(
    ("served", "path"),
    [
        ("a.bin", "a.bin"),
        ("", "get"),
        ("../x", "_.._x"),
        (".bashrc", "_.bashrc"),
        (".dl", "_.dl"),
        ("con.txt", "_con.txt"),
    ],
)
def test_servers_name_is_made_safe(names: Naming, served: str, path: str) -> None:
    assert names.path(landed(served)) == path


def test_folder_of_the_plan_is_kept(names: Naming) -> None:
    assert names.path(landed("a.bin", planned="h/get")) == "h/a.bin"


@pytest.mark.parametrize("served", ["other.bin", "OTHER.bin", "get-2", "h"])
def test_other_items_name_or_folder_is_never_taken(names: Naming, served: str) -> None:
    assert names.path(landed(served)) == "get"


def test_second_item_with_a_name_falls_back_to_its_own(names: Naming) -> None:
    assert names.path(landed("a.bin")) == "a.bin"
    assert names.path(landed("A.bin", planned="get-2")) == "get-2"


def test_later_line_of_the_list_makes_way_for_a_name_that_was_given(names: Naming) -> None:
    names.path(landed("a.bin"))
    assert numbering.unique("a.bin", names.used) == "a-2.bin"


def test_file_of_another_url_from_an_earlier_run_is_not_replaced(names: Naming) -> None:
    names.holders["a.bin"] = "http://example.org/other"
    assert names.path(landed("a.bin")) == "get"


def test_own_file_of_an_earlier_run_is_replaced(names: Naming) -> None:
    (names.root / "a.bin").write_bytes(b"old")
    names.owned, names.holders["a.bin"] = True, URL
    named = names.named(landed("a.bin"))
    assert isinstance(named, DownloadResult)
    assert named.job.path == "a.bin"
    assert isinstance(named.job.replaces, FileStat)


def test_foreign_file_is_not_replaced(names: Naming) -> None:
    (names.root / "a.bin").write_bytes(b"theirs")
    assert names.path(landed("a.bin")) == "exists"


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_is_no_file_is_not_replaced(names: Naming, kind: str) -> None:
    where = names.root / "a.bin"
    where.mkdir() if kind == "folder" else where.symlink_to("/nowhere")
    assert names.path(landed("a.bin")) == "exists"


def test_name_in_the_list_goes_first_and_unchanged_files_keep_theirs(names: Naming) -> None:
    assert names.path(landed("a.bin", name="get")) == "get"
    assert names.path(replace(landed("a.bin"), unchanged=True)) == "get"
    assert as_planned(landed("a.bin")) == landed("a.bin")


def test_file_that_is_fetched_once_more_keeps_the_name_that_it_got(names: Naming) -> None:
    first = names.named(landed("a.bin"))
    assert isinstance(first, DownloadResult)
    assert names.path(first) == "a.bin"
