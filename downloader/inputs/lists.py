"""One list: told, made sure of, counted if it can be, and read."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

from downloader.errors import UsageError
from downloader.formats.reading import Count, ListContext, Notes, Read
from downloader.inputs import LIST_FORMATS, ListFormat, unpacking
from downloader.inputs.likeness import refuse_if_no_list
from downloader.inputs.streaming import (
    BLOCK,
    Arriving,
    Awaited,
    Stage,
    Standing,
    StreamingReader,
    can_arrive,
)
from downloader.inputs.telling import format_of
from downloader.models import UrlItem
from downloader.registry import load, look_up


class Part(NamedTuple):
    """The items of one source; `total` is their number, `None` if it is not known."""

    items: Iterator[UrlItem | StreamingReader]
    total: int | None


class _Told(NamedTuple):
    """A list's format, and its first block without packing."""

    row: ListFormat
    head: bytes

    def read(self, stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
        """Read items, saying of the list what goes wrong with its bytes."""
        reader: Read = load(self.row.reader)
        try:
            yield from reader(stream, context)
        except OSError as error:
            raise unreadable(context.source, error) from None

    def total(self, again: Callable[[], BinaryIO], context: ListContext) -> int:
        """Count items, as fast as the format allows; the list can be opened again."""
        if self.row.counter:
            counter: Count = load(self.row.counter)
            try:
                total = counter(again(), context)
            except OSError as error:
                raise unreadable(context.source, error) from None
            if total is not None:
                return total
        return sum(1 for _ in self.read(again(), context))


def opened(stream: BinaryIO, context: ListContext, format_name: str | None) -> Part:
    """Return the items of an open list, having made sure that it is one, and holds an item.

    A regular file is counted first, then read again from where it stood; of anything else the
    first usable item is waited for. Raises `UsageError`.
    """
    part = (_standing if _is_regular(stream) else _begun)(stream, context, format_name)
    if part.total == 0:
        raise UsageError(f"{context.source}: no URL in it")
    return part


def unreadable(name: str, error: OSError) -> UsageError:
    """Say why a list cannot be read."""
    if isinstance(error, IsADirectoryError):
        return UsageError(f"{name}: is a folder, not a list")
    return UsageError(f"{name}: cannot be read: {(error.strerror or str(error)).lower()}")


def _standing(stream: BinaryIO, context: ListContext, format_name: str | None) -> Part:
    """Read a regular file: once for what it is, once to count, and once for its items."""
    start = stream.tell()
    told = _told(_staged(stream, context), context, format_name)

    def again() -> BinaryIO:
        stream.seek(start)
        stage = _staged(stream, context)
        if not isinstance(stage, Standing):
            return io.BufferedReader(stage, BLOCK)
        stream.seek(start + stage.skipped)
        return stream

    first = told.read(again(), _silent(context))
    if not list(refuse_if_no_list(first, told.head, context)):
        return Part(iter(()), 0)
    total = told.total(again, _silent(context))
    return Part(islice(told.read(again(), context), total), total)


def _begun(stream: BinaryIO, context: ListContext, format_name: str | None) -> Part:
    """Wait for the first usable item of what can be read only once."""
    stage = _staged(stream, context)
    told = _told(stage, context, format_name)
    items: Iterator[UrlItem | StreamingReader]
    if can_arrive(stream):
        items = _arriving(StreamingReader(stage), told, context)
    else:
        items = told.read(io.BufferedReader(stage, BLOCK), context)
    first = list(refuse_if_no_list(Awaited(items), told.head, context))
    return Part(chain(first, items), None if first else 0)


def _arriving(
    lines: StreamingReader, told: _Told, context: ListContext
) -> Iterator[UrlItem | StreamingReader]:
    items = told.read(lines, context)
    while True:
        try:
            is_ready = lines.ready()
        except OSError as error:
            raise unreadable(context.source, error) from None
        if not is_ready:
            yield lines
        elif (item := next(items, None)) is not None:
            yield item
        else:
            return


def _staged(stream: BinaryIO, context: ListContext) -> Stage:
    """Return a list's bytes without what they are packed in."""
    is_waited_for = can_arrive(stream) and not _is_regular(stream)
    try:
        return unpacking.plain(Arriving(stream) if is_waited_for else Standing(stream))
    except OSError as error:
        raise unreadable(context.source, error) from None
    except UsageError as error:
        raise UsageError(f"{context.source}: {error}") from None


def _told(stage: Stage, context: ListContext, format_name: str | None) -> _Told:
    try:
        head = stage.head(lambda head: b"\n" in head)
    except OSError as error:
        raise unreadable(context.source, error) from None
    name = format_name or format_of(head, context.source, context.columns.values())
    return _Told(look_up(LIST_FORMATS, name, "list format"), head)


def _silent(context: ListContext) -> ListContext:
    """Return a context whose notes nobody reads: the items are read once more."""
    return replace(context, notes=Notes())


def _is_regular(stream: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a stream in memory has no descriptor
        return False
