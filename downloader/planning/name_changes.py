"""Names that files did not get as they were given: counted, and said once at the end of a run."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from downloader.text import plural

# Characters of a name that is shown.
_SHOWN = 60


class Change(NamedTuple):
    """The first name of its kind, and the path that it became."""

    name: str
    path: str


_NONE = Change("", "")


@dataclass(slots=True)
class NameChanges:
    """Counts names that were no safe ones, and those that files of earlier runs have."""

    unsafe: int = 0
    held: int = 0
    first_unsafe: Change = _NONE
    first_held: Change = _NONE

    def made(self, name: str, path: str) -> None:
        """Note what became of a name, if that is not the name itself in its normal form (NFC).

        No name is none that was changed.
        """
        wanted = "/".join(part for part in name.split("/") if part != ".")
        if not name or f"/{path}".endswith(f"/{unicodedata.normalize('NFC', wanted)}"):
            return
        self.unsafe += 1
        if self.unsafe == 1:
            self.first_unsafe = Change(name, path)

    def numbered(self, name: str, path: str) -> None:
        """Note that a file was numbered since another URL's, of an earlier run, has its name."""
        self.held += 1
        if self.held == 1:
            self.first_held = Change(name, path)

    def notices(self) -> Iterator[str]:
        """Yield what there is to say, a sentence each."""
        if self.unsafe:
            they = "was" if self.unsafe == 1 else "were"
            shown = _first(self.first_unsafe, self.unsafe)
            yield f"{plural('name', self.unsafe)} {they} changed to be safe on any system: {shown}"
        if self.held:
            they = "is that of a file" if self.held == 1 else "are those of files"
            shown = _first(self.first_held, self.held)
            yield (
                f"{plural('name', self.held)} {they} that another URL has here since an earlier "
                f"run: {shown}; to replace such files name them in the list"
            )


def _first(change: Change, count: int) -> str:
    """Return what became of the first name."""
    name, path = (repr(each if len(each) <= _SHOWN else f"{each[:_SHOWN]}...") for each in change)
    return f"{name} is {path} now" if count == 1 else f"the first, {name}, is {path} now"
