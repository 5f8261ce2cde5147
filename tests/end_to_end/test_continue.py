"""What was interrupted is finished by --continue, whatever ended it; --refresh asks for changes."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from good import GoodServer, Reply
from installed import Installed
from ranged import Ranged

LARGE = bytes(range(256)) * 8192  # 2 MiB
SMALL = b"small" * 100
MODES = [[], ["--sequential"]]
SOON = 30.0


@pytest.fixture
def large() -> Ranged:
    return Ranged(LARGE, etag='"1"')


@pytest.fixture
def server(large: Ranged) -> Iterator[GoodServer]:
    """A slow server of a small and a large file."""
    routes = {"/small.bin": Ranged(SMALL, etag='"s"'), "/large.bin": large}
    with GoodServer(routes, rate=4e6) as running:
        yield running


def write_list(dl: Installed, server: GoodServer) -> str:
    return dl.write_list([server.url("/small.bin"), server.url("/large.bin")])


def records(dl: Installed, *arguments: str, status: int = 0) -> list[dict[str, Any]]:
    """Run it with records as JSON, in the order of their lines."""
    done = dl("fetch", *arguments, "--format", "json")
    assert done.returncode == status, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted(found, key=lambda record: int(record["line"]))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def interrupt(dl: Installed, server: GoodServer, signum: int, *options: str) -> None:
    """Begin a run and end it in the middle of the large file, the small one stored."""
    names = write_list(dl, server)
    with dl.begin("fetch", names, "--format", "paths", *options) as process:
        assert process.stdout
        assert process.stdout.readline() == b"downloads/small.bin\n"
        part_grows(dl, 1 << 20)
        process.send_signal(signum)
        process.communicate(timeout=SOON)
    assert list(dl.files()) == ["small.bin"]


def part_grows(dl: Installed, size: int) -> None:
    """Wait until a part has so many bytes: the journal has its note by then, too."""
    parts = dl.folder / "downloads" / ".dl" / "parts"
    deadline = time.monotonic() + SOON
    while not any(part.stat().st_size >= size for part in parts.glob("*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGINT])
def test_only_the_rest_is_asked_for_after_the_end_of_a_run(
    dl: Installed, server: GoodServer, large: Ranged, signum: int, mode: list[str]
) -> None:
    interrupt(dl, server, signum, *mode)
    before = len(server.requests)
    small, rest = records(dl, "urls.txt", "--continue", *mode)
    assert small["status"] == "kept"
    assert small["digests"] == {"sha256": sha256(SMALL)}
    assert [request.path for request in server.requests[before:]] == ["/large.bin"]
    assert rest["resumed_from"] >= 1 << 20
    assert large.seen[-1] == f"bytes={rest['resumed_from']}-"
    assert rest["digests"] == {"sha256": sha256(LARGE)}
    assert (dl.files(), dl.parts()) == ({"small.bin": SMALL, "large.bin": LARGE}, [])


def test_a_file_that_changed_meanwhile_is_fetched_whole(
    dl: Installed, server: GoodServer, large: Ranged
) -> None:
    interrupt(dl, server, signal.SIGKILL)
    large.body, large.etag = LARGE[::-1], '"2"'
    _, whole = records(dl, "urls.txt", "--continue")
    assert (whole["resumed_from"], whole["http_status"]) == (0, 200)
    assert dl.files()["large.bin"] == LARGE[::-1]


def test_a_plain_run_begins_anew(dl: Installed, server: GoodServer, large: Ranged) -> None:
    interrupt(dl, server, signal.SIGINT)
    small, whole = records(dl, "urls.txt")
    assert (small["status"], whole["status"], whole["resumed_from"]) == ("stored", "stored", 0)
    assert large.seen == [None, None]


def test_what_failed_is_tried_again_and_nothing_else(dl: Installed) -> None:
    with GoodServer({"/a": b"a", "/b": Reply(b"", 404)}) as server:
        names = dl.write_list([server.url("/a"), server.url("/b")])
        records(dl, names, status=1)
        server.files["/b"] = b"b"
        kept, stored = records(dl, names, "--continue")
        assert sorted(server.paths) == ["/a", "/b", "/b"]
    assert (kept["status"], stored["status"]) == ("kept", "stored")


def test_a_part_outlives_its_item_and_is_finished_later(dl: Installed) -> None:
    file = Ranged(LARGE, etag='"1"', cut=[1 << 20])
    with GoodServer({"/a": file}) as server:
        [failed] = records(dl, server.url("/a"), "--retries", "0", status=1)
        [stored] = records(dl, server.url("/a"), "--continue")
    assert failed["error"]["kind"] == "incomplete"
    assert stored["resumed_from"] == 1 << 20
    assert file.seen == [None, f"bytes={1 << 20}-"]
    assert dl.files() == {"a": LARGE}


def test_another_algorithm_or_checksum_needs_the_bytes(dl: Installed) -> None:
    with GoodServer({"/a": b"a"}) as server:
        url = server.url("/a")
        records(dl, url)
        [again] = records(dl, url, "-c", "-a", "sha512")
        [wrong] = records(dl, url, "-c", "--checksum", f"md5:{'0' * 32}", status=1)
    assert (again["status"], wrong["error"]["kind"]) == ("stored", "checksum")


def test_a_changed_file_is_not_kept(dl: Installed) -> None:
    with GoodServer({"/a": b"a"}) as server:
        records(dl, server.url("/a"))
        (dl.folder / "downloads" / "a").write_bytes(b"b")
        [refused] = records(dl, server.url("/a"), "--continue", status=1)
        assert refused["error"]["kind"] == "exists"
        (dl.folder / "downloads" / "a").unlink()
        [stored] = records(dl, server.url("/a"), "--continue")
    assert stored["status"] == "stored"


def test_refresh_leaves_what_has_not_changed(dl: Installed) -> None:
    file = Ranged(SMALL, etag='W/"1"')
    with GoodServer({"/a": file}) as server:
        records(dl, server.url("/a"))
        [unchanged] = records(dl, server.url("/a"), "--refresh")
        file.body, file.etag = b"new", 'W/"2"'
        [stored] = records(dl, server.url("/a"), "--refresh")
    assert (unchanged["status"], unchanged["http_status"]) == ("unchanged", 304)
    assert unchanged["digests"] == {"sha256": sha256(SMALL)}
    assert (stored["status"], file.statuses) == ("stored", [200, 304, 200])
    assert dl.files() == {"a": b"new"}


def test_an_unchanged_file_gets_the_digests_that_are_not_known(dl: Installed) -> None:
    with GoodServer({"/a": Ranged(SMALL, changed=1e9)}) as server:
        records(dl, server.url("/a"))
        for _ in range(2):
            [unchanged] = records(dl, server.url("/a"), "--refresh", "-a", "md5", "-a", "sha256")
            assert unchanged["status"] == "unchanged"
            digests = {"md5": hashlib.md5(SMALL).hexdigest(), "sha256": sha256(SMALL)}
            assert unchanged["digests"] == digests


def test_both_ask_for_what_is_stored_and_go_on_with_what_is_not(
    dl: Installed, server: GoodServer
) -> None:
    interrupt(dl, server, signal.SIGKILL)
    small, large = records(dl, "urls.txt", "--continue", "--refresh")
    assert (small["status"], small["http_status"]) == ("unchanged", 304)
    assert (large["status"], large["http_status"]) == ("stored", 206)


def test_files_that_stand_under_their_servers_names_are_kept(dl: Installed) -> None:
    named = Reply(b"a", headers={"Content-Disposition": "attachment; filename=b.txt"})
    with GoodServer({"/a": named}) as server:
        for status in ("stored", "kept"):
            [record] = records(dl, server.url("/a"), "--content-disposition", "--continue")
            assert (record["status"], record["path"]) == (status, "downloads/b.txt")
        assert server.paths == ["/a"]


def test_the_report_counts_what_was_kept(dl: Installed, urls: str) -> None:
    dl("fetch", urls)
    done = dl("fetch", urls, "--continue")
    assert done.returncode == 0
    assert b": 0 stored, 8 kept" in done.stderr
    assert len(done.stdout.splitlines()) == 8
