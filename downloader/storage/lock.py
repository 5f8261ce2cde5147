"""One run at a time on one target folder."""

from __future__ import annotations

import fcntl
import os
from types import TracebackType

from downloader.errors import DiskFailed, FolderInUse
from downloader.storage import folders

_NAME = "lock"
_OPEN = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


class FolderLock:
    """Holds `DIR/.dl/lock` while entered; `folder`, DIR, is made if missing.

    The lock belongs to the open file (flock): the kernel frees it when this process dies, two runs
    within one process exclude each other, and processes that are started do not inherit it.
    Entering raises `FolderInUse`, with the holder's process number, at once and without waiting.
    The file itself stays: removing it would let two holders in.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._fd = -1

    def __enter__(self) -> FolderLock:
        fd = self._open()
        try:
            self._take(fd)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        fd, self._fd = self._fd, -1
        # Not left to the closing: a process that is just being started may still hold a copy.
        fcntl.flock(fd, fcntl.LOCK_UN)
        os.close(fd)

    def _open(self) -> int:
        state = folders.open_state(self._folder)
        try:
            return os.open(_NAME, _OPEN, 0o644, dir_fd=state)
        except OSError as error:
            raise self._failed(error) from error
        finally:
            os.close(state)

    def _take(self, fd: int) -> None:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(fd, 0)
            os.pwrite(fd, b"%d\n" % os.getpid(), 0)
        except BlockingIOError:
            raise FolderInUse(self._folder, _holder(fd)) from None
        except OSError as error:
            raise self._failed(error) from error

    def _failed(self, error: OSError) -> DiskFailed:
        where = os.path.join(self._folder, folders.STATE, _NAME)
        return DiskFailed(f"cannot lock {where}: {error.strerror}")


def _holder(fd: int) -> int | None:
    """Return the process that wrote its number; `None` if it has not come to it yet."""
    text = os.pread(fd, 20, 0).strip()
    return int(text) if text.isdigit() else None
