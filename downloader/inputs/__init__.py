"""Where items come from. The table says by which reader a list is read, a format's name to a row.

A reader takes an open binary stream and a `ListContext` (`downloader.formats.reading`), and yields
a `UrlItem` for each thing that is wanted. A new format is one file in `downloader.formats`, one
row here, and one in `telling` if its content tells of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

DEFAULT = "text"


class ListFormat(NamedTuple):
    """A row: dotted paths of what reads a list, and of what counts its items if that is faster.

    `suffixes` are those of lists whose content does not tell, in lower case.
    """

    reader: str
    counter: str = ""
    suffixes: tuple[str, ...] = ()


LIST_FORMATS: Mapping[str, ListFormat] = {
    "text": ListFormat(
        "downloader.formats.text:read",
        "downloader.formats.text:count",
        (".txt", ".lst", ".list", ".urls"),
    ),
}
