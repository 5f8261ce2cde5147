"""Names are looked up once, and what was perhaps meant is said."""

from __future__ import annotations

import pytest

from downloader.errors import UsageError
from downloader.executors import EXECUTORS
from downloader.formats import FORMATS
from downloader.inputs import LIST_FORMATS
from downloader.registry import load, look_up, unknown
from downloader.reporters import REPORTERS
from downloader.storage import STORAGES

TABLE = {"pools": 1, "sequential": 2}


def test_a_known_name_gives_its_row() -> None:
    assert look_up(TABLE, "pools", "executor") == 1


@pytest.mark.parametrize("name", ["pool", "POOLS", "poosl"])
def test_the_nearest_name_is_offered(name: str) -> None:
    with pytest.raises(UsageError, match=f"unknown executor '{name}': did you mean 'pools'"):
        look_up(TABLE, name, "executor")


def test_where_none_is_near_all_are_named() -> None:
    assert unknown("xyz", TABLE, "executor").endswith("choose one of pools, sequential")


def test_a_names_control_bytes_do_not_reach_the_sentence() -> None:
    assert "\x1b" not in unknown("\x1b[2J", TABLE, "executor")


def test_a_dotted_path_leads_to_its_attribute() -> None:
    assert load("downloader.errors:UsageError") is UsageError


@pytest.mark.parametrize(
    "dotted",
    [
        *(*EXECUTORS.values(), *REPORTERS.values(), *STORAGES.values()),
        *(path for row in LIST_FORMATS.values() for path in (row.reader, row.counter) if path),
        *(dotted for row in FORMATS.values() for dotted in (row.writer, row.header)),
    ],
)
def test_every_row_of_every_table_leads_somewhere(dotted: str) -> None:
    assert callable(load(dotted))
