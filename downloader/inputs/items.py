"""What the caller wants: sources, and what the options say of a single one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from downloader import checksums, urls
from downloader.errors import BadChecksum, BadUrl, UsageError
from downloader.formats import fields
from downloader.formats.reading import ListContext
from downloader.inputs.sources import Items, open_sources
from downloader.models import UrlItem
from downloader.options import Options

Sources = str | UrlItem | Iterable[str | UrlItem]


def open_items(sources: Sources, options: Options, stdin: BinaryIO | None) -> Items:
    """Open names of sources, values, or a mixture in their order.

    Raises `UsageError` for a source or a base that cannot be used, and if a name or a checksum is
    given for more than one item.
    """
    listed = [sources] if isinstance(sources, str | UrlItem) else list(sources)
    single = [("output", options.output), ("checksum", options.checksum)]
    try:
        checksum = options.checksum and checksums.read(options.checksum)
    except BadChecksum as error:
        raise UsageError(f"--checksum: {error}") from None
    items = open_sources(listed, stdin, _context(options), options.list_format)
    for name, value in single:
        if value is not None and items.total != 1:
            items.close()
            raise UsageError(f"--{name} {value}: give it with a single URL only")
    if options.output is not None:
        items.named(options.output)
    if checksum:
        items.checked_by(checksum)
    return items


def _context(options: Options) -> ListContext:
    """Return what the options say of lists."""
    base = options.base
    try:
        if base is not None:
            urls.check_base(base)
    except BadUrl as error:
        raise UsageError(f"--base {urls.masked(base or '')}: {error}") from None
    columns = dict(options.columns)
    unknown = next((key for key in columns if fields.key_of(key) is None), None)
    if unknown is not None:
        keys = "url, name, size, or an algorithm (md5, sha256, ...)"
        raise UsageError(f"--columns {unknown}={columns[unknown]}: no such key: give {keys}")
    return ListContext(base=base, columns=columns, folder=options.dir)
