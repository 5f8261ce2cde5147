"""Tables in Parquet, with the columns of csv; reading them needs pyarrow (the extra `parquet`)."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

from downloader.errors import UsageError
from downloader.formats import fields
from downloader.formats.reading import ListContext
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
            columns = {key: batch.column(title).to_pylist() for key, title in titles.items()}
            for number in range(batch.num_rows):
                line += 1
                values = {key: column[number] for key, column in columns.items()}
                texts = {key: _text(each) for key, each in values.items() if each is not None}
                yield from fields.items(texts, line, context)


def _opened(stream: BinaryIO, context: ListContext) -> Any:
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415  an extra
    except ImportError:
        raise UsageError(f"{context.source}: {_NEEDS}") from None
    try:
        return parquet.ParquetFile(stream)
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
