"""In which format a list is: its content tells, else the suffix of its name, else it is text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection

from downloader.inputs import DEFAULT, LIST_FORMATS

# Return True for the first block of a list, and its name, if it is in the format for certain. Of
# what is still being written the first block may be the first line alone.
Told = Callable[[bytes, str], bool]

_METALINK = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE[^>\[]*>\s*)?<(?:\w+:)?metalink\b", re.S
)
_JSON = re.compile(  # "[" and a word in quotes may begin a link in Markdown, too
    rb"\s*(?:\[\s*(?:\{|\"[^\"\n]*\"\s*[,\]](?!\()|\](?!\()|\Z)|\{\s*(?:\"|\Z))"
)
_OBJECT_A_LINE = re.compile(rb"\s*\{[^\n]*\}[ \t\r]*(?:\n|\Z)")
_REMARKS = rb"(?:[ \t\r]*(?:#[^\n]*)?\n)*"
_MIRRORS = re.compile(_REMARKS + rb"[^\s#]+://\S+(?:\t+[^\s/]+://\S+)+[ \t\r]*(?:\n|\Z)")
_ARIA2 = re.compile(rb"^[^\s#]+://[^\n]*\n[ \t]+[a-z][a-z0-9-]*=", re.M)
_CURL = re.compile(rb"^[ \t]*(?:(?:--)?url[ \t]*=|--url[ \t])[ \t]*[\"\w]", re.M)
_FETCH = re.compile(rb"\S+[ \t]+(?:[0-9]+|-)[ \t]+\S")
_TRANSFER = re.compile(rb"TsvHttpData-1\.0\s*(?:\n|\Z)")
_SUMS = re.compile(
    _REMARKS + rb"(?:-----BEGIN PGP SIGNED MESSAGE-----|\\?[0-9A-Fa-f]{32,128}(?:  ?|\t+| \*)"
    rb"(?![^\n]*://)\S|\\?[A-Z][A-Za-z0-9-]+ ?\([^\n]+\) ?= [0-9A-Fa-f]{32,128}\s)"
)


def _first(head: bytes) -> bytes:
    """Return the first line."""
    return head.lstrip(b"\n\r").partition(b"\n")[0].strip()


def _titles(head: bytes) -> set[bytes]:
    """Return the titles that the columns of a table would have, in lower case."""
    return {title.strip(b" \"'#") for title in re.split(b"[\t,;]", _first(head).lower())}


def _is_table(head: bytes, *, by_tabs: bool) -> bool:
    first = _first(head)
    if b"://" in first:  # a title is no URL, though a URL may end in ",url"
        return False
    return (b"\t" in first) == by_tabs and b"url" in _titles(head)


# What content tells, in the order of asking. A list of URLs, one a line, is never anything else.
TELLING: tuple[tuple[str, Told], ...] = (
    ("parquet", lambda head, _: head.startswith(b"PAR1")),
    ("metalink", lambda head, _: _METALINK.match(head) is not None),
    ("jsonl", lambda head, _: bool(_JSON.match(head) and _OBJECT_A_LINE.match(head))),
    ("json", lambda head, _: _JSON.match(head) is not None),
    ("tsv", lambda head, _: bool(_TRANSFER.match(head) or _is_table(head, by_tabs=True))),
    ("csv", lambda head, _: _is_table(head, by_tabs=False)),
    ("aria2", lambda head, _: bool(_MIRRORS.match(head) or _ARIA2.search(head))),
    ("curl", lambda head, _: _CURL.search(head) is not None),
    ("bagit", lambda head, name: bool(_is_fetch(name) and _FETCH.match(head.lstrip()))),
    ("sums", lambda head, _: _SUMS.match(head) is not None),
)

# Suffixes of what a list is packed in: the format's own stands before them.
PACKED = (".gz", ".xz", ".bz2", ".zst")


def format_of(head: bytes, name: str, columns: Collection[str] = ()) -> str:
    """Return the name of the format of a list that begins so.

    `columns` are titles that only a table can have.
    """
    if columns and {each.lower().encode() for each in columns} <= _titles(head):
        return "tsv" if b"\t" in _first(head) else "csv"
    for known, is_told in TELLING:
        if known in LIST_FORMATS and is_told(head, name):
            return known
    return _by_suffix(name)


def _is_fetch(name: str) -> bool:
    return os.path.basename(name).lower() == "fetch.txt"


def _by_suffix(name: str) -> str:
    stem, suffix = os.path.splitext(name.lower())
    if suffix in PACKED:
        suffix = os.path.splitext(stem)[1]
    named = (each for each, row in LIST_FORMATS.items() if suffix in row.suffixes)
    return next(named, DEFAULT)
