"""Both modes do the same work, and each quotes the other as it was measured."""

from __future__ import annotations

import json

from installed import Installed


def test_both_modes_store_and_report_the_same(dl: Installed, urls: str) -> None:
    parallel = dl("fetch", urls, "--threads", "4", "-p", "2", "--format", "paths")
    files = dl.files()
    sequential = dl("fetch", urls, "--sequential", "--format", "paths")
    assert dl.files() == files
    assert sorted(parallel.stdout.split()) == sorted(sequential.stdout.split())


def test_the_second_mode_quotes_the_first_as_measured(dl: Installed, urls: str) -> None:
    first = dl("fetch", urls, "--sequential", "--report", "first.json")
    second = dl("fetch", urls, "--report", "second.json")
    reports = [json.loads((dl.folder / f"{n}.json").read_text()) for n in ("first", "second")]
    assert [report["sequential"]["basis"] for report in reports] == ["this-run", "measured"]
    assert reports[1]["sequential"]["seconds"] == reports[0]["seconds"]["wall"]
    assert b"this run; compare: without --sequential" in first.stderr
    assert b"measured on " in second.stderr


def test_sequential_records_keep_the_lists_order(dl: Installed, urls: str) -> None:
    done = dl("fetch", urls, "--sequential", "--format", "paths")
    assert done.stdout.split() == [f"downloads/{name}.bin".encode() for name in "abcdefgh"]
