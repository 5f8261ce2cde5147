"""What `--format json` and csv write, read back: which file had which digests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from downloader import checksums
from downloader.formats import table
from downloader.formats.json_values import JsonValues
from downloader.models import Digest

# Keys that all records have, and no other list.
_KEYS = ("schema", "final_url", "path")
_OF_DIGESTS = "digests."
# How items end that have no file, or not the right one.
_GONE = frozenset({"failed", "missing", "extra"})


class Record(NamedTuple):
    """A file that an earlier run left at a path, which is as reachable from where that ran."""

    path: str
    digests: tuple[Digest, ...]
    size: int | None
    line: int
    url: str | None = None


def are_records(head: bytes) -> bool:
    """Return True if what begins so is records."""
    return all(key.encode() in head for key in _KEYS)


def of_json(stream: BinaryIO, source: str) -> Iterator[Record]:
    """Yield the files of records, one in memory; an item that failed has none."""
    for value, line in JsonValues(stream, source):
        if isinstance(value, dict) and isinstance(value.get("digests"), dict):
            yield from _record(value, value["digests"], line)


def of_csv(stream: BinaryIO, source: str) -> Iterator[Record]:
    """Yield the files of records in a table with titles."""
    rows = table.rows(stream, source, None)
    titles = next(rows).cells
    for row in rows:
        values = dict(zip(titles, row.cells, strict=False))
        digests = {
            title.removeprefix(_OF_DIGESTS): cell
            for title, cell in values.items()
            if title.startswith(_OF_DIGESTS) and cell
        }
        yield from _record(values, digests, row.line)


def _record(value: dict[str, Any], digests: dict[str, Any], line: int) -> Iterator[Record]:
    path, url = value.get("path"), value.get("url")
    if not isinstance(path, str) or not path or value.get("status") in _GONE:
        return
    known = tuple(
        Digest(name, digits.lower())
        for name, digits in digests.items()
        if isinstance(digits, str) and len(digits) == 2 * (checksums.size(name) or 0)
    )
    yield Record(
        path, known, _number(value.get("size")), line, url if isinstance(url, str) else None
    )


def _number(value: object) -> int | None:
    """Return a whole number, which a table has as text."""
    text = str(value)
    return int(text) if isinstance(value, int | str) and text.isdecimal() else None
