"""In which format a list is: its content tells, else the suffix of its name, else it is text."""

from __future__ import annotations

import os
from collections.abc import Callable

from downloader.inputs import DEFAULT, LIST_FORMATS

# Return True for the first block of a list, and its name, if it is in the format for certain. Of
# what is still being written the first block may be the first line alone.
Told = Callable[[bytes, str], bool]

# What content tells, in the order of asking. A list of URLs, one a line, is never anything else.
TELLING: tuple[tuple[str, Told], ...] = ()

# Suffixes of what a list is packed in: the format's own stands before them.
PACKED = (".gz", ".xz", ".bz2", ".zst")


def format_of(head: bytes, name: str) -> str:
    """Return the name of the format of a list that begins so."""
    for known, is_told in TELLING:
        if known in LIST_FORMATS and is_told(head, name):
            return known
    return _by_suffix(name)


def _by_suffix(name: str) -> str:
    stem, suffix = os.path.splitext(name.lower())
    if suffix in PACKED:
        suffix = os.path.splitext(stem)[1]
    named = (each for each, row in LIST_FORMATS.items() if suffix in row.suffixes)
    return next(named, DEFAULT)
