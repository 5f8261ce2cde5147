"""Lists that are counted hold as many items as are read."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from list_rig import listed

from downloader.errors import UsageError
from downloader.formats import counting, csv, json_list, tsv
from downloader.formats.reading import Count, ListContext, Read

CELLS = st.sampled_from(["", " ", "\t", "x", "http://h/a", ";", '"', "#", "\x1c", "\u00a0", "é"])
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=5)
A, B = "http://h/a", "http://h/b"
OBJECTS = [{"url": A}, {"url": [A, B]}, {"url": f"{A};{B}"}, [A], A, 5]
VALUES = st.sampled_from(
    [
        "",
        "  ",
        "\x0b",
        "\x1c",
        "{",
        "\u00a0",
        f'{{"url": "{A}\\u003b{B}"}}',
        *map(json.dumps, OBJECTS),
    ]
)


def counted(count: Count, text: str) -> int | None:
    return count(io.BufferedReader(io.BytesIO(text.encode())), ListContext())


def agrees(read: Read, count: Count, text: str) -> bool:
    total = counted(count, text)
    try:
        return total is None or total == len(listed(read, text))
    except UsageError:  # what is no table is read before it is counted
        return True


@given(LINES)
@example([['"', '"']])
@settings(deadline=None, max_examples=300)
def test_tables(lines: list[list[str]]) -> None:
    for read, count, between in [(csv.read, counting.csv, ","), (tsv.read, counting.tsv, "\t")]:
        rows = [["url", "name"], *lines]
        assert agrees(read, count, "\n".join(between.join(row) for row in rows))


@pytest.mark.parametrize("before", ["sep=,", "SEP=,", "\u00a0", "#", " "])
def test_what_stands_before_the_titles_of_a_table_is_no_item(before: str) -> None:
    for read, count in [(csv.read, counting.csv), (tsv.read, counting.tsv)]:
        assert agrees(read, count, f"{before}\nurl\nhttp://h/a\n")


@given(st.lists(VALUES, max_size=6))
@settings(deadline=None, max_examples=300)
def test_lines_of_json(lines: list[str]) -> None:
    assert agrees(json_list.read_lines, counting.json_lines, "\n".join(lines))


def test_usual_lists_are_counted_without_being_read() -> None:
    rows = "http://h/a,x\n" * 30_000
    assert counted(counting.csv, f"url,name\n{rows}\n,\n") == 30_000
    assert counted(counting.tsv, f"TsvHttpData-1.0\n{rows}") == 30_000
    assert counted(counting.json_lines, f"{json.dumps({'url': 'x'})}\n\n" * 5) == 5


@pytest.mark.parametrize("row", ["http://h/a;http://h/b", '"two\nlines"', "x" * 70_000, "é"])
def test_what_may_be_more_or_less_than_an_item_is_left_to_reading(row: str) -> None:
    assert counted(counting.csv, f"url\n{row}\n") is None
