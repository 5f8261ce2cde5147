"""A part: the file that bytes are written to before it has a final name."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat

from downloader.models import FileStat
from downloader.storage import folders

# Bytes handed to one pwrite: Linux takes 2 GiB less a page, others refuse more than 2 GiB - 1.
PIECE = 1 << 30


class LocalPart:
    """A file that is being written and has no final name yet; owns its descriptor.

    `mode` is what it gets once it is closed, `shown` what errors call it. With `fsync` its bytes
    have reached the disk when it is closed.
    """

    __slots__ = ("_fd", "_fsync", "_mode", "_shown", "_stat", "path")

    def __init__(self, path: str, fd: int, mode: int, shown: str, *, fsync: bool = False) -> None:
        self.path = path
        self._fd = fd
        self._mode = mode
        self._shown = shown
        self._fsync = fsync
        self._stat = FileStat(0, 0, 0)

    def write_at(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data` at `offset`. Raises `DiskFailed` if the disk is full or broken."""
        try:
            if len(data) <= PIECE and os.pwrite(self._fd, data, offset) == len(data):
                return
            self._write_pieces(offset, memoryview(data).cast("B"))
        except OSError as error:
            folders.raise_if_stopping(error, self._shown)
            raise

    def _write_pieces(self, offset: int, left: memoryview) -> None:
        while left:
            written = os.pwrite(self._fd, left[:PIECE], offset)
            left = left[written:]
            offset += written

    def truncate(self) -> None:
        """Drop every byte: the next write starts at 0 again."""
        os.ftruncate(self._fd, 0)

    def sync(self) -> None:
        """Have every byte reach the disk."""
        os.fsync(self._fd)

    def close(self) -> FileStat:
        """Hand every byte to the operating system and open the file to other readers.

        Returns the file's stat. Raises what the system reports only now (network file systems,
        quotas). Twice is no error.
        """
        if self._fd < 0:
            return self._stat
        fd, self._fd = self._fd, -1
        try:
            try:
                _set_mode(fd, self._mode)
                if self._fsync:
                    os.fsync(fd)
                self._stat = file_stat(os.fstat(fd))
            finally:
                os.close(fd)
        except OSError as error:
            folders.raise_if_stopping(error, self._shown)
            raise
        return self._stat


def part_name(path: str, version: str) -> str:
    """Return the name of the part of a final path that holds one version of its body.

    Each version has a name of its own, so that what is noted of one is never said of another.
    """
    what = os.fsencode(path)
    if version:
        what += b"\0" + version.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(what, digest_size=16).hexdigest() + ".part"


def file_stat(found: os.stat_result) -> FileStat:
    """Return what identifies one version of a file."""
    return FileStat(found.st_size, found.st_mtime_ns, found.st_ino)


def own_size(found: os.stat_result) -> int:
    """Return the size of a file that only this user has made and can reach, 0 for all else."""
    is_own = stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_uid == os.geteuid()
    return found.st_size if is_own else 0


def umask() -> int:
    """Return this process's umask; on Linux without changing it for other threads' files."""
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith("Umask:"):
                return int(line.split()[1], 8)
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _set_mode(fd: int, mode: int) -> None:
    try:
        os.fchmod(fd, mode)
    except OSError as error:  # file systems without modes of their own, such as FAT
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS):
            raise
