"""Digests are right, one read serves all algorithms, and whatever goes wrong is data."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.errors import UsageError
from downloader.hashing import ALGORITHMS, CHUNK, as_results, checked, hash_batch, hash_file
from downloader.models import Digest

ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
ABC_BLAKE3 = "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"


@pytest.fixture
def abc(tmp_path: Path) -> str:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    return str(path)


def test_digests_are_those_of_the_standard(abc: str) -> None:
    """FIPS 180-2 appendix B.1, and the vectors of the BLAKE3 authors."""
    result = hash_file(abc, ["sha256", "blake3"])
    assert result.digests == (Digest("sha256", ABC_SHA256), Digest("blake3", ABC_BLAKE3))
    assert (result.path, result.size, result.failure) == (abc, 3, None)


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_every_size_around_the_buffer_is_hashed_whole(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    data = os.urandom(size)
    path.write_bytes(data)
    result = hash_file(str(path), ["sha1"])
    assert result.size == size
    assert result.digests[0].hexdigest == hashlib.sha1(data, usedforsecurity=False).hexdigest()


def test_every_guaranteed_algorithm_of_fixed_length_is_offered(abc: str) -> None:
    fixed = {name for name in hashlib.algorithms_guaranteed if "shake" not in name}
    assert set(ALGORITHMS) == fixed | {"blake3", "crc32", "cksum"}
    expected = {name: hashlib.new(name, b"abc").hexdigest() for name in fixed}
    digests = hash_file(abc, sorted(fixed)).digests
    assert {each.algorithm: each.hexdigest for each in digests} == expected


def test_checksums_of_32_bits_are_those_of_zip_and_of_posix_cksum(abc: str) -> None:
    found = {each.algorithm: each.hexdigest for each in hash_file(abc, ["crc32", "cksum"]).digests}
    assert found == {"crc32": f"{0x352441C2:08x}", "cksum": f"{1219131554:08x}"}


def test_cksum_counts_every_byte_of_the_length(tmp_path: Path) -> None:
    """As coreutils' cksum prints for so many zeros."""
    for size, expected in ((0, 4294967295), (255, 1309196107), (70_000, 1774371287)):
        (tmp_path / "x").write_bytes(bytes(size))
        assert int(hash_file(str(tmp_path / "x"), ["cksum"]).digests[0].hexdigest, 16) == expected


def test_names_are_lowered_and_kept_once_in_order() -> None:
    assert checked(["SHA512", "md5", "sha512"]) == ("sha512", "md5")


@pytest.mark.parametrize(
    ("name", "says"),
    [("sha265", "did you mean 'sha256'"), ("shake_128", "unknown algorithm"), ("", "choose one")],
)
def test_an_unknown_name_is_the_callers_mistake(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        checked([name])


@given(st.text())
def test_a_name_is_known_or_a_usage_error(name: str) -> None:
    known = name.lower() in ALGORITHMS
    with contextlib.nullcontext() if known else pytest.raises(UsageError):
        checked([name])


def test_blake3_without_its_package_says_what_to_install() -> None:
    """The package is hidden in a fresh interpreter, as if it were not installed."""
    code = (
        "import sys; sys.modules['blake3'] = None\n"
        "from downloader.hashing import checked\n"
        "try: checked(['blake3'])\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    says = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert says.stdout == (
        "UsageError --algorithm blake3 needs the extra: pip install 'dl-downloader[blake3]'\n"
    )


def test_a_missing_file_is_a_failure_with_a_sentence(tmp_path: Path) -> None:
    failure = hash_file(str(tmp_path / "none"), ["sha256"]).failure
    assert failure
    assert (failure.kind, failure.retryable) == ("disk", False)
    assert failure.message == f"cannot read {tmp_path}/none: No such file or directory"


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    """A FIFO without a writer would block an ordinary open for ever."""
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for path in (tmp_path / "fifo", tmp_path / "socket", tmp_path, Path("/dev/zero")):
            failure = hash_file(str(path), ["sha256"]).failure
            assert failure
            assert failure.kind == "refused"


@pytest.mark.parametrize("path", ["a\0b", "\ud800"])
def test_a_path_that_no_file_can_have_is_a_failure(path: str) -> None:
    failure = hash_file(path, ["sha256"]).failure
    assert failure
    assert failure.kind == "name"
    assert failure.message.isprintable()


def test_a_link_is_followed(tmp_path: Path, abc: str) -> None:
    (tmp_path / "link").symlink_to(abc)
    assert hash_file(str(tmp_path / "link"), ["sha256"]).digests[0].hexdigest == ABC_SHA256


def test_one_bad_file_of_a_batch_does_not_harm_the_others(tmp_path: Path, abc: str) -> None:
    paths = [abc, str(tmp_path / "none"), abc]
    results = as_results(paths, ["sha256"], hash_batch(paths, ["sha256"]))
    assert [result.path for result in results] == paths
    assert [result.failure is None for result in results] == [True, False, True]


def test_time_spent_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(CHUNK))
    result = hash_file(str(path), ["sha256"])
    assert result.seconds > 0
    assert result.cpu > 0
