"""Which of several items gets a name that they share: numbers before the suffix, in list order."""

from __future__ import annotations

import unicodedata

from downloader.planning import naming
from downloader.state.spill import SpillDict

NEXT = 2  # the number to try first for another item that wants a name which is taken


def key(path: str) -> str:
    """Return what two paths have in common that are one on some system: NFC and case-folded."""
    folded = unicodedata.normalize("NFD", path).casefold()  # Unicode 3.13, definition D145
    return unicodedata.normalize("NFC", folded)


def numbered(path: str, number: int) -> str:
    """Return the path with "-number" before the suffix of its name: a-2.txt, a-2.tar.gz."""
    folder, slash, name = path.rpartition("/")
    stem, suffix = naming.stem_and_suffix(naming.shortened(name))
    return f"{folder}{slash}{stem}-{number}{suffix}"


def unique(path: str, taken: SpillDict) -> str:
    """Return the path, or its first numbered form that is no other item's file or folder.

    Called in list order with the same `taken`: earlier items keep their names whatever follows.
    Each name costs a few look-ups, however many items want the same one.
    """
    *folders, name = path.split("/")
    above = ""
    for folder in folders:
        above = _folder(above + folder, taken) + "/"
    return _variant(above + name, _claim(above + name, taken))


def claim(path: str, taken: SpillDict) -> bool:
    """Take a path whose folder is taken already; false where it is another item's."""
    if taken.get(key(path)) is not None:
        return False
    _claim(path, taken)
    return True


def _folder(path: str, taken: SpillDict) -> str:
    """Return the folder that stands for `path`: another one where a file has its name."""
    mark = key(path) + "/"  # no file's key ends so
    number = taken.get(mark)
    if number is None:
        number = _claim(path, taken)
        taken.put(mark, number)
    return _variant(path, number)


def _claim(path: str, taken: SpillDict) -> int:
    """Take the first free variant of a path, and remember where to go on looking."""
    wanted = key(path)
    number = taken.get(wanted) or 1
    while number > 1 and taken.get(key(_variant(path, number))) is not None:
        number += 1
    taken.put(key(_variant(path, number)), NEXT)
    taken.put(wanted, number + 1)
    return number


def _variant(path: str, number: int) -> str:
    return path if number == 1 else numbered(path, number)
