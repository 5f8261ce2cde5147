"""Request targets go out byte for byte as they were given, by every way of fetching."""

from __future__ import annotations

from pathlib import Path

import pytest
from good import GoodServer, Reply, Request, redirect
from installed import Installed
from url_texts import GIVEN

from downloader import Options, fetch

WAYS: dict[str, dict[str, object]] = {
    "threads": {"fsync": True},
    "multiplexer": {},
    "processes": {"fetch_processes": 2},
    "sequential": {"sequential": True},
}
by_any_way = pytest.mark.parametrize("way", WAYS)
COUNT = 120  # files before them, so that each way gets under way


def run(folder: Path, urls: list[str], **options: object) -> None:
    values = {"dir": str(folder), "processes": 1, "proxy": "", **options}
    report = fetch(urls, Options(**values))  # type: ignore[arg-type]  # each test's own
    assert report.items.stored == len(urls), report.failures


def echo_target(request: Request) -> Reply:
    return Reply(request.path.encode())


@by_any_way
def test_l15_what_a_list_gives_is_asked_for_byte_for_byte(tmp_path: Path, way: str) -> None:
    targets = [f"/{number}" for number in range(COUNT)] + GIVEN
    with GoodServer(dict.fromkeys(targets, echo_target)) as server:
        run(tmp_path, [server.url(target) for target in targets], **WAYS[way])
        assert sorted(server.paths) == sorted(targets)


@by_any_way
def test_l15_what_a_location_gives_is_asked_for_byte_for_byte(tmp_path: Path, way: str) -> None:
    with GoodServer(dict.fromkeys(GIVEN, echo_target)) as server:
        server.files |= {f"/{n}": redirect(server.url(target)) for n, target in enumerate(GIVEN)}
        run(tmp_path, [server.url(f"/{n}") for n in range(len(GIVEN))], **WAYS[way])
        assert sorted(path for path in server.paths if path in GIVEN) == sorted(GIVEN)
    stored = {path.read_text() for path in tmp_path.iterdir() if path.is_file()}
    assert stored == set(GIVEN)


def test_l15_a_proxy_is_told_the_bytes_as_they_were_given(tmp_path: Path) -> None:
    urls = [f"http://u:p@data.example{target}" for target in GIVEN]
    told = [f"http://data.example{target}" for target in GIVEN]
    with GoodServer(dict.fromkeys(told, echo_target)) as proxy:
        run(tmp_path, urls, proxy=proxy.url("").rstrip("/"))
        assert sorted(proxy.paths) == sorted(told)


def test_l15_signed_sums_are_asked_for_as_they_were_given(dl: Installed) -> None:
    line = b"230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5  a\n"
    with GoodServer({"/{s}?sig=%2b": line, "/a": b"body"}) as server:
        done = dl("fetch", server.url("/a"), "--sums", server.url("/{s}?sig=%2b"))
    assert done.returncode == 0, done.stderr


def test_l15_continue_keeps_what_was_stored_under_another_writing(dl: Installed) -> None:
    with GoodServer({"/%7ea?%2b": b"body", "/%7Ea?%2B": b"other"}) as server:
        dl("fetch", server.url("/%7ea?%2b"))
        done = dl("fetch", server.url("/%7Ea?%2B"), "--continue", "--format", "json")
        assert server.paths == ["/%7ea?%2b"]
    assert b'"kept"' in done.stdout
