"""Formats of lists, sums and records: one file each, reading and writing side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from downloader.models import Outcome

# Returns an item's record, empty for one that has none in its format.
Write = Callable[[Outcome], bytes]


class Shape(NamedTuple):
    """What all records of a run have in common: the algorithms asked for, and the line's end."""

    algorithms: tuple[str, ...]
    end: str = "\n"


class Format(NamedTuple):
    """A row of the table: who makes of a `Shape` what writes records, and what writes the header.

    Both are dotted paths for `registry.load`; NUL may end a record if `ends_in_null`.
    """

    writer: str
    header: str = "downloader.formats:no_header"
    ends_in_null: bool = False


# Records on standard output.
FORMATS: Mapping[str, Format] = {
    "sums": Format("downloader.formats.sums:writer", ends_in_null=True),
    "json": Format("downloader.formats.json:writer"),
    "csv": Format("downloader.formats.csv:writer", "downloader.formats.csv:header"),
    "paths": Format("downloader.formats.paths:writer", ends_in_null=True),
    "none": Format("downloader.formats:no_records", ends_in_null=True),
}

# The same of a run that checks files; quietly, those that are right have none.
CHECKED: Mapping[str, Format] = {
    "sums": Format("downloader.formats.checked:writer", ends_in_null=True),
    "json": FORMATS["json"],
    "paths": Format("downloader.formats.checked:paths_of_wrong", ends_in_null=True),
    "none": FORMATS["none"],
}
CHECKED_QUIETLY: Mapping[str, Format] = {
    **CHECKED,
    "sums": Format("downloader.formats.checked:writer_of_wrong", ends_in_null=True),
}


def no_header(_: Shape) -> bytes:
    """Return nothing: the format has no header."""
    return b""


def no_records(_: Shape) -> Write:
    """Return what writes nothing."""
    return lambda outcome: b""
