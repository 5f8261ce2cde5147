"""Tables in Parquet."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
from list_rig import MD5, faults, listed

from downloader.errors import UsageError
from downloader.formats.parquet import ROWS, read
from downloader.formats.reading import ListContext
from downloader.models import Digest, UrlItem

A, B = "http://h/a", "http://h/b"


def table(**columns: list[Any]) -> bytes:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    sink = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), sink)
    return sink.getvalue()


def test_columns_are_those_of_csv() -> None:
    data = table(URL=[A, B], size=[5, None], md5=[bytes.fromhex(MD5), None], name=["x", None])
    assert listed(read, data) == [
        UrlItem(A, 1, "list", "x", (Digest("md5", MD5),), 5),
        UrlItem(B, 2, "list"),
    ]


def test_lists_within_cells_are_several_files_and_columns_can_be_named() -> None:
    data = table(link=[[A, B]], sum=[[MD5, MD5[::-1]]], size=[[1.0, 2.0]])
    items = listed(read, data, columns={"url": "link", "md5": "sum"})
    assert [(each.url, each.checksums[0].hexdigest, each.size) for each in items] == [
        (A, MD5, 1),
        (B, MD5[::-1], 2),
    ]


def test_a_long_value_of_many_rows_is_in_memory_once() -> None:
    data = table(url=[A] * 500, name=["x" * 1_000_000] * 500, md5=[["y" * 1_000_000]] * 500)
    pyarrow = pytest.importorskip("pyarrow")
    before, most = pyarrow.total_allocated_bytes(), 0
    for item in read(io.BytesIO(data), ListContext("list")):
        assert item.fault == "its name is longer than 64 KiB"
        most = max(most, pyarrow.total_allocated_bytes() - before)
    assert most < 50_000_000


def test_a_cell_that_is_too_long_is_a_fault_of_its_row() -> None:
    items = listed(read, table(url=[f"{A}{'x' * 70_000}", B]))
    assert faults(items) == [(1, "its url is longer than 64 KiB")]
    assert items[1].url == B


def test_rows_come_by_the_batch_with_their_numbers() -> None:
    items = listed(read, table(url=[f"{A}{n}" for n in range(2 * ROWS + 1)]))
    assert (len(items), items[-1].line) == (2 * ROWS + 1, 2 * ROWS + 1)


def test_what_can_be_read_only_once_is_read_too(tmp_path: Path) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    stream: Any = Pipe(table(url=[A]))
    assert [item.url for item in read(stream, ListContext("-"))] == [A]


def test_what_is_no_such_table_is_refused() -> None:
    with pytest.raises(UsageError, match="list: this is no Parquet file: "):
        listed(read, b"PAR1" + b"x" * 100)
    with pytest.raises(UsageError, match=r"list: no column is called url \(there are 'a'\)"):
        listed(read, table(a=[1]))


def test_without_pyarrow_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pip install 'dl-downloader\[parquet\]'"):
        listed(read, b"PAR1")
