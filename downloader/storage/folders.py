"""Folders below the target, opened so that no link is followed, and what stops a run there.

The target itself may be a link: the user named it. Whatever lies below may have been put there by
others, so it is opened relative to its parent's descriptor, one name after another.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence

from downloader.errors import DiskFailed, UsageError

# The one folder below the target that is ours: journal, parts and lock.
STATE = ".dl"

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# The disk itself says no: every further item would fail in the same way.
_STOPPING = {
    errno.ENOSPC: "free some space and run again",
    errno.EDQUOT: "free some space and run again",
    errno.EROFS: "choose another --dir",
    errno.EIO: "check the disk",
}


def open_root(root: str) -> int:
    """Open the target folder, made if it is missing; the caller closes the descriptor.

    Raises `UsageError` if something else than a folder stands there, `DiskFailed` if the
    folder cannot be made or opened.
    """
    try:
        os.makedirs(root, exist_ok=True)
        return os.open(root, _FOLDER)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"--dir {root}: it is not a folder: choose another one") from None
    except OSError as error:
        raise DiskFailed(f"cannot make or open the folder {root}: {error.strerror}") from error


def open_state(root: str, *names: str) -> int:
    """Open a folder below the target's `.dl`, made if missing; the caller closes the descriptor.

    Raises as `open_root`, and `UsageError` if a link or a file stands in the way.
    """
    top = open_root(root)
    try:
        return open_below(top, (STATE, *names), make=True)
    except NotADirectoryError as error:
        where = os.path.join(root, STATE)
        raise UsageError(
            f"{where}: {error.filename} is a link or a file, not a folder: remove it"
        ) from None
    except OSError as error:
        raise DiskFailed(f"cannot write in {root}: {error.strerror}") from error
    finally:
        os.close(top)


def open_below(folder: int, names: Sequence[str], *, make: bool) -> int:
    """Open a folder below the open `folder`, following no link; the caller closes the descriptor.

    Raises `NotADirectoryError`, with the name, if something else than a folder is on the way,
    and `FileNotFoundError` if a folder is missing and not to be made.
    """
    at = os.dup(folder)
    for name in names:
        try:
            inner = _open_one(at, name, make=make)
        finally:
            os.close(at)
        at = inner
    return at


def _open_one(parent: int, name: str, *, make: bool) -> int:
    try:
        return _open_plain(parent, name)
    except FileNotFoundError:
        if not make:
            raise
    # If another thread was faster, what it made is checked by opening it.
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
    return _open_plain(parent, name)


def _open_plain(parent: int, name: str) -> int:
    try:
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)
    except OSError as error:
        if error.errno == errno.ELOOP:  # what some systems say of a link, where Linux says ENOTDIR
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name) from None
        raise


def is_vacant(root: str) -> bool:
    """Return True if nothing but our own state stands in a folder, or if there is no folder."""
    try:
        with os.scandir(root) as entries:
            return all(entry.name == STATE for entry in entries)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def sync(folder: int) -> None:
    """Have the names in an open folder reach the disk, on file systems that can say so."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise


def sync_above(root: str) -> None:
    """Have the target's own name reach the disk, and those of the folders that lead to it.

    Any of them may have been made for this run. One that cannot be opened was not.
    """
    above = os.path.realpath(root)
    while above != (above := os.path.dirname(above)):
        with contextlib.suppress(OSError):
            folder = os.open(above, _FOLDER)
            try:
                sync(folder)
            finally:
                os.close(folder)


def raise_if_stopping(error: OSError, where: str) -> None:
    """Raise `DiskFailed` if the cause would fail every further item as well."""
    if error.errno in _STOPPING:
        advice = _STOPPING[error.errno]
        raise DiskFailed(f"cannot write {where}: {error.strerror}: {advice}") from error
