"""Files that are to be checked: looked at so that no link leads out of their folder."""

from __future__ import annotations

import os
import stat

from downloader.models import Failure


def below(root: str | None, name: str) -> str:
    """Return the path of a name in a folder, as reachable from the current one."""
    is_here = root is None or os.path.normpath(root) == "."
    return name if is_here else os.path.join(root or "", name)


class Trees:
    """Looks at files below folders; without a folder paths are taken as they are, links and all.

    What it knows of folders it keeps: one is made for each run.
    """

    def __init__(self) -> None:
        self._roots: dict[str, str] = {}  # the real path of each
        self._last: tuple[str, str, bool] = ("", "", False)  # a folder, its root, if it is within

    def look(self, path: str, root: str | None) -> int | Failure | None:
        """Return the size of the file at a path, why it is none, or `None` if nothing is there."""
        try:
            return self._look(path, root)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return Failure("disk", f"it cannot be looked at: {error.strerror or error}")
        except ValueError as error:  # NUL in the path, or text that no file name can be
            return Failure("name", f"no file can have this name: {error}")

    def _look(self, path: str, root: str | None) -> int | Failure:
        found = os.stat(path, follow_symlinks=root is None)
        if root is not None:
            is_link = stat.S_ISLNK(found.st_mode)
            if not (self._is_within(path, root) if is_link else self._holds(path, root)):
                return Failure("refused", f"it leads out of {root}: it was not read")
            found = os.stat(path) if is_link else found
        if stat.S_ISREG(found.st_mode):
            return found.st_size
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or a device"
        return Failure("refused", f"it is {what}, not a file")

    def _holds(self, path: str, root: str) -> bool:
        """Return True if a file's folder is within a root; most are in that of the one before."""
        folder = os.path.dirname(path)
        if self._last[:2] != (folder, root):
            self._last = (folder, root, self._is_within(folder, root))
        return self._last[2]

    def _is_within(self, path: str, root: str) -> bool:
        top = self._roots.get(root) or self._roots.setdefault(root, os.path.realpath(root))
        real = os.path.realpath(path)
        return real == top or real.startswith(os.path.join(top, ""))
