"""Final paths below the target folder: what stands there, looked at so that no link is followed."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator

from downloader.models import FileStat
from downloader.storage import folders
from downloader.storage.partial import file_stat

# What no safe name is.
_NO_NAMES = frozenset({"", ".", ".."})


class FinalPaths:
    """The final paths of one target folder, which is made if missing.

    Raises as `folders.open_root`. Paths are relative, "/" between names; one that no safe name can
    lead to is a `ValueError`.
    """

    def __init__(self, root: str) -> None:
        self._shown_prefix = "" if os.path.normpath(root) == "." else os.path.join(root, "")
        self.root = folders.open_root(root)

    def shown(self, path: str) -> str:
        """Return the final path as it is reachable from the current folder."""
        return self._shown_prefix + path

    @contextlib.contextmanager
    def parent(self, path: str, *, make: bool) -> Iterator[tuple[int, str]]:
        """Open the folder that holds `path`, and give the last name."""
        *names, last = names_of(path)
        if not names:
            yield self.root, last
            return
        try:
            folder = folders.open_below(self.root, names, make=make)
        except NotADirectoryError as error:
            raise FileExistsError(
                f"{self.shown(path)}: {error.filename} is a link or a file, not a folder:"
                " remove it, or choose another --dir"
            ) from None
        try:
            yield folder, last
        finally:
            os.close(folder)

    def stamp(self, path: str) -> FileStat | None:
        """Return what stands at a path, as `Storage.stamp` promises."""
        try:
            if "/" not in path:
                return self.stamp_in(self.root, names_of(path)[0], path)
            with self.parent(path, make=False) as (folder, last):
                return self.stamp_in(folder, last, path)
        except FileNotFoundError:
            return None

    def stamp_in(self, folder: int, name: str, path: str) -> FileStat | None:
        """Return what has a name in an open folder; raises as `stamp`."""
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

    def sync(self, paths: Iterable[str]) -> None:
        """Have the names of these paths reach the disk, each folder once."""
        # Folders on the way may have been made just now: their own names count as well.
        for folder in sorted({names for path in paths for names in _folders_of(path)}):
            try:
                with self.parent("/".join([*folder, "-"]), make=False) as (opened, _):
                    folders.sync(opened)
            except OSError as error:
                folders.raise_if_stopping(error, self.shown("/".join(folder)))
                raise

    def close(self) -> None:
        """Let go of the folder. Twice is no error."""
        root, self.root = self.root, -1
        if root >= 0:
            os.close(root)


def names_of(path: str) -> list[str]:
    """Split a final path; raises `ValueError` for one that no safe name can lead to."""
    names = path.split("/")
    if names[0].casefold() == folders.STATE or not _NO_NAMES.isdisjoint(names):
        raise ValueError(f"not a path below the target folder: {path!r}")
    return names


def _folders_of(path: str) -> Iterator[tuple[str, ...]]:
    """Yield the folders that lead to a final path, the target itself as ()."""
    names = names_of(path)
    for count in range(len(names)):
        yield tuple(names[:count])


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a link"
    return "a folder" if stat.S_ISDIR(mode) else "a device, pipe or socket"
