"""Files that are to be checked: looked at so that no link leads out of their folder."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field

from downloader.models import Failure


@dataclass
class Tree:
    """The files below a folder; without one, paths are taken as they are, links and all."""

    root: str | None
    _real: str = field(default="", init=False)
    _known: tuple[str, bool] = field(default=("", False), init=False)  # the last folder seen

    def path(self, name: str) -> str:
        """Return the path of a name in this tree, as reachable from the current folder."""
        is_here = self.root is None or os.path.normpath(self.root) == "."
        return name if is_here else os.path.join(self.root or "", name)

    def look(self, path: str) -> int | Failure | None:
        """Return the size of the file at a path, why it is none, or `None` if nothing is there."""
        try:
            return self._look(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            return Failure("disk", f"it cannot be looked at: {error.strerror or error}")
        except ValueError as error:  # NUL in the path, or text that no file name can be
            return Failure("name", f"no file can have this name: {error}")

    def _look(self, path: str) -> int | Failure:
        found = os.stat(path, follow_symlinks=self.root is None)
        if self.root is not None:
            is_link = stat.S_ISLNK(found.st_mode)
            if not (self._is_inside(path) if is_link else self._holds(os.path.dirname(path))):
                return Failure("refused", f"it leads out of {self.root}: it was not read")
            found = os.stat(path) if is_link else found
        if stat.S_ISREG(found.st_mode):
            return found.st_size
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe or a device"
        return Failure("refused", f"it is {what}, not a file")

    def _holds(self, folder: str) -> bool:
        """Return True if a folder is within the tree; most files stand in the one before's."""
        if self._known[0] != folder or not self._real:
            self._known = (folder, self._is_inside(folder))
        return self._known[1]

    def _is_inside(self, path: str) -> bool:
        self._real = self._real or os.path.realpath(self.root or "")
        real = os.path.realpath(path)
        return real == self._real or real.startswith(os.path.join(self._real, ""))
