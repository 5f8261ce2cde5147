"""What published sums files say of items, matched by name.

A file of this machine speaks of all files that have the names in it. One that was fetched speaks of
the files below its own URL's folder; only if the list has none of these there, of files elsewhere
that have those names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from downloader import urls
from downloader.models import Digest
from downloader.planning import sums_names
from downloader.planning.sums_names import Called
from downloader.state.spill_digests import SpillDigests
from downloader.text import plural

# Folders of fetched sums files in which files elsewhere are looked for by name alone.
_ELSEWHERE = 64
# Names that messages show, of those that sums files have.
_EXAMPLES = 3
# Where the digests of a file without a name in it are kept.
_ALONE = "."


class Published:
    """What sums files say of items; `unnamed` counts the items that they say nothing of.

    `names` are the files' own, for messages; `is_single` says that there is one item, whose
    digests those without a name must be. Memory is bounded, however long the files are.
    """

    def __init__(self, names: Sequence[str] = (), *, is_single: bool = False) -> None:
        self._names = tuple(names)
        self._is_single = is_single
        self._entries = SpillDigests()
        self._folders: dict[str, str] = {}  # of fetched files: what their entries are kept under
        self._elsewhere: dict[str, None] = {}  # those that may speak of files elsewhere
        self._has_loose = False
        self._examples: dict[str, None] = {}
        self.matched = 0
        self.unnamed = 0

    @property
    def exists(self) -> bool:
        """Return True if there are sums files at all."""
        return bool(self._names)

    @property
    def is_settled(self) -> bool:
        """Return True if further items do not change what is said of others."""
        return self.matched > 0 and not self._elsewhere

    @property
    def is_in_vain(self) -> bool:
        """Return True if items were looked for, and not one was found."""
        return self.unnamed > 0 and not self.matched

    @property
    def files(self) -> str:
        """Return what messages call the sums files."""
        if len(self._names) > _EXAMPLES:
            return f"any of {len(self._names)} sums files"
        return " and ".join(map(urls.masked, self._names))

    def add_all(self, entries: Iterable[tuple[str, Digest]], url: str = "") -> int:
        """Take in names with their digests; return how many there were.

        `url` is that of a fetched file, without a login and a query. The name "" is that of
        whichever item is the only one.
        """
        mark = self._mark_of(url) if url else ""
        count = 0
        for name, digest in entries:
            self._add(name, digest, mark, url)
            count += 1
        return count

    def of(self, called: Called) -> tuple[Digest, ...]:
        """Return the digests of an item, by the surest of its names that is found.

        A name that is a whole path counts before one that is a file's name alone; of two files
        that have that name in different folders neither is meant.
        """
        found = (*self._own(called), *self._named(called, ""))
        if not found and len(self._elsewhere) <= _ELSEWHERE:
            found = self._of_elsewhere(called)
        if not found and self._is_single:
            found = self._entries.get(_ALONE)
        self.matched += bool(found)
        return tuple(dict.fromkeys(found))

    def of_path(self, called: Called) -> tuple[Digest, ...]:
        """Return the digests of an item by the path of its file, which is not its URL's own."""
        found = self._entries.get(f"@{sums_names.beside(called)}") if self._folders else ()
        for name in sums_names.of_path(called):
            found = found or self._whole("", name)
        if not found and len(self._folders) <= _ELSEWHERE:
            names = tuple(sums_names.of_path(called))
            marks = self._folders.values()
            found = _of_one_file([d for mark in marks for n in names for d in self._whole(mark, n)])
        self.matched += bool(found)
        return found

    def miss(self) -> None:
        """Count an item that they say nothing of."""
        self.unnamed += 1

    @property
    def notice(self) -> str | None:
        """What to say at the end of items that were not named, if there were any."""
        if not self.unnamed:
            return None
        they = "was" if self.unnamed == 1 else "were"
        items = plural("item", self.unnamed)
        return f"{items} {they} not checked by --sums: not named in {self.files}{self.example}"

    @property
    def example(self) -> str:
        """Return what to say of the names that there are, if not a single one was found."""
        if self.matched:
            return ""
        if not self._examples:
            return ", whose digests have no names"
        return f", which names {', '.join(map(repr, self._examples))}"

    def close(self) -> None:
        """Forget everything."""
        self._entries.close()

    def _mark_of(self, url: str) -> str:
        """Return what the entries of a fetched file are kept under: that of its folder."""
        mark = self._folders.setdefault(sums_names.folder(url), f"{len(self._folders)}")
        self._elsewhere[mark] = None
        return mark

    def _add(self, name: str, digest: Digest, mark: str, url: str) -> None:
        if not name:
            self._entries.add(_ALONE, digest)
            return
        if len(self._examples) < _EXAMPLES:
            self._examples[name] = None
        exact, loose = sums_names.plain(name), sums_names.loose(name)
        self._entries.add(f"{mark}={exact}", digest)
        if loose != exact:
            self._has_loose = True
            self._entries.add(f"{mark}~{loose}", digest)
        parent, _, base = loose.rpartition("/")
        if parent:
            self._entries.add(f"{mark}/{base}", digest)
        if url:
            self._entries.add(f"@{sums_names.below(url, name)}", digest)
        if url and parent:
            self._entries.add(f"%{sums_names.below(url, base)}", digest)

    def _own(self, called: Called) -> tuple[Digest, ...]:
        """Return what the fetched file says in whose folder, or below it, the item stands."""
        if not self._folders:
            return ()
        for key in sums_names.url_keys(called.url):
            found = self._entries.get(f"@{key}") or _of_one_file(self._entries.get(f"%{key}"))
            if found:
                self._note_own(key)
                return found
        return ()

    def _note_own(self, key: str) -> None:
        """Have the sums files of the folders above a file speak of no files elsewhere."""
        while self._elsewhere and "/" in key:
            key = key.rpartition("/")[0]
            self._elsewhere.pop(self._folders.get(key, ""), None)

    def _of_elsewhere(self, called: Called) -> tuple[Digest, ...]:
        marks = tuple(self._elsewhere)
        return _of_one_file([each for mark in marks for each in self._named(called, mark)])

    def _named(self, called: Called, mark: str) -> tuple[Digest, ...]:
        for name in sums_names.whole(called):
            found = self._whole(mark, name)
            if found:
                return found
        for name in sums_names.last(called):
            found = _of_one_file(self._entries.get(f"{mark}/{sums_names.loose(name)}"))
            if found:
                return found
        return ()

    def _whole(self, mark: str, name: str) -> tuple[Digest, ...]:
        exact = sums_names.plain(name)
        found = self._entries.get(f"{mark}={exact}")
        if found:
            return found
        loose = sums_names.loose(name)
        if loose != exact:
            found = self._entries.get(f"{mark}={loose}")
        if not found and self._has_loose:
            found = _of_one_file(self._entries.get(f"{mark}~{loose}"))
        return found


def _of_one_file(found: Sequence[Digest]) -> tuple[Digest, ...]:
    """Return the digests if they can be of one file, else none."""
    found = tuple(dict.fromkeys(found))
    return found if len({digest.algorithm for digest in found}) == len(found) else ()
