"""The final paths of a run's items: chosen in list order, each of them one item's alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloader.planning import naming, numbering, usual
from downloader.state.spill import SpillDict

# Gives the wanted path of a URL with the name that the list gives it: a row of `naming.LAYOUTS`.
Layout = Callable[[str, str | None], str]


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a run; `used` remembers those that are taken, as `numbering.unique` does."""

    layout: Layout
    used: SpillDict

    def choose(self, url: str, name: str | None) -> str:
        """Return a unique path for a URL without a login, and take it."""
        return numbering.unique(self.layout(url, name), self.used)

    def claim(self, path: str) -> bool:
        """Take a path whose folder is taken already; false if it is another item's."""
        return numbering.claim(path, self.used)

    def take_usual(self, name: str) -> bool:
        """Take what `choose` would return for a URL with a usual name.

        False, with nothing taken, if that is not the name itself: in folders, and if it is taken.
        """
        return self.layout is naming.flat_path and self.used.add(usual.key(name), numbering.NEXT)
