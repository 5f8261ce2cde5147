"""The final paths of a run's items: chosen in list order, each of them one item's alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from downloader.planning import naming, numbering, usual
from downloader.planning.former_names import FormerNames
from downloader.planning.name_changes import NameChanges
from downloader.state.spill import SpillDict

# Gives the wanted path of a URL with the name that the list gives it: a row of `naming.LAYOUTS`.
Layout = Callable[[str, str | None], str]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a run; `used` remembers those that are taken, as `numbering.unique` does.

    `former` are those that URLs have from earlier runs, `None` if there are none; `changes`
    counts the names that were changed.
    """

    layout: Layout
    used: SpillDict
    former: FormerNames | None = None
    changes: NameChanges = field(default_factory=NameChanges)

    def choose(self, url: str, name: str | None, key: str) -> str:
        """Return a unique path for a URL without a login, and take it."""
        path = self.layout(url, name)
        self.changes.made(naming.last_segment(url) if name is None else name, path)
        if self.former is None:
            return numbering.unique(path, self.used)
        kept = self._kept(self.former, path, name, key)
        return kept or self._numbered(self.former, path, key)

    def claim(self, path: str) -> bool:
        """Take a path whose folder is taken already; false if it is another item's."""
        return numbering.claim(path, self.used)

    def take_usual(self, name: str, key: str) -> bool:
        """Take what `choose` would return for a URL with a usual name.

        False, with nothing taken, if that is not the name itself, or may not be: in folders, and
        if it is taken.
        """
        if self.layout is not naming.flat_path:
            return False
        if self.former is not None and not self.former.is_own(name, key):
            return False
        return self.used.add(usual.key(name), numbering.NEXT)

    def _numbered(self, former: FormerNames, path: str, key: str) -> str:
        """Take a path that no URL has, here or since an earlier run."""
        held = former.held(key)
        is_others = False

        def asked(variant: str, is_folder: bool) -> bool:
            nonlocal is_others
            is_held = held(variant, is_folder)
            is_others |= is_held and variant == path
            return is_held

        found = numbering.unique(path, self.used, asked)
        if is_others:
            self.changes.numbered(path, found)
        return found

    def _kept(self, former: FormerNames, path: str, name: str | None, key: str) -> str | None:
        """Take the path that the URL has, or else one that the list itself gives."""
        kept = former.path(path, key, given=name is not None)
        if kept is not None and numbering.take(kept, path, self.used):
            return kept
        return path if name is not None and numbering.take(path, path, self.used) else None
