"""The part of one item: opened when its first bytes arrive; every fault of the disk in words."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import NoReturn

from downloader.errors import DiskFailed
from downloader.models import ResumePoint
from downloader.protocols import Partial, Storage
from downloader.transfer.causes import is_out_of_files
from downloader.wire.errors import TransferError

# The target is full or cannot be written at all: no other item will fare better.
_STOPPING = {
    errno.ENOSPC: "disk full",
    errno.EDQUOT: "disk quota exceeded",
    errno.EROFS: "read-only file system",
}
_UNUSABLE_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ELOOP})

# Only for larger files is the disk asked beforehand how much is free.
_CHECKED = 16 * 1024 * 1024  # bytes


class PartialFile:
    """One item's bytes on their way to the disk.

    Raises `TransferError`, or `DiskFailed` if no other item will fare better.
    """

    def __init__(self, storage: Storage, path: str) -> None:
        self._storage = storage
        self._path = path
        self._part: Partial | None = None
        self._version = ""

    def begin(self, version: str = "") -> None:
        """Start at byte 0, whatever an earlier try wrote; parts of another version are removed."""
        if self._part is not None and version != self._version:
            self.drop()
        self._version = version
        try:
            if self._part is None:
                self._part = self._storage.open_part(self._path, version)
            else:
                self._part.truncate()
        except FileExistsError as error:
            raise TransferError(
                "exists", _sentence(error, f"{self._path} exists already")
            ) from error
        except (OSError, ValueError) as error:
            if is_out_of_files(error):
                raise  # a matter of this moment, as with sockets
            self._refuse(error, opening=True)

    def holds(self, kept: ResumePoint) -> bool:
        """Return True if what is held is there to be continued; opens what was left closed."""
        if self._part is None:
            self._version = kept.version
            self._part = self._storage.reopen_part(self._path, kept.version, kept.offset)
        return self._part is not None and self._version == kept.version

    def check_room(self, length: int) -> None:
        """Raise `TransferError` if this many bytes will not fit on the disk; none is written."""
        assert self._part is not None
        if length < _CHECKED:
            return
        try:
            disk = os.statvfs(self._part.path)
        except OSError:  # a part that is no file of this machine
            return
        free = disk.f_bavail * disk.f_frsize
        if length > free:
            raise TransferError("disk", f"the reply declares {length} bytes, {free} are free")

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Write all of `data` at `offset`."""
        assert self._part is not None
        try:
            self._part.write_at(offset, data)
        except OSError as error:
            self._refuse(error)

    def beginning(self, most: int) -> bytes:
        """Return up to so many of the first bytes; none if the part cannot be read here."""
        assert self._part is not None
        try:
            with open(self._part.path, "rb") as stream:
                return stream.read(most)
        except OSError:
            return b""

    def finish(self) -> str:
        """Close the part and return where its bytes are."""
        assert self._part is not None
        try:
            self._part.close()
        except OSError as error:
            self._refuse(error)
        return self._part.path

    def keep(self, *, sync: bool) -> bool:
        """Close the part and leave it where it is; false if the disk would not have it."""
        if self._part is None:
            return False
        try:
            if sync:
                self._part.sync()
            self._part.close()
        except (OSError, DiskFailed):
            self.drop()
        return self._part is not None

    def drop(self) -> None:
        """Close and remove the part, if there is one; the item has its failure already."""
        if self._part is None:
            return
        with contextlib.suppress(OSError):
            self._part.close()
        with contextlib.suppress(OSError):
            self._storage.discard(self._part.path)
        self._part = None

    def _refuse(self, error: OSError | ValueError, *, opening: bool = False) -> NoReturn:
        number = getattr(error, "errno", None)
        if number in _STOPPING:
            raise DiskFailed(f"{_STOPPING[number]}: {self._path} cannot be written") from error
        if opening and (isinstance(error, ValueError) or number in _UNUSABLE_NAME):
            why = _sentence(error, str(error))
            raise TransferError(
                "name", f"{self._path} cannot be a file's name here: {why}"
            ) from error
        why = _sentence(error, str(error))
        raise TransferError("disk", f"{self._path} cannot be written: {why}") from error


def _sentence(error: OSError | ValueError, otherwise: str) -> str:
    """Prefer the sentence that the storage wrote, or the system's, to ours."""
    if isinstance(error, OSError) and error.strerror:
        return otherwise if isinstance(error, FileExistsError) else error.strerror
    return str(error) or otherwise
