"""Files to hash: paths, folders (in a stable order, links not followed), lists of paths."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from downloader.errors import UsageError
from downloader.inputs.streaming import Awaited, StreamingReader, can_arrive
from downloader.models import PathItem

# Bytes read at once from a list of paths.
BLOCK = 64 * 1024
# Longest path in a list, in bytes: PATH_MAX with room to spare.
LONGEST = 64 * 1024


def open_paths(
    names: Sequence[str], stdin: BinaryIO | None, *, null: bool = False
) -> Awaited[PathItem]:
    """Yield the files of the given paths; "-" is a list of paths on `stdin`.

    A folder stands for all regular files below it, sorted by name at each level; links in it are
    not followed, `.dl` folders are passed over. What is missing or cannot be looked at is still
    yielded: its hashing fails and names it. With `null` the list's paths end with NUL instead of a
    line end. Raises `UsageError` at once if no path is given or "-" is given twice, later if
    the list cannot be read.
    """
    if not names:
        raise UsageError("name a file or a folder, or - for a list of paths on standard input")
    if list(names).count("-") > 1:
        raise UsageError("-: standard input can be given once only")
    if "-" in names and (stdin is None or stdin.closed):
        raise UsageError("-: standard input is closed")
    return Awaited(_items(names, stdin, b"\0" if null else b"\n"))


def _items(
    names: Sequence[str], stdin: BinaryIO | None, end: bytes
) -> Iterator[PathItem | StreamingReader]:
    for name in names:
        if name != "-" or stdin is None:
            yield from _below(name, 1, "")
            continue
        line = 0
        for path in _listed(stdin, end):
            if isinstance(path, StreamingReader):
                yield path
                continue
            line += 1
            if path:
                yield from _below(path, line, "-")


def _listed(stream: BinaryIO, end: bytes) -> Iterator[str | StreamingReader]:
    """Yield the list's paths, and the stream itself if the next one is still to come."""
    rest = b""
    for block in _blocks(stream):
        if isinstance(block, StreamingReader):
            yield block
            continue
        *paths, rest = (rest + block).split(end)
        for path in paths:
            yield os.fsdecode(path)
        if len(rest) > LONGEST:
            raise UsageError(f"-: a path of more than {LONGEST} bytes: is this a list of paths?")
    if rest:
        yield os.fsdecode(rest)


def _blocks(stream: BinaryIO) -> Iterator[bytes | StreamingReader]:
    arriving = StreamingReader(stream) if can_arrive(stream) else None
    try:
        while True:
            if arriving and not arriving.ready():
                yield arriving
            elif block := arriving.read1(BLOCK) if arriving else stream.read(BLOCK):
                yield block
            else:
                return
    except OSError as error:
        raise UsageError(f"-: cannot be read: {(error.strerror or str(error)).lower()}") from None


def _below(path: str, line: int, source: str) -> Iterator[PathItem]:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        yield PathItem(path, 0, line, source)
        return
    if not stat.S_ISDIR(found.st_mode):
        yield PathItem(path, found.st_size, line, source)
        return
    for entry_path, size in walk(path):
        yield PathItem(entry_path, size, line, source)


def walk(top: str, *, links: bool = False) -> Iterator[tuple[str, int]]:
    """Walk depth first without recursion, so that no depth of folders exhausts the stack.

    Yields regular files with their sizes, and if `links` is set all else that is no folder, too. A
    folder that cannot be read, or what has gone meanwhile, is yielded itself.
    """
    stack = [iter([top])]
    while stack:
        path = next(stack[-1], None)
        if path is None:
            stack.pop()
            continue
        try:
            found = os.stat(path, follow_symlinks=path == top)
            if stat.S_ISDIR(found.st_mode):
                stack.append(iter(_entries(path, top)))
            elif links or stat.S_ISREG(found.st_mode):
                yield path, found.st_size
        except OSError:
            yield path, 0


def _entries(folder: str, top: str) -> list[str]:
    """List a folder in order; one of this tool's own is empty, unless it was asked for."""
    if os.path.basename(folder) == ".dl" and folder != top:
        return []
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
