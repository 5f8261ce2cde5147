"""dl hash as users run it."""

from __future__ import annotations

import hashlib
import os
import shutil

import pytest
from installed import Installed

needs_sha256sum = pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")


@pytest.fixture
def tree(dl: Installed) -> Installed:
    """A folder of files, one of them with a name that is not UTF-8."""
    for name in (b"b", b"sub/a", b"sub/\xff", b".hidden", b".dl/part"):
        path = os.path.join(os.fsencode(dl.folder), b"tree", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(name)
    return dl


def line(name: bytes) -> bytes:
    return hashlib.sha256(name).hexdigest().encode() + b"  tree/" + name + b"\n"


def test_a_folder_is_hashed_in_a_stable_order(tree: Installed) -> None:
    expected = b"".join(map(line, (b".hidden", b"b", b"sub/a", b"sub/\xff")))
    for mode in ([], ["--sequential"]):
        done = tree("hash", "tree", *mode)
        assert (done.returncode, done.stdout) == (0, expected)


def test_a_path_that_is_not_utf8_can_be_given(tree: Installed) -> None:
    assert tree("hash", b"tree/sub/\xff").stdout == line(b"sub/\xff")


@needs_sha256sum
def test_a_list_ended_by_null_gives_lines_for_sha256sum(tree: Installed) -> None:
    done = tree.shell("find tree -type f -print0 | $DL hash -0 -q - | sha256sum --check --strict")
    assert done.returncode == 0
    assert done.stdout.count(b": OK\n") == 5


def test_null_ends_paths_and_sums(tree: Installed) -> None:
    assert tree("hash", "tree/b", "-0").stdout == line(b"b")[:-1] + b"\0"
    given = b"tree/b\0tree/sub/a\0"
    done = tree("hash", "-", "--null", "--format", "paths", given=given)
    assert done.stdout == given


def test_a_list_of_paths_is_read_from_standard_input(tree: Installed) -> None:
    assert tree("hash", "-", given=b"tree/b\ntree/sub/a\n").stdout == line(b"b") + line(b"sub/a")


def test_what_cannot_be_read_fails_alone(tree: Installed) -> None:
    done = tree("hash", "missing", "tree/b", "-q")
    assert (done.returncode, done.stdout) == (1, line(b"b"))
    assert done.stderr.startswith(b"dl: missing: ")
    assert done.stderr.count(b"\n") == 1


def test_several_algorithms_are_computed_in_one_go(tree: Installed) -> None:
    done = tree("hash", "tree/b", env={"DL_ALGORITHM": "md5 sha1"})
    assert [each.split()[0] for each in done.stdout.splitlines()] == [b"MD5", b"SHA1"]


def test_the_report_says_what_hashing_took(tree: Installed) -> None:
    said = tree("hash", "tree").stderr.decode().splitlines()
    assert said[0].startswith("4 files, ")
    assert said[0].endswith(": 4 hashed")
    assert said[1].startswith("  hash    1 process")
