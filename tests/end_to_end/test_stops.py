"""Failures end a run where that is wanted, in every way of fetching, and --continue goes on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from good import GoodServer, Reply, Request, Route
from installed import Done, Installed
from ranged import Ranged

WAYS = {
    "one after another": ("--sequential",),
    "on this thread": ("-t", "2"),
    "by threads": ("-t", "2", "--limit-rate", "1G"),
    "by processes": ("-t", "4", "--fetch-processes", "2"),
}
by_any_way = pytest.mark.parametrize("way", WAYS)
NAMES = [f"{number:03}.bin" for number in range(400)]
LARGE = bytes(range(256)) * 8192  # 2 MiB


def served(bad: int) -> GoodServer:
    """Serve all names, of which the first `bad` are not there."""
    lost: dict[str, Route] = {f"/{name}": Reply(b"", 404) for name in NAMES[:bad]}
    files: dict[str, Route] = {f"/{name}": name.encode() for name in NAMES}
    return GoodServer(files | lost, delay=0.002)


def listed(dl: Installed, server: GoodServer) -> str:
    return dl.write_list([server.url(f"/{name}") for name in NAMES])


def report(dl: Installed, names: str, *options: str, status: int) -> tuple[dict[str, Any], Done]:
    done = dl("fetch", names, "--report", "report.json", "--format", "none", *options)
    assert done.returncode == status, done.stderr
    return json.loads((dl.folder / "report.json").read_text()), done


@by_any_way
def test_fail_fast_ends_after_the_first_failure_and_continue_goes_on(
    dl: Installed, way: str
) -> None:
    with served(bad=1) as server:
        names = listed(dl, server)
        found, done = report(dl, names, "--fail-fast", *WAYS[way], status=1)
        assert found["stopped"] == "--fail-fast: 1 item failed"
        assert found["items"]["failed"] == 1
        assert found["items"]["total"] < len(NAMES)
        assert done.stderr.decode().count("stopped by --fail-fast: 1 item failed: finished") == 1
        server.files["/000.bin"] = b"back"
        again, _ = report(dl, names, "--continue", *WAYS[way], status=0)
    assert again["items"]["kept"] == found["items"]["stored"]
    assert (len(dl.files()), dl.parts()) == (len(NAMES), [])


@by_any_way
def test_fail_over_ends_once_too_large_a_share_of_twenty_has_failed(
    dl: Installed, way: str
) -> None:
    with served(bad=12) as server:
        names = listed(dl, server)
        found, _ = report(dl, names, "--fail-over", "40", *WAYS[way], status=1)
    told = re.fullmatch(r"--fail-over 40: (\d+) of (\d+) finished items failed", found["stopped"])
    assert told
    failed, finished = map(int, told.groups())  # by processes they end in no certain order
    assert finished >= 20
    assert failed > 0.4 * finished
    assert 20 <= found["items"]["total"] < len(NAMES)


@by_any_way
def test_a_smaller_share_ends_nothing(dl: Installed, way: str) -> None:
    with served(bad=0) as server:
        server.files["/399.bin"] = Reply(b"", 404)
        names = listed(dl, server)
        found, _ = report(dl, names, "--fail-over", "2%", *WAYS[way], status=1)
    assert (found["stopped"], found["items"]["total"]) == (None, len(NAMES))


@pytest.mark.parametrize("way", ["on this thread", "by threads"])
def test_what_is_under_way_is_parked_and_continued(dl: Installed, way: str) -> None:
    parts = dl.folder / "downloads" / ".dl" / "parts"

    def late(_: Request) -> Reply:
        for _tick in range(3000):
            if any(part.stat().st_size >= 1 << 20 for part in parts.glob("*.part")):
                break
            server.closing.wait(0.01)
        return Reply(b"", 404)

    large = Ranged(LARGE, etag='"1"')
    with GoodServer({"/large": large, "/late": late}, rate=1e6) as server:
        names = dl.write_list([server.url("/large"), server.url("/late")])
        report(dl, names, "--fail-fast", *WAYS[way], status=1)
        server.files["/late"] = b"late"
        report(dl, names, "--continue", *WAYS[way], status=0)
    assert large.seen[-1] is not None
    assert dl.files() == {"large": LARGE, "late": b"late"}


def test_who_wants_less_is_told_that_the_run_stopped(dl: Installed) -> None:
    with served(bad=1) as server:
        done = dl("fetch", listed(dl, server), "-q", "--fail-fast", "--sequential")
    assert done.stderr.splitlines()[-1] == b"dl: stopped by --fail-fast: 1 item failed"


@by_any_way
def test_only_what_failed_is_fetched_again(dl: Installed, way: str) -> None:
    """What a run has not come to is passed over: not all items are stored, so that is status 1."""
    with GoodServer({"/a": b"a", "/b": Reply(b"", 404), "/new": b"new"}) as server:
        report(dl, dl.write_list([server.url("/a"), server.url("/b")]), *WAYS[way], status=1)
        server.files["/b"] = b"b"
        names = dl.write_list([server.url(path) for path in ("/a", "/new", "/b", "/new")])
        found, done = report(dl, names, "--retry-failed", *WAYS[way], status=1)
        assert sorted(server.paths) == ["/a", "/b", "/b"]
    assert (found["items"]["kept"], found["items"]["stored"]) == (1, 1)
    assert found["passed_over"] == 2
    assert b"2 lines were passed over" in done.stderr


def test_a_part_of_what_failed_is_continued(dl: Installed) -> None:
    file = Ranged(LARGE, etag='"1"', cut=[1 << 20])
    with GoodServer({"/a": file}) as server:
        report(dl, server.url("/a"), "--retries", "0", status=1)
        report(dl, server.url("/a"), "--retry-failed", status=0)
    assert file.seen[-1] is not None
    assert dl.files() == {"a": LARGE}


def test_nothing_is_fetched_where_nothing_failed(dl: Installed) -> None:
    with GoodServer({"/a": b"a"}) as server:
        found, _ = report(dl, server.url("/a"), "--retry-failed", status=1)
        assert (server.paths, found["passed_over"], found["items"]["total"]) == ([], 1, 0)


@pytest.mark.parametrize("share", ["101", "-1", "some"])
def test_a_share_that_is_none_is_refused(dl: Installed, share: str) -> None:
    assert dl("fetch", "http://h/", f"--fail-over={share}").returncode == 2


def test_asking_and_trying_again_exclude_each_other(dl: Installed) -> None:
    assert dl("fetch", "http://h/", "--refresh", "--retry-failed").returncode == 2
