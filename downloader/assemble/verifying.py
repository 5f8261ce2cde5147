"""All parts of `dl verify`: what files must have, and where they stand."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

from downloader import checksums
from downloader.errors import DiskFailed, UsageError
from downloader.models import Digest, Expected, FileStat, replace
from downloader.options import Options
from downloader.pipeline.verify_run import Expectations
from downloader.state.recorded import RecordedFiles
from downloader.storage import folders
from downloader.storage.lock import FolderLock
from downloader.storage.partial import file_stat
from downloader.storage.tree import Tree


class Verifying(NamedTuple):
    """The files of a run, and where they stand."""

    expected: Expectations
    tree: Tree


@contextmanager
def recorded(options: Options) -> Iterator[Verifying]:
    """Give what the folder's journal knows; the folder is held for this run alone if it can be.

    Raises `UsageError` if nothing is known there, and `FolderInUse`.
    """
    path = os.path.join(options.dir, folders.STATE, "journal.sqlite3")
    if not os.path.isfile(path):
        how = "name a file of checksums, or with --dir the folder of an earlier run"
        raise UsageError(f"{options.dir}: no run has left a record here: {how}")
    tree = Tree(options.dir)
    with _held(options.dir), closing(RecordedFiles(path, _standing_in(tree))) as files:
        if not len(files):
            raise UsageError(f"{options.dir}: its record knows no file: nothing is to be checked")
        yield Verifying(_OfJournal(files, tree), tree)


@contextmanager
def _held(folder: str) -> Iterator[None]:
    """Hold a folder; not one where nobody can write, since nothing changes there."""
    with ExitStack() as stack:
        with suppress(DiskFailed):
            stack.enter_context(FolderLock(folder))
        yield


def _standing_in(tree: Tree) -> Callable[[str], FileStat | None]:
    def standing(name: str) -> FileStat | None:
        path = tree.path(name)
        return file_stat(os.stat(path)) if isinstance(tree.look(path), int) else None

    return standing


@dataclass(frozen=True, slots=True)
class _OfJournal:
    """What a journal knows, as what is to be checked."""

    files: RecordedFiles
    tree: Tree

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[Expected]:
        for line, (name, size, digests) in enumerate(self.files, start=1):
            yield checkable(Expected(self.tree.path(name), digests, size, line))


def checkable(wanted: Expected) -> Expected:
    """Return what can be checked of what a file must have; if that is nothing, why."""
    usable = tuple(each for each in wanted.digests if checksums.size(each.algorithm))
    if len(usable) == len(wanted.digests) > 0:
        return wanted
    return replace(wanted, digests=usable, fault="" if usable else _why(wanted.digests))


def _why(digests: tuple[Digest, ...]) -> str:
    if not digests:
        return "no checksum of it is known: it was not checked"
    names = ", ".join(each.algorithm for each in digests)
    extra = ": pip install 'dl-downloader[blake3]'" if "blake3" in names else ""
    return f"this machine cannot compute {names}: it was not checked{extra}"
