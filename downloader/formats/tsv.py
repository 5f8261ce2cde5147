"""Tables separated by tabs, each row in one line; and lists of URLs for storage transfers.

The latter begin with "TsvHttpData-1.0", without a header: URL, then perhaps the size, then perhaps
the MD5 in base64 (cloud.google.com/storage-transfer/docs/create-url-list).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from downloader.formats import fields, table
from downloader.formats.reading import ListContext
from downloader.models import UrlItem

TRANSFER = "TsvHttpData-1.0"
_TRANSFERRED = ("url", "size", "md5")


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield the files of each row, in constant memory."""
    found = table.rows(stream, context.source, "\t", folds=False)
    first = next(found, None)
    if first is None:
        return
    if first.text.strip() == TRANSFER:
        for row in found:
            values = dict(zip(_TRANSFERRED, row.cells, strict=False))
            yield from fields.items(values, row.line, context, row.text)
        return
    yield from table.items(chain([first], found), context)
