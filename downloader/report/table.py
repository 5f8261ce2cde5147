"""Lines of a label, a value and a remark, in columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_LABEL = 22
_GAP = 3


class Row(NamedTuple):
    """One line under the first: what is told, its value, and a remark on the value."""

    label: str
    value: str
    remark: str = ""


def aligned(rows: list[Row]) -> Iterable[str]:
    """Yield a line a row; numbers have their decimal points in one column."""
    values = same_point([row.value if row.remark else "" for row in rows])
    first = max(_LABEL, *(len(row.label) + _GAP for row in rows))
    second = max(len(value) for value in values) + _GAP
    for row, value in zip(rows, values, strict=True):
        shown = f"{value:<{second}}{row.remark}" if row.remark else row.value
        yield f"  {row.label:<{first}}{shown}"


def same_point(values: list[str]) -> list[str]:
    """Indent numbers so that their decimal points stand in one column."""
    digits = [len(match[0]) if (match := re.match(r"\d+", value)) else 0 for value in values]
    return [
        " " * (max(digits) - count) + value if count else value
        for value, count in zip(values, digits, strict=True)
    ]
