"""The sources of a run: list files, standard input and URLs, checked before anything is fetched."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from types import TracebackType
from typing import BinaryIO

from downloader import urls
from downloader.errors import BadUrl, UsageError
from downloader.inputs import COUNTERS, DEFAULT, PARSERS
from downloader.inputs.streaming import Awaited, StreamingReader, can_arrive
from downloader.models import Digest, UrlItem, replace
from downloader.registry import load

Parser = Callable[[BinaryIO, str], Iterator[UrlItem]]
Counter = Callable[[BinaryIO, str], int]
Part = tuple[Iterator[UrlItem | StreamingReader], int | None]


class Items(Awaited[UrlItem]):
    """The items of all sources in their order, once; a context manager that closes the files.

    `total` is their number, `None` if a source can be read only once (a pipe). Lists are read
    as the items are asked for, which raises `UsageError` if that fails.
    """

    def __init__(self, parts: Sequence[Part], files: ExitStack) -> None:
        super().__init__(chain.from_iterable(items for items, _ in parts))
        self._files = files
        totals = [total for _, total in parts if total is not None]
        self.total = sum(totals) if len(totals) == len(parts) else None

    def named(self, name: str) -> Items:
        """Give every item the name; for sources of a single item."""
        return self._changed(lambda item: replace(item, name=name))

    def checked_by(self, checksum: Digest) -> Items:
        """Give every item one more checksum; for sources of a single item."""
        return self._changed(lambda item: replace(item, checksums=(*item.checksums, checksum)))

    def _changed(self, change: Callable[[UrlItem], UrlItem]) -> Items:
        items = self._items
        self._items = (
            item if isinstance(item, StreamingReader) else change(item) for item in items
        )
        return self

    def __enter__(self) -> Items:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files; standard input stays open."""
        self._items = iter(())
        self._buffered.clear()
        self._files.close()


def open_sources(names: Sequence[str | UrlItem], stdin: BinaryIO | None) -> Items:
    """Open list files, "-" and URLs, each of which must hold an item; an item stands for itself.

    A regular file is counted first, then read again from the same open file, so that it cannot be
    exchanged in between; of anything else the first item is waited for. Raises `UsageError`, which
    names the source that cannot be used.
    """
    if not names:
        raise UsageError("name a list, a URL, or - for a list on standard input")
    if list(names).count("-") > 1:
        raise UsageError("-: standard input can be given once only")
    with ExitStack() as files:
        parts = [_part(name, stdin, files) for name in names]
        return Items(parts, files.pop_all())


def _part(name: str | UrlItem, stdin: BinaryIO | None, files: ExitStack) -> Part:
    if isinstance(name, UrlItem):
        return iter([name]), 1
    if name.lower().startswith(("http://", "https://")):
        return iter([UrlItem(name)]), 1
    if name == "-":
        if stdin is None or stdin.closed:
            raise UsageError("-: standard input is closed")
        return _checked(stdin, name)
    return _checked(files.enter_context(_opened(name)), name)


def _opened(name: str) -> BinaryIO:
    try:
        return open(name, "rb")
    except FileNotFoundError:
        _refuse_scheme(name)
        raise UsageError(f"{name or repr(name)}: no such file") from None
    except ValueError:  # a NUL in the name
        raise UsageError(f"{name!r}: no such file") from None
    except OSError as error:
        raise _unreadable(name, error) from None


def _refuse_scheme(name: str) -> None:
    """Say of ftp://host/file that its scheme is not supported, not that there is no such file."""
    if "://" in name:
        try:
            urls.normalise(name)
        except BadUrl as error:
            raise UsageError(f"{urls.masked(name)}: {error}") from None


def _checked(stream: BinaryIO, name: str) -> Part:
    """Return the list's items, having made sure that there is one."""
    row = PARSERS.get(os.path.splitext(name)[1].lower(), DEFAULT)
    parser: Parser = load(row)
    if _is_regular(stream):
        counter: Counter = load(COUNTERS[row]) if row in COUNTERS else _counting(parser)
        items, total = _counted(stream, name, parser, counter)
    else:
        items, total = _begun(stream, name, parser)
    if total == 0:
        raise UsageError(f"{name}: no URL in it")
    return items, total


def _counting(parser: Parser) -> Counter:
    return lambda stream, name: sum(1 for _ in parser(stream, name))


def _counted(stream: BinaryIO, name: str, parser: Parser, counter: Counter) -> Part:
    """Count the items of a regular file, then go back to where it began."""
    start = stream.tell()
    try:
        total = counter(stream, name)
    except OSError as error:
        raise _unreadable(name, error) from None
    stream.seek(start)
    return islice(_read(stream, name, parser), total), total


def _begun(stream: BinaryIO, name: str, parser: Parser) -> Part:
    """Wait for the first item of what can be read only once."""
    items = _arriving(stream, name, parser) if can_arrive(stream) else _read(stream, name, parser)
    first = list(islice(Awaited(items), 1))
    return chain(first, items), None if first else 0


def _arriving(stream: BinaryIO, name: str, parser: Parser) -> Iterator[UrlItem | StreamingReader]:
    lines = StreamingReader(stream)
    items = _read(lines, name, parser)
    try:
        while True:
            if not lines.ready():
                yield lines
            elif (item := next(items, None)) is not None:
                yield item
            else:
                return
    except OSError as error:
        raise _unreadable(name, error) from None


def _is_regular(stream: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):  # a stream in memory has no descriptor
        return False


def _read(stream: BinaryIO, name: str, parser: Parser) -> Iterator[UrlItem]:
    try:
        yield from parser(stream, name)
    except OSError as error:
        raise _unreadable(name, error) from None


def _unreadable(name: str, error: OSError) -> UsageError:
    if isinstance(error, IsADirectoryError):
        return UsageError(f"{name}: is a folder, not a list")
    return UsageError(f"{name}: cannot be read: {(error.strerror or str(error)).lower()}")
