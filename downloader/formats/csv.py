"""CSV (RFC 4180): an item is a row under a header of the JSON record's keys; tables as lists.

Paths are written as the bytes that stand on disk; all other text comes from servers and lists and
holds no control bytes in any form.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from downloader.formats import Shape, Write, table
from downloader.formats.json import record
from downloader.formats.reading import ListContext
from downloader.models import Outcome, UrlItem
from downloader.text import escaped


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield the files of each row, in constant memory; commas, semicolons or tabs part cells."""
    return table.items(table.rows(stream, context.source, None), context)


def writer(shape: Shape) -> Write:
    """Return what writes the row of each item, failed ones included."""
    return lambda outcome: row(outcome, shape.algorithms)


def header(shape: Shape) -> bytes:
    """Return the first line: the record's keys, nested ones with a dot (`digests.sha256`)."""
    return _line(list(_flat(Outcome(status="failed"), shape.algorithms)))


def row(outcome: Outcome, algorithms: Sequence[str]) -> bytes:
    """Return one row (lines end in CRLF, quotes are doubled); what is not known is empty."""
    fields = {key: _field(value) for key, value in _flat(outcome, algorithms).items()}
    if outcome.path is not None:
        fields["path"] = os.fsencode(outcome.path).decode("utf-8", "surrogateescape")
    return _line(list(fields.values()))


def _flat(outcome: Outcome, algorithms: Sequence[str]) -> dict[str, object]:
    digests = {digest.algorithm: digest.hexdigest for digest in outcome.digests}
    error = outcome.error
    flat: dict[str, object] = {}
    for key, value in record(outcome).items():
        if key == "digests":
            flat |= {f"digests.{name}": digests.get(name) for name in algorithms}
        elif key != "error":
            flat[key] = value
    flat["error.kind"] = error and error.kind
    flat["error.message"] = error and error.message
    flat["error.retryable"] = error and error.retryable
    return flat


def _field(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return escaped(str(value))


def _line(fields: Sequence[str]) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(fields)
    return line.getvalue().encode("utf-8", "surrogateescape")
