"""All parts of `dl verify`: what files must have, and where they stand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from typing import BinaryIO

from downloader import checksums
from downloader.assemble.expectations import Gathering
from downloader.errors import DiskFailed, UsageError
from downloader.models import Digest, Expected, FileStat, replace
from downloader.options import Options
from downloader.pipeline.extra_files import Searched
from downloader.pipeline.repair_plan import NOWHERE, Origins
from downloader.pipeline.verify_run import Verifying
from downloader.state.recorded import RecordedFiles
from downloader.state.spill_expected import NOTHING_KNOWN, SpillExpected
from downloader.storage import folders
from downloader.storage.lock import FolderLock
from downloader.storage.partial import file_stat
from downloader.storage.tree import Trees, below


@contextmanager
def verifying(
    sums: Sequence[str],
    options: Options,
    folder: str | None,
    stdin: BinaryIO | None,
    *,
    hold: bool = True,
) -> Iterator[Verifying]:
    """Give what lists of checksums say of files, without any what the folder's journal knows.

    A folder whose journal is read is held meanwhile, unless the caller will do that. Raises
    `UsageError` if nothing can be checked, and `FolderInUse`.
    """
    if not sums:
        with _recorded(options, hold=hold) as files:
            yield Verifying(
                _OfJournal(files, options.dir),
                searched=Searched([options.dir]),
                origins=Origins(options.dir, files.urls_of),
            )
        return
    with closing(SpillExpected()) as expected, _known(options) as known:
        gathering = Gathering(expected, options, folder, known)
        for name in sums:
            gathering.read(name, stdin)
        if not expected.digests:
            raise UsageError(f"{', '.join(sums)}: no checksum in it: nothing could be checked")
        searched = Searched(gathering.folders(), [name for name in sums if name != "-"])
        origins = Origins(options.dir, known.urls_of if known else NOWHERE.recorded)
        yield Verifying(expected, tuple(gathering.notices()), searched, origins)


def _journal(options: Options) -> str:
    return os.path.join(options.dir, folders.STATE, "journal.sqlite3")


@contextmanager
def _recorded(options: Options, *, hold: bool) -> Iterator[RecordedFiles]:
    """Give the folder's journal; the folder is held for this run alone if it can be."""
    if not os.path.isfile(_journal(options)):
        how = "name a file of checksums, or with --dir the folder of an earlier run"
        raise UsageError(f"{options.dir}: no run has left a record here: {how}")
    held = _held(options.dir) if hold else nullcontext()
    with held, closing(_files(options)) as files:
        if not len(files):
            raise UsageError(f"{options.dir}: its record knows no file: nothing is to be checked")
        yield files


@contextmanager
def _known(options: Options) -> Iterator[RecordedFiles | None]:
    """Give the journal of the folder of lists' files, if it has one."""
    if not os.path.isfile(_journal(options)):
        yield None
        return
    with closing(_files(options)) as files:
        yield files


def _files(options: Options) -> RecordedFiles:
    trees = Trees()

    def standing(name: str) -> FileStat | None:
        path = below(options.dir, name)
        is_file = isinstance(trees.look(path, options.dir), int)
        return file_stat(os.stat(path)) if is_file else None

    return RecordedFiles(_journal(options), standing)


@contextmanager
def _held(folder: str) -> Iterator[None]:
    """Hold a folder; not one where nobody can write, since nothing changes there."""
    with ExitStack() as stack:
        with suppress(DiskFailed):
            stack.enter_context(FolderLock(folder))
        yield


@dataclass(frozen=True, slots=True)
class _OfJournal:
    """What a journal knows, as what is to be checked."""

    files: RecordedFiles
    folder: str

    def __len__(self) -> int:
        return len(self.files)

    def __iter__(self) -> Iterator[Expected]:
        for line, (name, size, digests) in enumerate(self.files, start=1):
            path = below(self.folder, name)
            yield _checkable(Expected(path, digests, size, line, root=self.folder))


def _checkable(wanted: Expected) -> Expected:
    """Return what can be checked of what a file must have; if that is nothing, why."""
    usable = tuple(each for each in wanted.digests if checksums.size(each.algorithm))
    if len(usable) == len(wanted.digests) > 0:
        return wanted
    return replace(wanted, digests=usable, fault="" if usable else _why(wanted.digests))


def _why(digests: tuple[Digest, ...]) -> str:
    if not digests:
        return NOTHING_KNOWN
    names = ", ".join(each.algorithm for each in digests)
    extra = ": pip install 'dl-downloader[blake3]'" if "blake3" in names else ""
    return f"this machine cannot compute {names}: it was not checked{extra}"
