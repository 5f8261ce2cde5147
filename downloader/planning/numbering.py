"""Which of several items gets a name that they share: numbers before the suffix, in list order."""

from __future__ import annotations

import unicodedata

from downloader.planning import naming
from downloader.planning.suffixes import stem_and_suffix
from downloader.state.spill import SpillDict

NEXT = 2  # the number to try first for another item that wants a name which is taken


def key(path: str) -> str:
    """Return what two paths have in common that are one on some system: NFC and case-folded."""
    folded = unicodedata.normalize("NFD", path).casefold()  # Unicode 3.13, definition D145
    return unicodedata.normalize("NFC", folded)


def numbered(path: str, number: int) -> str:
    """Return the path with "-number" before the whole suffix of its name: a-2.txt, a-2.fastq.gz."""
    folder, slash, name = path.rpartition("/")
    stem, suffix = stem_and_suffix(naming.shortened(name))
    return f"{folder}{slash}{stem}-{number}{suffix}"


def unique(path: str, used: SpillDict) -> str:
    """Return the path, or its first numbered form that is no other item's file or folder.

    Called in list order with the same `used`: earlier items keep their names whatever follows.
    Each name costs a few look-ups, however many items want the same one.
    """
    *folders, name = path.split("/")
    above = ""
    for folder in folders:
        above = _folder(above + folder, used) + "/"
    return _variant(above + name, _claim(above + name, used))


def claim(path: str, used: SpillDict) -> bool:
    """Take a path whose folder is taken already; false if it is another item's."""
    if used.get(key(path)) is not None:
        return False
    _claim(path, used)
    return True


def _folder(path: str, used: SpillDict) -> str:
    """Return the folder that stands for `path`: another one if a file has its name."""
    mark = key(path) + "/"  # no file's key ends so
    number = used.get(mark)
    if number is None:
        number = _claim(path, used)
        used.put(mark, number)
    return _variant(path, number)


def _claim(path: str, used: SpillDict) -> int:
    """Take the first free variant of a path, and remember where to go on looking."""
    first = key(path)
    number = used.get(first) or 1
    while number > 1 and used.get(key(_variant(path, number))) is not None:
        number += 1
    used.put(key(_variant(path, number)), NEXT)
    used.put(first, number + 1)
    return number


def _variant(path: str, number: int) -> str:
    return path if number == 1 else numbered(path, number)
