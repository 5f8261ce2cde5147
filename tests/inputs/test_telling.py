"""A list's format is the one that was named, else what its content tells, else its suffix."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloader.errors import UsageError
from downloader.inputs import DEFAULT, LIST_FORMATS, ListFormat, telling
from downloader.inputs.sources import open_sources
from downloader.inputs.telling import format_of

ODD = ListFormat("downloader.formats.text:read", suffixes=(".odd",))


@pytest.fixture
def formats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another format, told by "ODD" and by its suffix."""
    monkeypatch.setitem(LIST_FORMATS, "odd", ODD)
    told = ("odd", lambda head, name: head.startswith(b"ODD"))
    monkeypatch.setattr(telling, "TELLING", (told,))


@pytest.mark.usefixtures("formats")
@pytest.mark.parametrize(
    ("head", "name", "told"),
    [
        (b"ODD\n", "list.txt", "odd"),
        (b"http://h/\n", "list.odd", "odd"),
        (b"http://h/\n", "list.ODD.gz", "odd"),
        (b"http://h/\n", "list.txt", "text"),
        (b"http://h/\n", "-", "text"),
        (b"http://h/\n", ".odd", "text"),
    ],
)
def test_content_comes_before_the_suffix(head: bytes, name: str, told: str) -> None:
    assert format_of(head, name) == told


def test_a_format_without_a_reader_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "TELLING", (("none", lambda head, name: True),))
    assert format_of(b"", "x") == DEFAULT


def test_a_named_format_decides(tmp_path: Path) -> None:
    name = tmp_path / "list.csv"
    name.write_bytes(b"http://h/1\n")
    with open_sources([str(name)], None, list_format="text") as items:
        assert items.total == 1


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"http://h/1\n")
    with pytest.raises(UsageError, match="unknown list format 'txt': did you mean 'text'"):
        open_sources([str(tmp_path / "list")], None, list_format="txt")
