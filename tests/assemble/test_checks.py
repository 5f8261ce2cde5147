"""Whether published sums are of any item is found out before a run, as far as that can be."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from downloader import Options, UsageError
from downloader.assemble.checks import published_for
from downloader.assemble.fetched_sums import SumsFetcher
from downloader.assemble.fetcher import http_fetcher
from downloader.shared.stop import Stop

URLS = ["http://h/a", "http://h/b"]


def look(folder: Path, name: str, *, is_over: bool = False, **options: object) -> int:
    """Return how many items are known to be named in a sums file with one name."""
    (folder / "SUMS").write_text(f"{'ab' * 32}  {name}\n")
    given = Options(sums=(str(folder / "SUMS"),), proxy="", **options)  # type: ignore[arg-type]  # a test's own
    stop = Stop()
    if is_over:
        stop.request()
    fetcher = SumsFetcher(given, partial(http_fetcher, given), stop)
    with published_for(given, URLS, len(URLS), lambda: fetcher) as published:
        return published.matched


def test_one_item_is_enough(tmp_path: Path) -> None:
    assert look(tmp_path, "b") == look(tmp_path, "downloads/b") == 1


def test_none_is_refused_unless_servers_give_the_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no item is named in .*SUMS, which names 'c'"):
        look(tmp_path, "c")
    assert look(tmp_path, "c", server_names=True) == 0


def test_a_run_that_is_to_end_looks_no_further(tmp_path: Path) -> None:
    assert look(tmp_path, "c", is_over=True) == 0
