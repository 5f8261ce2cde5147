"""Names that URLs have from earlier runs into the same folder: each keeps its own.

A list whose lines have another order, or new ones among them, would number names that are shared in
another way: the bytes of one URL would take the place of another's. A URL that is signed anew is
the one that it was. What the journal knows of names is looked up as items are planned, at most a
few rows each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from downloader.planning import numbering
from downloader.planning.signatures import is_same_file


class PastNames(Protocol):
    """Knows under which names this tool has put files."""

    def holder(self, path: str) -> str | None:
        """Return the key of the URL whose file was put at a path last, "" for a folder of files."""
        ...

    def stored_at(self, key: str) -> str | None:
        """Return the path where a URL's file was put last."""
        ...


@dataclass(frozen=True, slots=True)
class FormerNames:
    """The names that URLs have. `stands` says whether there is anything at a path.

    With `by_server` a name may be any that a server gave, in the folder of the planned one. `begun`
    are paths of parts and the keys of their URLs: a file that is under way has its name, too.
    """

    past: PastNames
    stands: Callable[[str], bool]
    by_server: bool = False
    begun: Iterable[tuple[str, str]] = ()
    _begun_by: dict[str, str] = field(default_factory=dict, init=False)  # keys, by path
    _begun_at: dict[str, str] = field(default_factory=dict, init=False)  # paths, by key

    def __post_init__(self) -> None:
        for path, key in self.begun:
            self._begun_by[path] = key
            self._begun_at[key] = path

    def is_own(self, name: str, key: str) -> bool:
        """Return True if a URL has its own name, or if it has none and no other has this one."""
        holder = self._holder(name)
        if holder not in (None, key) or (holder == key and not self.by_server):
            return holder == key
        return self._at(key) in (None, name)

    def path(self, planned: str, key: str, *, given: bool = False) -> str | None:
        """Return the path that a URL has, if it is one that the planned path can have become.

        `given` says that the name is the list's own: no server's goes before it.
        """
        by_server = self.by_server and not given
        if not by_server and is_same_file(key, self.past.holder(planned) or ""):
            return planned
        former = self._at(key)
        if former is None or self._holder(former) != key:
            return None
        return former if _may_become(former, planned, by_server=by_server) else None

    def held(self, key: str) -> numbering.Held:
        """Return what says of a path that other URLs' files have it, or stand below it."""

        def is_held(path: str, is_folder: bool) -> bool:
            if self._begun_by.get(path, key) != key:
                return True
            holder = self.past.holder(path)
            if holder is None or (is_folder and not holder) or is_same_file(key, holder):
                return False
            return self.stands(path)

        return is_held

    def _at(self, key: str) -> str | None:
        return self._begun_at.get(key) or self.past.stored_at(key)

    def _holder(self, path: str) -> str | None:
        return self._begun_by.get(path) or self.past.holder(path)


def _may_become(former: str, planned: str, *, by_server: bool) -> bool:
    """Return True if each name is the planned one with a number, or without."""
    names, wanted = former.split("/"), planned.split("/")
    if by_server:
        wanted[-1] = names[-1]
    return len(names) == len(wanted) and None not in map(numbering.number_in, names, wanted)
