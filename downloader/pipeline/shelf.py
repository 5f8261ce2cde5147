"""Final names: how files appear there, and what went wrong with that in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from downloader.errors import LocalError
from downloader.models import DownloadResult, Failure, FileStat
from downloader.protocols import Storage

T = TypeVar("T")


class Shelf:
    """Puts what has landed at its final path; `break_off` is told of what stops the run."""

    def __init__(self, storage: Storage, break_off: Callable[[LocalError], None]) -> None:
        self._storage = storage
        self._break_off = break_off

    def put(self, result: DownloadResult) -> FileStat | Failure:
        """Have one file appear."""
        part, job = result.part, result.job
        return self._tried(job.path, lambda: self._storage.commit(part, job.path, job.replaces))

    def sync(self, paths: Sequence[str]) -> Failure | None:
        """Have the files that appeared outlast a loss of power, where that is wanted."""
        return self._tried(paths[0], lambda: self._storage.sync(paths)) if paths else None

    def _tried(self, path: str, work: Callable[[], T]) -> T | Failure:
        try:
            return work()
        except LocalError as error:
            self._break_off(error)
            return Failure("disk", str(error))
        except FileExistsError as error:
            return Failure("exists", str(error))
        except OSError as error:
            return Failure("disk", f"{self._storage.shown(path)}: {error.strerror or error}")
        except Exception as error:  # a part broke its promise: that item's failure, not the run's
            return Failure("internal", f"{error!r}")

    def discard(self, part: str) -> None:
        """Remove the part of an item that has its failure already."""
        with suppress(Exception):
            self._storage.discard(part)
