"""Which of several items gets a name that they share: numbers before the suffix, in list order."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from downloader.planning import naming
from downloader.planning.suffixes import stem_and_suffix
from downloader.state.spill import SpillDict

NEXT = 2  # the number to try first for another item that wants a name which is taken

# What is remembered of a path besides that it is taken; no file's key ends so.
_STANDS_FOR = "/"  # of a folder: the number of the one that stands for it
_IS_FOLDER = "/."  # that it is a folder
_NEXT_NUMBER = "//"  # the number to try next, of a path that is not taken itself

_NUMBER = re.compile(r"-([2-9]|[1-9][0-9]{1,17})(?=\.|\Z)")


# Says of a path whether others have it from before this list: for a file, or (True) for a folder.
Held = Callable[[str, bool], bool]


def _nobodys(path: str, is_folder: bool) -> bool:
    return False


def key(path: str) -> str:
    """Return what two paths have in common that are one on some system: NFC and case-folded."""
    folded = unicodedata.normalize("NFD", path).casefold()  # Unicode 3.13, definition D145
    return unicodedata.normalize("NFC", folded)


def numbered(path: str, number: int) -> str:
    """Return the path with "-number" before the whole suffix of its name: a-2.txt, a-2.fastq.gz."""
    folder, slash, name = path.rpartition("/")
    stem, suffix = stem_and_suffix(naming.shortened(name))
    return f"{folder}{slash}{stem}-{number}{suffix}"


def number_in(name: str, plain: str) -> int | None:
    """Return the number that a name has and the plain name has not: 1 for the plain name itself.

    The number may stand before any part of the suffix. `None` if the two have no more in common.
    """
    if name == plain:
        return 1
    for found in _NUMBER.finditer(name):
        if name[: found.start()] + name[found.end() :] == plain:
            return int(found[1])
    return None


def unique(path: str, used: SpillDict, held: Held = _nobodys) -> str:
    """Return the path, or its first numbered form that is no other item's file or folder.

    Called in list order with the same `used`: earlier items keep their names whatever follows.
    Each name costs a few look-ups, however many items want the same one. What is `held` is passed
    over, and left to the item that has it.
    """
    *folders, name = path.split("/")
    above = ""
    for folder in folders:
        above = _folder(above + folder, used, held) + "/"
    return _variant(above + name, _claim(above + name, used, held))


def claim(path: str, used: SpillDict) -> bool:
    """Take a path whose folder is taken already; false if it is another item's."""
    if used.get(key(path)) is not None:
        return False
    used.put(key(path), NEXT)
    return True


def take(path: str, plain: str, used: SpillDict) -> bool:
    """Take exactly this path, which is a form of the `plain` one.

    False, with nothing taken, if it or one of its folders is not free.
    """
    *folders, _ = path.split("/")
    *wanted, _ = plain.split("/")
    marks: list[tuple[str, int]] = []
    above = ""
    for folder, name in zip(folders, wanted, strict=True):
        number = number_in(folder, name)
        if number is None or folder != _variant(name, number):
            return False
        stands_for, above = key(above + name) + _STANDS_FOR, above + folder
        if used.get(key(above) + _IS_FOLDER) is None:
            if used.get(key(above)) is not None:
                return False
            marks += [(key(above), NEXT), (key(above) + _IS_FOLDER, 1)]
        if used.get(stands_for) is None:
            marks.append((stands_for, number))
        above += "/"
    if not claim(path, used):
        return False
    for mark, number in marks:
        used.put(mark, number)
    return True


def _folder(path: str, used: SpillDict, held: Held) -> str:
    """Return the folder that stands for `path`: another one if a file has its name."""
    number = used.get(key(path) + _STANDS_FOR)
    if number is None:
        number = _claim(path, used, held, is_folder=True)
        used.put(key(path) + _STANDS_FOR, number)
        used.put(key(_variant(path, number)) + _IS_FOLDER, 1)
    return _variant(path, number)


def _claim(path: str, used: SpillDict, held: Held, *, is_folder: bool = False) -> int:
    """Take the first free variant of a path, and remember where to go on looking."""
    first = key(path)
    place = first
    number = used.get(first)
    if number is None and held(path, is_folder):
        place = first + _NEXT_NUMBER  # the path itself is left to the one that holds it
        number = used.get(place) or NEXT
    start = number or 1
    # A number that files passed over, for a folder of an earlier run stands there, is a folder's.
    number = min(start, NEXT) if is_folder else start
    while number > 1:
        variant = _variant(path, number)
        if used.get(key(variant)) is None and not held(variant, is_folder):
            break
        number += 1
    used.put(key(_variant(path, number)), NEXT)
    used.put(place, max(number + 1, start))
    return number


def _variant(path: str, number: int) -> str:
    return path if number == 1 else numbered(path, number)
