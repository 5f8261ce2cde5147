"""The target of a run: where files appear, held for this run alone, with its journal open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from downloader.errors import LocalError
from downloader.models import FileStat, Warned
from downloader.options import Options
from downloader.protocols import Reporter, Storage
from downloader.state.journal import Journal
from downloader.storage.local import LocalStorage


@contextmanager
def storage_of(options: Options, plugged: Storage | None) -> Iterator[Storage]:
    """Give the caller's storage, which stays open, or the folder that the options name."""
    if plugged is not None:
        yield plugged
        return
    with closing(LocalStorage(options.dir, fsync=options.fsync)) as local:
        yield local


@contextmanager
def open_folder(storage: Storage, options: Options, reporter: Reporter) -> Iterator[Journal]:
    """Hold the storage for this run alone; give its journal.

    Parts of earlier runs are removed, but for those that are to be continued and can be; so are
    those that this run leaves unfinished.
    """
    with storage.lock(), closing(Journal.open(storage.state_folder)) as journal:
        if journal.notice:
            reporter.tell(Warned(journal.notice))
        journal.adopt(lambda path: _standing(storage, path))
        if not options.continues:
            journal.forget_parts()
        storage.sweep(journal.parts())
        try:
            yield journal
        finally:
            with suppress(LocalError):  # a full disk: the next run does it
                storage.sweep(journal.parts())


def _standing(storage: Storage, path: str) -> FileStat | None:
    try:
        return storage.stamp(path)
    except (OSError, ValueError):
        return None
