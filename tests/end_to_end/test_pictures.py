"""`--timeline` and `--trace` show the run that was; the files are whole or not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from good import GoodServer
from installed import Installed

MODES = [[], ["--sequential"], ["-a", "sha256", "-a", "md5"], ["--fetch-processes", "2"]]


def shown(dl: Installed, name: str) -> str:
    return (dl.folder / name).read_text(encoding="utf-8")


def items_of(trace: dict[str, Any], pid: int) -> list[str]:
    events = (e for e in trace["traceEvents"] if e["pid"] == pid and "args" in e and "ts" in e)
    return sorted(event["name"] for event in events)


@pytest.mark.parametrize("mode", MODES)
def test_every_item_that_was_fetched_is_in_both(
    dl: Installed, web: GoodServer, mode: list[str]
) -> None:
    names = dl.write_list([web.url(path) for path in ("/a.bin", "/b.bin", "/gone")])
    done = dl("fetch", names, "--timeline", "t.html", "--trace", "t.json", *mode)
    assert done.returncode == 1
    items = ["downloads/a.bin", "downloads/b.bin", web.url("/gone")]
    assert items_of(json.loads(shown(dl, "t.json")), 1) == items
    assert all(json.dumps(item) in shown(dl, "t.html") for item in items)


def test_a_file_that_cannot_be_written_is_found_before_the_run(
    dl: Installed, web: GoodServer
) -> None:
    before = len(web.requests)
    done = dl("fetch", web.url("/a.bin"), "--trace", "no/such/t.json")
    assert done.returncode == 2
    assert done.stderr.startswith(b"dl: --trace no/such/t.json: cannot be written: ")
    assert len(web.requests) == before
