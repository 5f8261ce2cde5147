"""Folders that last no longer than a measurement, on the file system of the target folder."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from downloader.errors import DiskFailed

PREFIX = ".dl-compare-"


@contextmanager
def work_folder(target: str) -> Iterator[str]:
    """Make a folder beside the target folder; remove it with all in it at the end.

    Raises `DiskFailed` if none can be made there.
    """
    place = beside(target)
    try:
        folder = tempfile.mkdtemp(prefix=PREFIX, dir=place)
    except OSError as error:
        raise DiskFailed(
            f"cannot make a folder in {place}: {error.strerror}: choose another --dir"
        ) from error
    with emptied(folder):
        yield folder


@contextmanager
def emptied(folder: str) -> Iterator[str]:
    """Remove the folder at the end, whatever happens."""
    try:
        yield folder
    finally:
        remove(folder)


def beside(target: str) -> str:
    """Return the nearest folder above the target, which itself may be missing.

    A target that is the root of a file system of its own is returned itself.
    """
    path = os.path.realpath(target)
    if os.path.ismount(path):
        return path
    while not os.path.isdir(parent := os.path.dirname(path)):
        path = parent
    return parent


def remove(folder: str) -> None:
    """Remove a folder, and what a transfer that was broken off adds to it meanwhile."""
    for _ in range(2):
        if os.path.lexists(folder):
            shutil.rmtree(folder, ignore_errors=True)
