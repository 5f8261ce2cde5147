"""Where items come from. The table says by which parser a list is read: suffix to dotted path.

A parser takes an open binary stream and the list's name, and yields a `UrlItem` a line; what it
cannot read as a URL it yields in a form that `urls.normalise` refuses. A new format is one file
here and one row.
"""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT = "downloader.formats.text:parse"

PARSERS: Mapping[str, str] = {
    "": DEFAULT,
    ".txt": DEFAULT,
    ".lst": DEFAULT,
    ".list": DEFAULT,
    ".urls": DEFAULT,
}

# How the items of a parser are counted if that is faster than by parsing them.
COUNTERS: Mapping[str, str] = {DEFAULT: "downloader.formats.text:count"}
