"""The files that are served, and whether a client has got them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from spending import NoResult

SAMPLE = 20  # files of a run whose digests are checked; of all, the sizes are


def file_name(number: int) -> str:
    """Return the name of a file; names sort as their numbers do."""
    return f"{number:07}.bin"


def make_files(folder: Path, count: int, size: int) -> None:
    """Make the files that are not there yet: the same in every run, and not to be compressed."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        path = folder / file_name(number)
        if not path.exists():
            path.write_bytes(hashlib.shake_128(f"{size}/{number}".encode()).digest(size))


def check_files(got: Path, source: Path, count: int, size: int) -> None:
    """Check all names and sizes and a sample of digests; raises `NoResult`."""
    sizes = {entry.name: entry.stat().st_size for entry in os.scandir(got) if entry.is_file()}
    right = sum(sizes.get(file_name(number)) == size for number in range(count))
    if right < count:
        raise NoResult(f"{count - right} of {count} files missing or of a wrong size")
    if len(sizes) > count:
        raise NoResult(f"{len(sizes) - count} files too many")
    for name in sample(count):
        if digest(got / name) != true_digest(source / name):
            raise NoResult(f"{name} has wrong bytes")


def check_sums(sums: Path, source: Path, count: int) -> None:
    """Check that there is a line for each file, and the digests of a sample; raises `NoResult`."""
    with sums.open() as lines:
        told = {line.split()[0] for line in lines}
    if len(told) != count:
        raise NoResult(f"{len(told)} digests of {count} files")
    if not told.issuperset(true_digest(source / name) for name in sample(count)):
        raise NoResult("wrong digests")


def sample(count: int) -> Iterator[str]:
    """Return names of files that are spread evenly over all."""
    return map(file_name, range(0, count, -(-count // SAMPLE)))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


true_digest = cache(digest)
