"""dl verify as users run it: a tree is what its record says, or it is said where it is not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from installed import Done, Installed

MODES = [(), ("--sequential",)]


@pytest.fixture
def tree(dl: Installed, urls: str) -> Path:
    """What a run has put into downloads/: a.bin to h.bin."""
    assert dl("fetch", urls, "-q").returncode == 0
    return dl.folder / "downloads"


def flip(path: Path) -> None:
    """Change a bit, and neither size nor time."""
    data, stat = bytearray(path.read_bytes()), path.stat()
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def lines(done: Done) -> list[str]:
    return done.stdout.decode("utf-8", "surrogateescape").splitlines()


@pytest.mark.parametrize("mode", MODES)
def test_a_tree_as_it_was_fetched_is_right(
    dl: Installed, tree: Path, mode: tuple[str, ...]
) -> None:
    done = dl("verify", *mode)
    assert (done.returncode, lines(done)) == (
        0,
        [f"downloads/{name}.bin: OK" for name in "abcdefgh"],
    )
    assert done.stderr.splitlines()[0].endswith(b": 8 ok")


@pytest.mark.parametrize("mode", MODES)
def test_flipped_bits_cut_and_missing_files_are_told_and_nothing_is_changed(
    dl: Installed, tree: Path, mode: tuple[str, ...]
) -> None:
    """What hashing is not needed for comes first."""
    flip(tree / "b.bin")
    os.truncate(tree / "c.bin", 10)
    (tree / "d.bin").unlink()
    before = dl.files()
    done = dl("verify", *mode)
    assert done.returncode == 1
    assert lines(done)[:2] == ["downloads/c.bin: FAILED", "downloads/d.bin: MISSING"]
    assert "downloads/b.bin: FAILED" in lines(done)
    assert sum(line.endswith(": OK") for line in lines(done)) == 5
    assert done.stderr.count(b"dl: downloads/") == 3
    assert dl.files() == before


def test_quietly_only_what_is_wrong_is_told(dl: Installed, tree: Path) -> None:
    assert dl("verify", "-q").stdout == b""
    flip(tree / "a.bin")
    assert lines(dl("verify", "-q")) == ["downloads/a.bin: FAILED"]


def test_a_link_that_leads_out_of_the_folder_is_not_followed(dl: Installed, tree: Path) -> None:
    """Neither one in place of a file nor one in place of a folder."""
    os.rename(tree / "a.bin", dl.folder / "a.bin")
    (tree / "a.bin").symlink_to("../a.bin")
    done = dl("verify", "-q")
    assert (done.returncode, lines(done)) == (1, ["downloads/a.bin: FAILED open or read"])


def test_records_may_be_json_paths_or_none(dl: Installed, tree: Path) -> None:
    flip(tree / "a.bin")
    (tree / "b.bin").unlink()
    records = [json.loads(line) for line in lines(dl("verify", "--format", "json"))]
    status = {record["path"]: record["status"] for record in records}
    assert status.pop("downloads/b.bin") == "missing"
    assert status.pop("downloads/a.bin") == "failed"
    assert set(status.values()) == {"ok"}
    assert dl("verify", "--format", "none").stdout == b""
    assert dl("verify", "--format", "paths", "-0").stdout == b"downloads/b.bin\0downloads/a.bin\0"


def test_the_report_counts_what_was_found(dl: Installed, tree: Path) -> None:
    (tree / "b.bin").unlink()
    dl("verify", "--report", "report.json")
    report = json.loads((dl.folder / "report.json").read_text())
    assert report["items"] == {
        "total": 8,
        "ok": 7,
        "repaired": 0,
        "failed": 0,
        "missing": 1,
        "extra": 0,
    }
    assert [failure["path"] for failure in report["failures"]] == ["downloads/b.bin"]


def test_a_folder_without_a_record_is_refused_and_left_as_it_is(dl: Installed) -> None:
    (dl.folder / "plain").mkdir()
    done = dl("verify", "-d", "plain")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"dl: plain: no run has left a record here")
    assert os.listdir(dl.folder / "plain") == []
    assert dl("verify", "-d", "nowhere").returncode == 2
    assert not (dl.folder / "nowhere").exists()


def test_files_that_no_record_knows_are_named_and_stay(dl: Installed, tree: Path) -> None:
    """Links are not followed, and what is in .dl is no file of a user."""
    (tree / "sub").mkdir()
    (tree / "sub" / "new").write_text("foreign")
    (tree / "link").symlink_to("..")
    assert dl("verify").returncode == 0
    done = dl("verify", "--extra", "-q")
    extra = ["downloads/link: EXTRA", "downloads/sub/new: EXTRA"]
    assert (done.returncode, lines(done)) == (1, extra)
    assert (tree / "sub" / "new").read_text() == "foreign"
