"""Mirrors and declared sizes come to the same in every way of fetching."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer, Reply
from raw import RawServer, Script

from downloader import Digest, Options, Outcome, Report, UrlItem, fetch

WAYS: dict[str, dict[str, Any]] = {
    "sequential": {"sequential": True},
    "threads": {"threads": 4, "limit_rate": 1 << 40},
    "multiplexer": {"threads": 4, "fetch_processes": 1},
    "processes": {"threads": 4, "fetch_processes": 2},
}
by_every_way = pytest.mark.parametrize("way", WAYS)
FILLERS = {f"/filler/{number}": b"x" * 100 for number in range(60)}
DATA = b"data" * 100
SHA = Digest("sha256", hashlib.sha256(DATA).hexdigest())


@pytest.fixture
def server() -> Iterator[GoodServer]:
    with GoodServer({**FILLERS, "/a": DATA, "/bad": b"other"}) as serving:
        yield serving


def run(folder: Path, way: str, server: GoodServer, *items: UrlItem, **more: Any) -> list[Outcome]:
    """Fetch items after many others, when connections are open; return what failed."""
    fillers = [UrlItem(server.url(path)) for path in FILLERS]
    usual = {"dir": str(folder / "d"), "proxy": "", "retries": 0}
    options = Options(**{**usual, **WAYS[way], **more})
    report: Report = fetch([*fillers, *items], options)
    assert report.items.total == len(fillers) + len(items)
    return list(report.failures)


@by_every_way
def test_a_file_of_another_size_than_the_list_says_fails_and_both_are_named(
    tmp_path: Path, way: str, server: GoodServer
) -> None:
    right = UrlItem(server.url("/a"), size=400)
    server.files["/b"] = DATA
    [wrong] = run(tmp_path, way, server, right, UrlItem(server.url("/b"), size=401))
    assert wrong.error
    assert (wrong.error.kind, wrong.attempts) == ("checksum", 1)
    assert wrong.error.message == "expected 401 bytes, the server has 400"
    assert (tmp_path / "d/a").read_bytes() == DATA
    assert not (tmp_path / "d/b").exists()
    assert server.paths.count("/b") == 1


@by_every_way
def test_the_next_mirror_takes_the_place_of_one_that_fails(
    tmp_path: Path, way: str, server: GoodServer
) -> None:
    mirrors = (server.url("/bad"), server.url("/a"))
    item = UrlItem(server.url("/gone"), mirrors=mirrors, checksums=(SHA,), name="file")
    assert run(tmp_path, way, server, item) == []
    assert (tmp_path / "d/file").read_bytes() == DATA
    assert server.paths.count("/bad") == 1


@by_every_way
def test_the_next_mirror_takes_the_place_of_one_of_another_size(
    tmp_path: Path, way: str, server: GoodServer
) -> None:
    item = UrlItem(server.url("/bad"), mirrors=(server.url("/a"),), size=len(DATA), name="file")
    assert run(tmp_path, way, server, item) == []
    assert (tmp_path / "d/file").read_bytes() == DATA


@by_every_way
def test_a_file_of_a_mirror_is_kept_by_the_next_run(
    tmp_path: Path, way: str, server: GoodServer
) -> None:
    item = UrlItem(server.url("/gone"), mirrors=(server.url("/a"),))
    assert run(tmp_path, way, server, item) == []
    asked = len(server.paths)
    assert run(tmp_path, way, server, item, continue_=True) == []
    assert len(server.paths) == asked


@by_every_way
def test_items_of_a_host_that_is_down_go_on_with_their_mirrors(
    tmp_path: Path, way: str, server: GoodServer
) -> None:
    with GoodServer() as other:
        dead = other.url("")
    mirrors = [UrlItem(f"{dead}/{n}", mirrors=(server.url(f"/filler/{n}"),)) for n in range(30)]
    assert run(tmp_path, way, server, *mirrors) == []
    assert (tmp_path / "d/29").read_bytes() == FILLERS["/filler/29"]


def test_a_mirrors_validators_are_no_condition_for_the_first_url(tmp_path: Path) -> None:
    """The other host's ETag may be the same by chance, for other bytes."""
    tagged = Reply(DATA, headers={"ETag": '"1"'})
    with GoodServer({**FILLERS, "/m": tagged}) as server:
        item = UrlItem(server.url("/gone"), mirrors=(server.url("/m"),))
        run(tmp_path, "sequential", server, item)
        server.files["/gone"] = Reply(b"new", headers={"ETag": '"1"'})
        run(tmp_path, "sequential", server, item, refresh=True)
        assert "if-none-match" not in server.requests[-1].headers
    assert (tmp_path / "d/gone").read_bytes() == b"new"


