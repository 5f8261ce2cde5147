"""The cells of tables."""

from __future__ import annotations

import os

import pytest

from downloader.formats.cells import recorded_name


@pytest.mark.parametrize(
    ("path", "folder", "name"),
    [
        ("downloads/a", "downloads", "a"),
        ("downloads/sub/a", "downloads", "sub/a"),
        ("downloads/sub/a", "./downloads/", "sub/a"),
        ("downloads/sub/a", "other", "a"),
        ("sub/a", ".", "sub/a"),
        ("../d/sub/a", "../d", "sub/a"),
        ("/d/sub/a", "/d", "sub/a"),
        ("/d/sub/a", "downloads", "a"),
        (f"{os.getcwd()}/d/sub/a", "d", "sub/a"),
        ("sub/a", "", "a"),
        ("", "downloads", None),
    ],
)
def test_a_recorded_name_is_what_the_path_was_below_its_folder(
    path: str, folder: str, name: str | None
) -> None:
    assert recorded_name(path, folder) == name
