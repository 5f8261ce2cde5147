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
    "csv": ListFormat("downloader.formats.csv:read", "downloader.formats.counting:csv", (".csv",)),
    "tsv": ListFormat(
        "downloader.formats.tsv:read", "downloader.formats.counting:tsv", (".tsv", ".tab")
    ),
    "json": ListFormat("downloader.formats.json_list:read", suffixes=(".json",)),
    "jsonl": ListFormat(
        "downloader.formats.json_list:read_lines",
        "downloader.formats.counting:json_lines",
        (".jsonl", ".ndjson"),
    ),
    "aria2": ListFormat("downloader.formats.aria2:read", suffixes=(".aria2",)),
    "metalink": ListFormat("downloader.formats.metalink:read", suffixes=(".meta4", ".metalink")),
    "bagit": ListFormat("downloader.formats.bagit:read"),
    "curl": ListFormat("downloader.formats.curl:read", suffixes=(".curl",)),
    "parquet": ListFormat("downloader.formats.parquet:read", suffixes=(".parquet", ".pq")),
    "sums": ListFormat("downloader.formats.sums_list:read"),
}
