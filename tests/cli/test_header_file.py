"""Headers from a file: sent as if they were given one by one, and never quoted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from good import GoodServer, echo
from installed import Installed

from downloader.cli import header_file, readers
from downloader.errors import UsageError


def read(tmp_path: Path, text: str | bytes) -> tuple[tuple[str, str], ...]:
    path = tmp_path / "headers"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return readers.headers("--header", ["X-First: 1", f"@{path}"])[1:]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A: 1\nB: 2\n", [("A", "1"), ("B", "2")]),
        ("\ufeffA: 1\r\n\r\n  \nB:2", [("A", "1"), ("B", "2")]),
        ("A:\t b: c \n", [("A", "b: c")]),
        ("A:\n", [("A", "")]),
        ("A: ü\n", [("A", "ü")]),
        ("", []),
    ],
)
def test_one_header_a_line(tmp_path: Path, text: str, found: list[tuple[str, str]]) -> None:
    assert list(read(tmp_path, text)) == found


@pytest.mark.parametrize("line", ["sesame", ": sesame", "A B: sesame", " A: sesame", "@sesame: x"])
def test_what_is_no_header_is_told_with_its_line_and_not_quoted(tmp_path: Path, line: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(tmp_path, f"A: 1\n\n{line}\n")
    said = f"--header @{tmp_path / 'headers'}: line 3 is no header: write it as 'Name: value'"
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("-", "standard input is for lists: name a file"),
        ("none", "no such file or directory"),
        ("", "no such file or directory"),
        ("/", "is a directory"),
        ("/dev/zero", "more than 1 MiB: this is no file of headers"),
        ("a\0b", "it cannot be read"),
    ],
)
def test_file_that_cannot_be_used_is_named(path: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        header_file.read("--header", path)
    assert str(caught.value) == f"--header @{path}: {why}"


def test_they_are_sent_and_not_told(tmp_path: Path) -> None:
    dl = Installed(tmp_path)
    (dl.folder / "secret").write_text("Authorization: Bearer sesame\nX-B: 2\n")
    with GoodServer({"/": echo}) as server:
        done = dl("fetch", "-H", "@secret", "-H", "X-C: 3", "-o", "sent", "-v", server.url())
        sent = json.loads(dl.files()["sent"])
        env = {"DL_HEADER": "X-C: 4\n@secret\n"}
        again = dl("fetch", "-o", "sent", server.url(), env=env)
    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert [sent[name] for name in ("authorization", "x-b", "x-c")] == ["Bearer sesame", "2", "3"]
    assert json.loads(dl.files()["sent"]) == {**sent, "x-c": "4"}
    assert b"sesame" not in done.stderr + done.stdout


def test_fault_of_a_file_is_a_usage_error(tmp_path: Path) -> None:
    dl = Installed(tmp_path)
    (dl.folder / "secret").write_text("sesame\n")
    with GoodServer({"/": echo}) as server:
        done = dl("fetch", "-H", "@secret", server.url())
        assert (done.returncode, server.requests) == (2, [])
    said = b"dl: --header @secret: line 1 is no header: write it as 'Name: value'\n"
    assert done.stderr == said
