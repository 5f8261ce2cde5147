"""The sources of a run: list files, standard input and URLs, checked before anything is fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace as with_fields
from itertools import chain
from types import TracebackType
from typing import BinaryIO

from downloader import urls
from downloader.errors import BadUrl, UsageError
from downloader.formats.reading import ListContext
from downloader.inputs import bags, lists
from downloader.inputs.lists import Part
from downloader.inputs.streaming import Awaited, StreamingReader
from downloader.models import Digest, UrlItem, replace


class Items(Awaited[UrlItem]):
    """The items of all sources in their order, once; a context manager that closes the files.

    `total` is their number, `None` if a source can be read only once (a pipe). Lists are read
    as the items are asked for, which raises `UsageError` if that fails.
    """

    def __init__(self, parts: Sequence[Part], files: ExitStack, context: ListContext) -> None:
        super().__init__(chain.from_iterable(items for items, _ in parts))
        self._files = files
        self._context = context
        totals = [total for _, total in parts if total is not None]
        self.total = sum(totals) if len(totals) == len(parts) else None

    def notices(self) -> Iterator[str]:
        """Yield what is to be said of the lines that were read so far."""
        return self._context.notes.sentences()

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


def open_sources(
    names: Sequence[str | UrlItem],
    stdin: BinaryIO | None,
    context: ListContext | None = None,
    list_format: str | None = None,
) -> Items:
    """Open list files, "-" and URLs, each of which must hold an item; an item stands for itself.

    The folder of a bag stands for the list in it.

    A regular file is counted first, then read again from the same open file, so that it cannot be
    exchanged in between; of anything else the first usable item is waited for. `context` is what
    the lists have in common; `list_format` names their format, which else they tell. Raises
    `UsageError`, which names the source that cannot be used.
    """
    if not names:
        raise UsageError("name a list, a URL, or - for a list on standard input")
    if list(names).count("-") > 1:
        raise UsageError("-: standard input can be given once only")
    common = context or ListContext()
    with ExitStack() as files:
        parts = [_part(name, stdin, files, common, list_format) for name in names]
        return Items(parts, files.pop_all(), common)


def _part(
    name: str | UrlItem,
    stdin: BinaryIO | None,
    files: ExitStack,
    common: ListContext,
    list_format: str | None,
) -> Part:
    if isinstance(name, UrlItem):
        return Part(iter([name]), 1)
    if name.lower().startswith(("http://", "https://")):
        return Part(iter([UrlItem(name)]), 1)
    if name == "-":
        if stdin is None or stdin.closed:
            raise UsageError("-: standard input is closed")
        return lists.opened(stdin, with_fields(common, source=name), list_format)
    name = bags.list_of(name)
    context = with_fields(common, source=name, path=name)
    return lists.opened(files.enter_context(open_list(name)), context, list_format)


def open_list(name: str) -> BinaryIO:
    """Open a list by its name. Raises `UsageError`."""
    try:
        return open(name, "rb")
    except FileNotFoundError:
        _refuse_scheme(name)
        raise UsageError(f"{name or repr(name)}: no such file") from None
    except ValueError:  # a NUL in the name
        raise UsageError(f"{name!r}: no such file") from None
    except OSError as error:
        raise lists.unreadable(name, error) from None


def _refuse_scheme(name: str) -> None:
    """Say of ftp://host/file that its scheme is not supported, not that there is no such file."""
    if "://" in name:
        try:
            urls.normalise(name)
        except BadUrl as error:
            raise UsageError(f"{urls.masked(name)}: {error}") from None
