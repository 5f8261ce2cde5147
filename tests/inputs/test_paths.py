"""Paths to hash: files, folders in a stable order, lists; what cannot be read is named."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloader.errors import UsageError
from downloader.inputs.paths import LONGEST, open_paths
from downloader.models import PathItem


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b", "a/z", "a/y/x", "a.b", "B", "c/.dl/parts/p", "c/1"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "tree"


def names(top: Path, *given: str) -> list[str]:
    """Return the paths found, relative to the tree."""
    found = open_paths(given or (str(top),), None)
    return [os.path.relpath(item.path, top) for item in found]


def test_a_file_stands_for_itself(tree: Path) -> None:
    assert list(open_paths([f"{tree}/b"], None)) == [PathItem(f"{tree}/b", 1, 1)]


def test_a_folders_files_come_sorted_at_each_level(tree: Path) -> None:
    assert names(tree) == ["B", "a/y/x", "a/z", "a.b", "b", "c/1"]


def test_the_order_of_what_was_given_is_kept(tree: Path) -> None:
    assert names(tree, f"{tree}/b", f"{tree}/a", f"{tree}/B") == ["b", "a/y/x", "a/z", "B"]


def test_sizes_are_known_beforehand(tree: Path) -> None:
    assert [item.size for item in open_paths([f"{tree}/a"], None)] == [5, 3]


def test_links_in_a_folder_are_not_followed(tree: Path) -> None:
    (tree / "link").symlink_to(tree / "b")
    (tree / "loop").symlink_to(tree)
    (tree / "dangling").symlink_to(tree / "none")
    assert len(names(tree)) == 6


def test_a_link_that_is_given_is_followed(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tree)
    given = f"{tmp_path}/link"
    assert next(open_paths([given], None)).path == f"{given}/B"
    assert len(names(tree, given)) == 6


def test_a_folder_of_this_tools_own_is_passed_over_unless_it_is_asked_for(tree: Path) -> None:
    assert "c/.dl/parts/p" not in names(tree)
    assert names(tree, f"{tree}/c/.dl") == ["c/.dl/parts/p"]


def test_a_file_of_that_name_is_none_of_ours(tree: Path) -> None:
    (tree / "a" / ".dl").write_text("a file")
    assert "a/.dl" in names(tree)


def test_what_is_no_file_is_passed_over_in_a_folder(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    assert "pipe" not in names(tree)


def test_a_missing_path_is_data(tree: Path) -> None:
    assert list(open_paths([f"{tree}/none"], None)) == [PathItem(f"{tree}/none", 0, 1)]


@pytest.mark.parametrize("odd", ["", "a\0b", "x" * 5000])
def test_a_path_that_can_be_none_is_data(odd: str) -> None:
    assert list(open_paths([odd], None)) == [PathItem(odd, 0, 1)]


def test_what_has_gone_meanwhile_is_data(tree: Path) -> None:
    """The folder was listed when its first file was asked for."""
    found = open_paths([f"{tree}/a"], None)
    next(found)
    (tree / "a" / "z").unlink()
    assert list(found) == [PathItem(f"{tree}/a/z", 0, 1)]


def test_a_folder_that_cannot_be_listed_is_named(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listdir = os.listdir

    def refuse(path: str) -> list[str]:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refuse)
    assert names(tree) == ["B", "a", "a.b", "b", "c/1"]


def test_a_tree_deeper_than_the_stack_is_walked(tmp_path: Path) -> None:
    """A path of so many folders is longer than the system takes: its end is named as data."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(2100):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    try:
        [end] = open_paths([str(tmp_path)], None)
    finally:  # Python's own removal would exhaust the stack
        subprocess.run(["rm", "-r", str(tmp_path / "d")], check=True)
    assert (end.path.startswith(f"{tmp_path}/d/d/d/"), end.size) == (True, 0)


def test_names_that_are_no_text_come_back_as_their_bytes(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\n"
    with open(path, "wb") as file:
        file.write(b"1")
    [item] = open_paths([str(tmp_path)], None)
    assert os.fsencode(item.path) == path


# Lists on standard input.


def listed(data: bytes, *, null: bool = False) -> list[tuple[str, int, str]]:
    items = open_paths(["-"], io.BytesIO(data), null=null)
    return [(item.path, item.line, item.source) for item in items]


def test_a_list_has_a_path_a_line(tree: Path) -> None:
    data = f"{tree}/b\n\n{tree}/none\n{tree}/c".encode()
    expected = [(f"{tree}/b", 1, "-"), (f"{tree}/none", 3, "-"), (f"{tree}/c/1", 4, "-")]
    assert listed(data) == expected


def test_a_list_may_be_ended_by_nul(tmp_path: Path) -> None:
    assert listed(b"a\nb\0c", null=True) == [("a\nb", 1, "-"), ("c", 2, "-")]


def test_paths_longer_than_a_block_are_put_together(tree: Path) -> None:
    many = [f"{tree}/{number:0200}" for number in range(2000)]
    assert [path for path, _, _ in listed("\n".join(many).encode())] == many


def test_a_path_without_end_shows_that_this_is_no_list() -> None:
    with pytest.raises(UsageError, match="is this a list of paths"):
        listed(b"x" * (3 * LONGEST))


def test_a_list_that_cannot_be_read_is_said_to_be_so() -> None:
    class Folder(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise IsADirectoryError(21, "Is a directory")

    with pytest.raises(UsageError, match="-: cannot be read: is a directory"):
        list(open_paths(["-"], Folder()))


def test_a_list_is_read_as_paths_are_asked_for() -> None:
    class Endless(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b"a\n" * 100

    found: Iterator[PathItem] = open_paths(["-"], Endless())
    assert [next(found).path for _ in range(1000)] == ["a"] * 1000


@pytest.mark.parametrize("given", [[], ["-", "a", "-"]])
def test_what_cannot_be_used_is_refused_at_once(given: list[str]) -> None:
    with pytest.raises(UsageError):
        open_paths(given, io.BytesIO())


@pytest.mark.parametrize("closed", [True, False])
def test_standard_input_that_is_closed_is_refused_at_once(closed: bool) -> None:
    stream = io.BytesIO()
    stream.close()
    with pytest.raises(UsageError, match="standard input is closed"):
        open_paths(["-"], stream if closed else None)
