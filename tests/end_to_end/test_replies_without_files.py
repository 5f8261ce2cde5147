"""Replies that bring no file, or not yet, by every way of fetching, and as sums files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from good import GoodServer, Reply, Route
from installed import Installed

from downloader import Options, fetch

WAYS: dict[str, dict[str, object]] = {
    "threads": {"fsync": True},
    "multiplexer": {},
    "processes": {"fetch_processes": 2},
    "sequential": {"sequential": True},
}
by_any_way = pytest.mark.parametrize("way", WAYS)
COUNT = 120  # files that are there, so that each way gets under way
BODY = b"<p>See below.</p>"
STATUSES = [202, 204, 205, 207, 226]


@by_any_way
def test_no_reply_of_success_but_a_file_is_stored(tmp_path: Path, way: str) -> None:
    odd = {f"/odd{status}": Reply(BODY, status) for status in STATUSES}
    even = {f"/{number}": b"%d" % number for number in range(COUNT)}
    values = {"dir": str(tmp_path), "processes": 1, "proxy": "", "retries": 1, **WAYS[way]}
    with GoodServer({**even, **odd}) as server:
        report = fetch(list(map(server.url, server.files)), Options(**values))  # type: ignore[arg-type]  # each way's own
    assert report.items.stored == COUNT
    assert sorted(each.http_status or 0 for each in report.failures) == STATUSES
    assert list(tmp_path.glob("odd*")) == []


@by_any_way
def test_a_file_that_is_not_ready_waits_while_its_hosts_others_come(
    tmp_path: Path, way: str
) -> None:
    files: dict[str, Route] = {"/a": [Reply(status=202, headers={"Retry-After": "1"}), b"body"]}
    files |= {f"/{number}": b"x" for number in range(COUNT)}
    values = {"dir": str(tmp_path), "processes": 1, "proxy": "", "threads": 1, **WAYS[way]}
    with GoodServer(files) as server:
        report = fetch(list(map(server.url, server.files)), Options(**values))  # type: ignore[arg-type]  # each way's own
        assert server.paths[0] == server.paths[-1] == "/a"
    assert report.items.stored == COUNT + 1
    assert (tmp_path / "a").read_bytes() == b"body"


def test_continue_asks_again_for_a_file_that_was_not_ready(dl: Installed) -> None:
    with GoodServer({"/a": [Reply(BODY, 202), Reply(BODY, 202), b"body"]}) as server:
        first = dl("fetch", server.url("/a"), "--retries", "1", "--format", "json")
        assert (first.returncode, json.loads(first.stdout)["http_status"]) == (1, 202)
        assert dl.files() == {}
        assert dl("fetch", server.url("/a"), "--continue").returncode == 0
    assert dl.files() == {"a": b"body"}


@pytest.mark.parametrize(("status", "said"), [(202, b"not ready (202)"), (204, b"no content")])
def test_sums_that_are_not_there_stop_the_run(dl: Installed, status: int, said: bytes) -> None:
    with GoodServer({"/sums": Reply(BODY, status), "/a": b"body"}) as server:
        options = ("--sums", server.url("/sums"), "--retries", "1")
        done = dl("fetch", server.url("/a"), *options)
        assert server.paths == ["/sums"] * (2 if status == 202 else 1)
    assert done.returncode == 2
    assert said in done.stderr


def test_sums_that_get_ready_are_used(dl: Installed) -> None:
    line = f"{hashlib.sha256(b'body').hexdigest()}  a\n".encode()
    soon = Reply(BODY, 202, {"Retry-After": "0"})
    with GoodServer({"/sums": [soon, line], "/a": b"body"}) as server:
        done = dl("fetch", server.url("/a"), "--sums", server.url("/sums"), "--format", "json")
    assert json.loads(done.stdout)["verified"] == "given"


@pytest.mark.parametrize("mode", [[], ["--sequential"]])
def test_statuses_that_the_user_names_are_tried_again(dl: Installed, mode: list[str]) -> None:
    files: dict[str, Route] = {"/a": [Reply(status=403), b"a"], "/b": [Reply(status=404), b"b"]}
    with GoodServer({**files, "/c": Reply(status=410)}) as server:
        names = dl.write_list([server.url(path) for path in ("/a", "/b", "/c")])
        done = dl("fetch", names, "-q", "--retry-status", "403,404", *mode)
        assert sorted(server.paths) == ["/a", "/a", "/b", "/b", "/c"]
    assert (done.returncode, dl.files()) == (1, {"a": b"a", "b": b"b"})
