"""The target folder, held by one run, with what earlier ones left there in order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from downloader.folder_lock import FolderLock
from downloader.journal import Journal
from downloader.models import Stamp, Warned
from downloader.options import Options
from downloader.protocols import Reporter, Storage
from downloader.storage.local import LocalStorage


@contextmanager
def held(storage: LocalStorage, options: Options, reporter: Reporter) -> Iterator[Journal]:
    """Hold the target folder for this run alone, with its journal open.

    Parts of earlier runs are removed, but for those that are to be continued and can be.
    """
    folder = os.path.join(options.dir, ".dl")
    with FolderLock(options.dir), closing(Journal.open(folder)) as journal:
        if journal.notice:
            reporter.tell(Warned(journal.notice))
        journal.settle(lambda path: _standing(storage, path))
        if not options.continue_:
            journal.forget_parts()
        storage.sweep(journal.parts())
        yield journal


def _standing(storage: Storage, path: str) -> Stamp | None:
    try:
        return storage.stamp(path)
    except (OSError, ValueError):
        return None
