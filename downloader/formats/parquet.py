"""Tables in Parquet, with the columns of csv; reading them needs pyarrow (the extra `parquet`)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

from downloader.errors import UsageError
from downloader.formats import fields
from downloader.formats.reading import ListContext, unusable
from downloader.formats.text import LONGEST_LINE
from downloader.models import UrlItem

ROWS = 1000  # that are read at once
_NEEDS = "a list in Parquet needs pyarrow: pip install 'dl-downloader[parquet]'"


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield the files of each row; `line` is its number. Some rows of some columns are in memory.

    What can be read only once goes to a temporary file first. Raises `UsageError` for what is no
    such table, or has no column of URLs.
    """
    with ExitStack() as stack:
        seekable = stream if stream.seekable() else _spooled(stream, stack)
        table = _opened(seekable, context)
        places = fields.columns(table.schema_arrow.names, context)
        titles = {key: table.schema_arrow.names[at] for key, at in places.items()}
        line = 0
        for batch in table.iter_batches(ROWS, columns=list(titles.values()), use_threads=False):
            for row in zip(*map(batch.column, titles.values()), strict=True):
                line += 1
                yield from _items(dict(zip(titles, row, strict=True)), line, context)


def _items(row: dict[str, Any], line: int, context: ListContext) -> Iterator[UrlItem]:
    values = {key: cell.as_py() for key, cell in row.items()}
    texts = {key: _text(value) for key, value in values.items() if value is not None}
    for key, text in texts.items():
        if len(text) > LONGEST_LINE:
            why = f"its {key} is longer than {LONGEST_LINE // 1024} KiB"
            yield unusable(texts.get("url", ""), line, context, why)
            return
    yield from fields.items(texts, line, context)


def _opened(stream: BinaryIO, context: ListContext) -> Any:
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415  an extra
    except ImportError:
        raise UsageError(f"{context.source}: {_NEEDS}") from None
    try:
        found = parquet.ParquetFile(stream)
        # A value that stands in many rows is in memory once, as it is in the file.
        texts = [each.path for each in found.schema if each.physical_type == "BYTE_ARRAY"]
        return parquet.ParquetFile(stream, read_dictionary=texts)
    except (ArrowException, OSError, ValueError) as error:
        said = str(error).partition("\n")[0]
        raise UsageError(f"{context.source}: this is no Parquet file: {said}") from None


def _spooled(stream: BinaryIO, stack: ExitStack) -> BinaryIO:
    try:
        # Not a context manager here: the file lives as long as the table is read.
        file = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        shutil.copyfileobj(stream, file)
        file.seek(0)
    except OSError as error:
        why = f"cannot be kept in the temporary folder (TMPDIR): {error.strerror}"
        raise UsageError(f"a list in Parquet {why}") from None
    return file


def _text(value: object) -> str:
    """Return a cell as text: of several values, one for each URL, as a table of text has them."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return ";".join("" if each is None else _text(each) for each in value)
    return str(value)
