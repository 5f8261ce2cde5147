"""What published sums files say of items, matched by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

from downloader import urls
from downloader.models import Digest, UrlItem
from downloader.state.spill_digests import SpillDigests
from downloader.text import plural

# Folders of a URL that a name in a sums file may have before it.
_DEEPEST = 32


class Published:
    """What sums files say of items; `unnamed` counts the items that they say nothing of.

    Memory is bounded, however long the files are.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._names = tuple(names)
        self._entries = SpillDigests()
        self.unnamed = 0

    def add_all(self, entries: Iterable[tuple[str, Digest]]) -> int:
        """Take in names with their digests; return how many there were."""
        count = 0
        for name, digest in entries:
            self._add(name, digest)
            count += 1
        return count

    def of(self, url: str, item: UrlItem, path: str, shown: str) -> tuple[Digest, ...]:
        """Return the digests of the item whose file goes to `path`, which is shown as `shown`.

        A name that is a whole path counts before one that is a file's name alone; of two files
        that have that name in different folders neither is meant.
        """
        if not self._names:
            return ()
        for name in _whole_names(url, item.name, path, shown):
            if found := self._entries.get(f"={name}"):
                return found
        for name in _base_names(url, item.name):
            found = self._entries.get(f"/{name}")
            if found and len({digest.algorithm for digest in found}) == len(found):
                return found
        self.unnamed += 1
        return ()

    @property
    def notice(self) -> str | None:
        """What to say at the end of items that were not named, if there were any."""
        if not self.unnamed:
            return None
        files = " and ".join(map(urls.masked, self._names))
        they = "was" if self.unnamed == 1 else "were"
        return f"{plural('item', self.unnamed)} {they} not checked by --sums: not named in {files}"

    def close(self) -> None:
        """Forget everything."""
        self._entries.close()

    def _add(self, name: str, digest: Digest) -> None:
        name = _plain(name)
        self._entries.add(f"={name}", digest)
        folder, _, base = name.rpartition("/")
        if folder:
            self._entries.add(f"/{base}", digest)


def _plain(name: str) -> str:
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name


def _whole_names(url: str, listed: str | None, path: str, shown: str) -> Iterator[str]:
    """Yield what a sums file may call a file, the surest first."""
    yield _plain(shown)
    folders, base = _segments(url)
    for start in range(len(folders)):
        yield "/".join([*folders[start:], base])
    yield path
    yield from _base_names(url, listed)


def _base_names(url: str, listed: str | None) -> Iterator[str]:
    if listed:
        yield listed
    yield _segments(url)[1]


def _segments(url: str) -> tuple[list[str], str]:
    """Return the last folders of a URL's path and its file's name, percent-decoded."""
    parts = urls.path(url).split("/")[1:]
    *folders, base = (unquote(part, errors="surrogateescape") for part in parts[-_DEEPEST:])
    return folders, base
