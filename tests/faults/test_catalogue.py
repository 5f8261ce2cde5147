"""Every row of the catalogue of faults is proved somewhere."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest
from catalogue import CATALOGUE, ROWS, Unproved

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@cache
def names_in(path: Path) -> frozenset[str]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    found = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    return frozenset(name for name in found if name.startswith("test_"))


def numbered(row: str) -> list[str]:
    """Return the tests of this folder that bear the row's number, perhaps among others."""
    names = [name for path in HERE.glob("test_*.py") for name in names_in(path)]
    return [name for name in names if f"_{row.lower()}_" in name]


@pytest.mark.parametrize("row", CATALOGUE)
def test_every_row_of_the_catalogue_has_a_test(row: str) -> None:
    named = ROWS.get(row, ())
    assert isinstance(named, Unproved) or named or numbered(row)


@pytest.mark.parametrize("row", ROWS)
def test_every_test_that_is_named_exists(row: str) -> None:
    named = ROWS[row]
    if isinstance(named, Unproved):
        assert not numbered(row), "it is proved by now"
        return
    for test in named:
        path, _, name = test.partition("::")
        found = names_in(ROOT / path)
        assert name in found if name else found
