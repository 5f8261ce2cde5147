"""Parts and final files in a folder of this machine.

A part is written under `.dl/parts/` and appears at its final name by one rename, in the same file
system, or not at all. Below the target no link is followed, and what the run did not expect to
find at a final name is not replaced.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Iterator

from downloader.errors import DiskFailed
from downloader.models import FileStat
from downloader.storage import folders
from downloader.storage.partial import LocalPart, file_stat, own_size, part_name, umask

_PARTS = "parts"
_NEW_PART = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD_PART = os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


# What no safe name is.
_NO_NAMES = frozenset({"", ".", ".."})


class LocalStorage:
    """A target folder, which is made if missing; `root` may be a link that the user made.

    With `fsync`, parts reach the disk when they are closed, and final names when they are synced.
    Raises `UsageError` where `root` is no folder, `DiskFailed` where it cannot be written.
    """

    def __init__(self, root: str, *, fsync: bool = False) -> None:
        self._fsync = fsync
        self._shown_prefix = "" if os.path.normpath(root) == "." else os.path.join(root, "")
        self._parts_path = os.path.join(os.path.abspath(root), folders.STATE, _PARTS)
        self._parts_prefix = self._parts_path + "/"
        self._mode = 0o666 & ~umask()
        self._parts = folders.open_state(root, _PARTS)
        self._root = folders.open_root(root)
        if fsync:
            folders.sync_above(root)
        for folder in (self._root, self._parts):
            if not os.access(".", os.W_OK | os.X_OK, dir_fd=folder):
                self.close()
                raise DiskFailed(f"cannot write in {root}: choose another --dir")

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

        `None` where there is no such part, or something else stands in its place.
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
        """Return how many bytes a part holds, 0 where there is none of ours."""
        try:
            name = part_name(path, version)
            return own_size(os.stat(name, dir_fd=self._parts, follow_symlinks=False))
        except OSError:
            return 0

    def commit(self, part: str, path: str, replaces: FileStat | None) -> FileStat:
        """Make the part appear at `path` by one atomic rename; return its stamp.

        Raises `FileExistsError` where something else than `replaces` stands there by now, and
        `OSError` where the rename fails: also between file systems, where a copy would be needed.
        """
        name = part.rpartition("/")[2]
        try:
            if "/" not in path:
                return self._rename(name, self._root, _names(path)[0], path, replaces)
            with self._parent(path, make=True) as (folder, last):
                return self._rename(name, folder, last, path, replaces)
        except OSError as error:
            folders.raise_if_stopping(error, self.shown(path))
            raise

    def _rename(
        self, name: str, folder: int, last: str, path: str, replaces: FileStat | None
    ) -> FileStat:
        self._refuse_other(self._stamp_in(folder, last, path), replaces, path)
        stat_ = file_stat(os.stat(name, dir_fd=self._parts, follow_symlinks=False))
        os.rename(name, last, src_dir_fd=self._parts, dst_dir_fd=folder)
        return stat_

    def sync(self, paths: Iterable[str]) -> None:
        """Have what was committed at these paths outlast a loss of power, each folder once.

        Raises `OSError` where the disk says no. Without `fsync` nothing is done.
        """
        if not self._fsync:
            return
        # Folders on the way may have been made just now: their own names count as well.
        for folder in sorted({names for path in paths for names in _folders(path)}):
            try:
                with self._parent("/".join([*folder, "-"]), make=False) as (opened, _):
                    folders.sync(opened)
            except OSError as error:
                folders.raise_if_stopping(error, self.shown("/".join(folder)))
                raise

    def discard(self, part: str) -> None:
        """Remove a part; one that cannot be removed is left to the next `sweep`."""
        with contextlib.suppress(OSError):
            os.unlink(os.path.basename(part), dir_fd=self._parts)

    def stamp(self, path: str) -> FileStat | None:
        """Say what stands at the final `path`: `None` where there is nothing.

        Raises `FileExistsError` where it is no regular file, or a folder on the way is none.
        """
        try:
            if "/" not in path:
                return self._stamp_in(self._root, _names(path)[0], path)
            with self._parent(path, make=False) as (folder, last):
                return self._stamp_in(folder, last, path)
        except FileNotFoundError:
            return None

    def shown(self, path: str) -> str:
        """Return the final path as it is reachable from the current folder."""
        return self._shown_prefix + path

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
        root, parts = self._root, self._parts
        self._root = self._parts = -1
        for folder in (root, parts):
            if folder >= 0:
                os.close(folder)

    def _part(self, name: str, fd: int, path: str) -> LocalPart:
        where, shown = self._parts_prefix + name, self.shown(path)
        return LocalPart(where, fd, self._mode, shown, fsync=self._fsync)

    def _create(self, name: str) -> int:
        try:
            return os.open(name, _NEW_PART, 0o600, dir_fd=self._parts)
        except FileExistsError:  # left by an earlier try, or put there by somebody: never written
            os.unlink(name, dir_fd=self._parts)
            return os.open(name, _NEW_PART, 0o600, dir_fd=self._parts)

    @contextlib.contextmanager
    def _parent(self, path: str, *, make: bool) -> Iterator[tuple[int, str]]:
        """Open the folder that holds `path`, and give the last name."""
        *names, last = _names(path)
        if not names:
            yield self._root, last
            return
        try:
            folder = folders.open_below(self._root, names, make=make)
        except NotADirectoryError as error:
            raise FileExistsError(
                f"{self.shown(path)}: {error.filename} is a link or a file, not a folder:"
                " remove it, or choose another --dir"
            ) from None
        try:
            yield folder, last
        finally:
            os.close(folder)

    def _stamp_in(self, folder: int, name: str, path: str) -> FileStat | None:
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            return None
        if not stat.S_ISREG(found.st_mode):
            raise FileExistsError(
                f"{self.shown(path)} is {_kind(found.st_mode)}, not a file:"
                " remove it, or choose another --dir"
            )
        return file_stat(found)

    def _refuse_other(self, found: FileStat | None, replaces: FileStat | None, path: str) -> None:
        if found is not None and found != replaces:
            raise FileExistsError(
                f"{self.shown(path)} appeared or was changed while it was being fetched:"
                " it is left as it is"
            )


def _names(path: str) -> list[str]:
    """Split a final path; raises `ValueError` for one that no safe name can lead to."""
    names = path.split("/")
    if names[0].casefold() == folders.STATE or not _NO_NAMES.isdisjoint(names):
        raise ValueError(f"not a path below the target folder: {path!r}")
    return names


def _folders(path: str) -> Iterator[tuple[str, ...]]:
    """Yield the folders that lead to a final path, the target itself as ()."""
    names = _names(path)
    for count in range(len(names)):
        yield tuple(names[:count])


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    return "a folder" if stat.S_ISDIR(mode) else "a device, pipe or socket"