def test_a_kept_file_of_another_size_is_fetched_again(tmp_path: Path, server: GoodServer) -> None:
    run(tmp_path, "sequential", server, UrlItem(server.url("/a")))
    server.files["/a"] = DATA + b"!"
    item = UrlItem(server.url("/a"), size=401)
    assert run(tmp_path, "sequential", server, item, continue_=True) == []
    assert (tmp_path / "d/a").read_bytes() == DATA + b"!"


def test_another_line_of_the_same_url_may_say_no_other_size(
    tmp_path: Path, server: GoodServer
) -> None:
    lines = [UrlItem(server.url("/a"), line, "l", size=399 + line) for line in (1, 2)]
    [wrong] = run(tmp_path, "sequential", server, *lines)
    assert wrong.error
    assert (wrong.line, wrong.error.message) == (2, "expected 401 bytes, the server has 400")


SIZES = pytest.mark.parametrize(("size", "has"), [(399, "more"), (401, "400")])


@by_every_way
@SIZES
def test_a_chunked_body_has_the_listed_size(
    tmp_path: Path, way: str, server: GoodServer, size: int, has: str
) -> None:
    server.files["/c"] = Reply(DATA, chunked=50)
    [wrong] = run(tmp_path, way, server, UrlItem(server.url("/c"), size=size))
    assert wrong.error
    assert wrong.error.message == f"expected {size} bytes, the server has {has}"


@SIZES
def test_a_body_that_ends_with_the_connection_has_the_listed_size(
    tmp_path: Path, server: GoodServer, size: int, has: str
) -> None:
    with RawServer([b"HTTP/1.0 200 OK\r\n\r\n", DATA]) as raw:
        [wrong] = run(tmp_path, "multiplexer", server, UrlItem(raw.url("/c"), size=size))
    assert wrong.error
    assert (wrong.error.kind, wrong.error.message) == (
        "checksum",
        f"expected {size} bytes, the server has {has}",
    )


def test_a_body_that_was_cut_with_the_connection_is_tried_again(
    tmp_path: Path, server: GoodServer
) -> None:
    begin = b"HTTP/1.0 200 OK\r\n\r\n"
    with RawServer(each=[Script([begin, DATA[:9]]), Script([begin, DATA])]) as raw:
        item = UrlItem(raw.url("/c"), size=len(DATA))
        assert run(tmp_path, "sequential", server, item, retries=1) == []
    assert (tmp_path / "d/c").read_bytes() == DATA


@by_every_way
def test_no_part_of_a_url_that_was_left_remains(
    tmp_path: Path, way: str, server: GoodServer
) -> None:
    """Its beginning was worth to be kept, but the file came from elsewhere."""
    large = b"large" * 200_000
    server.files["/large"] = large
    head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(large)}\r\nETag: "1"\r\n\r\n'.encode()
    sha = Digest("sha256", hashlib.sha256(large).hexdigest())
    with RawServer([head, large[:600_000]]) as raw:
        item = UrlItem(raw.url("/large"), mirrors=(server.url("/large"),), checksums=(sha,))
        assert run(tmp_path, way, server, item) == []
    assert (tmp_path / "d/large").read_bytes() == large
    assert list((tmp_path / "d/.dl/parts").iterdir()) == []
    assert server.requests[-1].headers.get("range") is None
