"""Lists that can be read again: what can be read only once is copied to a file first."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from downloader.errors import DiskFailed, UsageError
from downloader.models import UrlItem

BLOCK = 64 * 1024
# Bytes without any line end that show that a stream is no list at all.
ENDLESS = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Lists:
    """Sources that give the same items each time; `stdin` is the copy of standard input."""

    sources: tuple[str | UrlItem, ...]
    stdin: str | None = None

    @contextmanager
    def opened(self) -> Iterator[BinaryIO | None]:
        """Open the copy of standard input, from its start."""
        if self.stdin is None:
            yield None
            return
        with open(self.stdin, "rb") as stream:
            yield stream


def keep(sources: Sequence[str | UrlItem], stdin: BinaryIO | None, folder: str) -> Lists:
    """Make sources readable again and again: pipes and standard input are copied to `folder`.

    Regular files and URLs stay as they are; what cannot be opened is left for the run to refuse.
    Raises `UsageError` if a stream is no list, `DiskFailed` if it cannot be kept.
    """
    kept: list[str | UrlItem] = []
    copy = None
    for number, source in enumerate(sources):
        if source == "-" and stdin is not None and not stdin.closed and copy is None:
            copy = os.path.join(folder, "stdin")
            _copy(stdin, copy, "-")
        kept.append(_kept(source, os.path.join(folder, f"list-{number}")))
    return Lists(tuple(kept), copy)


def _kept(source: str | UrlItem, copy: str) -> str | UrlItem:
    if isinstance(source, UrlItem) or source == "-" or not _read_once(source):
        return source
    copy += os.path.splitext(source)[1]  # by which the list's format is known
    try:
        with open(source, "rb") as stream:
            _copy(stream, copy, source)
    except PermissionError:
        return source
    return copy


def _read_once(path: str) -> bool:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _copy(stream: BinaryIO, path: str, name: str) -> None:
    copied, lines = 0, 0
    try:
        with open(path, "wb") as copy:
            while block := stream.read(BLOCK):
                copied += copy.write(block)
                lines += block.count(b"\n")
                if not lines and copied >= ENDLESS:
                    raise UsageError(f"{name}: is not a list: no line end in {ENDLESS >> 20} MiB")
    except OSError as error:
        raise DiskFailed(f"cannot keep a copy of {name}: {error.strerror}") from error
