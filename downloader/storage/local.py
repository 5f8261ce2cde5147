"""Parts and final files in a folder of this machine.

A part is written under `.dl/parts/` and appears at its final name by one rename, in the same file
system, or not at all. Below the target no link is followed, and what the run did not expect to
find at a final name is not replaced.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterable

from downloader.errors import DiskFailed
from downloader.models import FileStat
from downloader.storage import folders
from downloader.storage.final_paths import FinalPaths, names_of
from downloader.storage.lock import FolderLock
from downloader.storage.partial import LocalPart, file_stat, own_size, part_name, umask

_PARTS = "parts"
_NEW_PART = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD_PART = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class LocalStorage:
    """A target folder, which is made if missing; `root` may be a link that the user made.

    With `fsync`, parts reach the disk when they are closed, and final names when they are synced.
    Raises `UsageError` if `root` is no folder, `DiskFailed` if it cannot be written.
    """

    def __init__(self, root: str, *, fsync: bool = False) -> None:
        self._target = root
        self._fsync = fsync
        self._parts_path = os.path.join(os.path.abspath(root), folders.STATE, _PARTS)
        self._parts_prefix = self._parts_path + "/"
        self._mode = 0o666 & ~umask()
        self._parts = folders.open_state(root, _PARTS)
        self._finals = FinalPaths(root)
        if fsync:
            folders.sync_above(root)
        for folder in (self._finals.root, self._parts):
            if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder):
                self.close()
                raise DiskFailed(f"cannot write in {root}: choose another --dir")

    @property
    def state_folder(self) -> str:
        """The folder of journal, parts and lock."""
        return os.path.join(self._target, folders.STATE)

    def lock(self) -> FolderLock:
        """Return the lock that holds the target folder for one run alone while it is entered."""
        return FolderLock(self._target)

    def is_vacant(self) -> bool:
        """Return True if nothing but our own state stands in the target folder."""
        return folders.is_vacant(self._target)

    def open_part(self, path: str, version: str = "") -> LocalPart:
        """Make an empty part for the final `path`, under a name that depends on these alone."""
        name = part_name(path, version)
        try:
            fd = self._create(name)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EACCES, errno.EPERM):
                raise DiskFailed(f"cannot write in {self._parts_path}: {error.strerror}") from error
            folders.raise_if_stopping(error, self._parts_path)
            raise
        return self._part(name, fd, path)

    def write_part(self, path: str, data: memoryview) -> tuple[str, FileStat]:
        """Write a whole part for the final `path` at once; return where it is, and its stat.

        Raises as `open_part` and the part do; then there is none.
        """
        part = self.open_part(path)
        try:
            part.write_at(0, data)
            return part.path, part.close()
        except BaseException:
            part.close()
            self.discard(part.path)
            raise

    def reopen_part(self, path: str, version: str, keep: int) -> LocalPart | None:
        """Open a part that holds at least `keep` bytes again, and drop all others.

        `None` if there is no such part, or if something else stands in its place.
        """
        name = part_name(path, version)
        try:
            fd = os.open(name, _OLD_PART, dir_fd=self._parts)
        except OSError:
            return None
        try:
            if own_size(os.fstat(fd)) >= keep > 0:
                os.ftruncate(fd, keep)
                return self._part(name, fd, path)
        except OSError:
            pass  # it is as good as none
        os.close(fd)
        return None

    def part_size(self, path: str, version: str) -> int:
        """Return how many bytes a part holds, 0 if there is none of ours."""
        try:
            name = part_name(path, version)
            return own_size(os.stat(name, dir_fd=self._parts, follow_symlinks=False))
        except OSError:
            return 0

    def stat_part(self, part: str) -> FileStat:
        """Return the stat of a part; raises `OSError` if it is gone."""
        name = part.rpartition("/")[2]
        return file_stat(os.stat(name, dir_fd=self._parts, follow_symlinks=False))

    def commit(
        self, part: str, path: str, replaces: FileStat | None, stat: FileStat | None = None
    ) -> FileStat:
        """Make the part appear at `path` by one atomic rename; return its stat, `stat` if known.

        Raises `FileExistsError` if something else than `replaces` stands there by now, and
        `OSError` if the rename fails: also between file systems, where a copy would be needed.
        """
        try:
            if "/" not in path:
                place = (self._finals.root, names_of(path)[0])
                self._refuse_other(place, path, replaces)
                return self._rename(part, place, stat)
            with self._finals.parent(path, make=True) as place:
                self._refuse_other(place, path, replaces)
                return self._rename(part, place, stat)
        except OSError as error:
            folders.raise_if_stopping(error, self.shown(path))
            raise

    def _refuse_other(self, place: tuple[int, str], path: str, replaces: FileStat | None) -> None:
        found = self._finals.stamp_in(*place, path)
        if found is not None and found != replaces:
            raise FileExistsError(
                f"{self.shown(path)} appeared or was changed while it was being fetched:"
                " it is left as it is"
            )

    def _rename(self, part: str, place: tuple[int, str], stat: FileStat | None) -> FileStat:
        folder, last = place
        stat = stat or self.stat_part(part)
        os.rename(part.rpartition("/")[2], last, src_dir_fd=self._parts, dst_dir_fd=folder)
        return stat

    def sync(self, paths: Iterable[str]) -> None:
        """Have what was committed at these paths outlast a loss of power, each folder once.

        Raises `OSError` if the disk says no. Without `fsync` nothing is done.
        """
        if self._fsync:
            self._finals.sync(paths)

    def discard(self, part: str) -> None:
        """Remove a part; one that cannot be removed is left to the next `sweep`."""
        with contextlib.suppress(OSError):
            os.unlink(os.path.basename(part), dir_fd=self._parts)

    def stamp(self, path: str) -> FileStat | None:
        """Return what stands at the final `path`, `None` if there is nothing.

        Raises `FileExistsError` if it is no regular file, or a folder on the way is none.
        """
        return self._finals.stamp(path)

    def shown(self, path: str) -> str:
        """Return the final path as it is reachable from the current folder."""
        return self._finals.shown(path)

    def sweep(self, keep: Iterable[tuple[str, str]] = ()) -> None:
        """Remove the parts of earlier runs, but for those of these paths and versions.

        Only for the run that holds the folder's lock.
        """
        kept = {part_name(path, version) for path, version in keep}
        for name in os.listdir(self._parts):
            if name not in kept:
                self.discard(name)

    def close(self) -> None:
        """Let go of the folders. No other method may be called any more."""
        self._finals.close()
        parts, self._parts = self._parts, -1
        if parts >= 0:
            os.close(parts)

    def _part(self, name: str, fd: int, path: str) -> LocalPart:
        where, shown = self._parts_prefix + name, self.shown(path)
        return LocalPart(where, fd, self._mode, shown, fsync=self._fsync)

    def _create(self, name: str) -> int:
        try:
            return os.open(name, _NEW_PART, 0o600, dir_fd=self._parts)
        except FileExistsError:  # left by an earlier try, or put there by somebody: never written
            os.unlink(name, dir_fd=self._parts)
            return os.open(name, _NEW_PART, 0o600, dir_fd=self._parts)
