r"""What a check found, a line a file, as `sha256sum --check` words it.

As there, a name is escaped only if it holds a line end: then the line begins with a backslash, and
"\\", "\n" and "\r" stand for what would end a line, or be taken for an escape.
"""

from __future__ import annotations

import os

from downloader.formats import Shape, Write
from downloader.models import WRONG, Outcome

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
_WORDS = {"ok": "OK", "repaired": "REPAIRED", "missing": "MISSING", "extra": "EXTRA"}
# Kinds of failures of files whose bytes could not be had.
_UNREAD = frozenset({"disk", "refused", "name"})


def writer(shape: Shape) -> Write:
    """Return what writes the line of each file; if NUL ends it, nothing is escaped."""
    return lambda outcome: _line(outcome, shape.end)


def writer_of_wrong(shape: Shape) -> Write:
    """Return what writes the line of each file that is not right."""
    return lambda outcome: _line(outcome, shape.end) if outcome.status in WRONG else b""


def paths_of_wrong(shape: Shape) -> Write:
    """Return what writes the path of each file that is not right."""

    def write(outcome: Outcome) -> bytes:
        if outcome.status not in WRONG or outcome.path is None:
            return b""
        return os.fsencode(outcome.path + shape.end)

    return write


def word(outcome: Outcome) -> str:
    """Return what is said of a file."""
    is_unread = outcome.error is not None and outcome.error.kind in _UNREAD
    return _WORDS.get(outcome.status) or ("FAILED open or read" if is_unread else "FAILED")


def _line(outcome: Outcome, end: str) -> bytes:
    name = outcome.path or ""
    if "\n" in name and end == "\n":
        name = "\\" + name.translate(_ESCAPES)
    return os.fsencode(f"{name}: {word(outcome)}{end}")
