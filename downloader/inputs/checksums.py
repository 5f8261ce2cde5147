"""Files that hold checksums: opened, and told whether they are sums, records or lists of URLs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from downloader.errors import UsageError
from downloader.formats import records
from downloader.formats.sums_reader import SumsReader
from downloader.inputs import unpacking
from downloader.inputs.lists import unreadable
from downloader.inputs.sources import open_list
from downloader.inputs.streaming import BLOCK, Standing
from downloader.inputs.telling import format_of

# What may be sums as far as the content of a list tells.
_PLAIN = frozenset({"text", "sums", "curl"})
# What records of ours are written in, each with the name that is given for it here.
_RECORDS = {"json": "records", "jsonl": "records", "csv": "records in csv"}


class Told(NamedTuple):
    """A file of checksums: its bytes without packing, and what it is.

    `format` is "sums", "records", "records in csv", or that of a list.
    """

    stream: BinaryIO
    format: str


@contextmanager
def opened(name: str, stdin: BinaryIO | None, list_format: str | None = None) -> Iterator[Told]:
    """Open a file by its name, "-" for standard input. Raises `UsageError`."""
    if name == "-":
        if stdin is None or stdin.closed:
            raise UsageError("-: standard input is closed")
        yield _told(stdin, name, list_format)
        return
    with open_list(name) as stream:
        yield _told(stream, name, list_format)


def _told(stream: BinaryIO, name: str, list_format: str | None) -> Told:
    try:
        stage = unpacking.plain(Standing(stream))
        head = stage.head(lambda head: len(head) >= BLOCK)
    except OSError as error:
        raise unreadable(name, error) from None
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None
    return Told(io.BufferedReader(stage, BLOCK), list_format or _format(head, name))


def _format(head: bytes, name: str) -> str:
    found = format_of(head, name)
    if found in _RECORDS and records.are_records(head):
        return _RECORDS[found]
    return "sums" if found in _PLAIN and _are_sums(head, name) else found


def _are_sums(head: bytes, name: str) -> bool:
    """Return True if there are digests, and no URL is what they are of."""
    lines = head if len(head) < BLOCK else head[: head.rfind(b"\n") + 1]
    entries = list(SumsReader(name).entries(io.BytesIO(lines), name))
    return bool(entries) and not any("://" in named for named, _ in entries)
