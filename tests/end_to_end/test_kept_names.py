"""Run again into the same folder with another list, a URL keeps the name that it has."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer
from installed import Installed

WAYS = {
    "threads": (),
    "sequential": ("--sequential",),
    "processes": ("--fetch-processes", "2"),
}
by_any_way = pytest.mark.parametrize("way", WAYS)
PAGES = [f"/PAGE.jsp?{number}" for number in range(40)]


@pytest.fixture
def server() -> Iterator[GoodServer]:
    """Each page tells its own address."""
    with GoodServer({path: path.encode() for path in [*PAGES, "/PAGE.jsp?new"]}) as running:
        yield running


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def named(dl: Installed, server: GoodServer, paths: list[str], *options: str) -> dict[str, str]:
    """Fetch a list; return the files' names by the paths of their URLs, each file being right."""
    name = dl.write_list([server.url(path) for path in paths])
    done = dl("fetch", name, "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    told = map(json.loads, done.stdout.splitlines())
    found = {each["url"].removeprefix(server.url("")): each["path"] for each in told}
    for path, file in found.items():
        assert (dl.folder / file).read_bytes() == path.encode()
    return found


@by_any_way
@pytest.mark.parametrize("options", [(), ("--continue",)])
def test_list_in_another_order_moves_no_file(
    dl: Installed, server: GoodServer, way: str, options: tuple[str, ...]
) -> None:
    first = named(dl, server, PAGES, *WAYS[way])
    assert [first[path] for path in PAGES[:2]] == ["downloads/PAGE.jsp", "downloads/PAGE-2.jsp"]
    requests = len(server.requests)
    assert named(dl, server, PAGES[::-1], *WAYS[way], *options) == first
    assert (len(server.requests) > requests) is (not options)


@by_any_way
def test_line_before_the_others_is_all_that_is_fetched(
    dl: Installed, server: GoodServer, way: str
) -> None:
    first = named(dl, server, PAGES, *WAYS[way])
    before = len(server.requests)
    more = named(dl, server, ["/PAGE.jsp?new", *PAGES], "--continue", *WAYS[way])
    assert more == {"/PAGE.jsp?new": "downloads/PAGE-41.jsp", **first}
    assert server.paths[before:] == ["/PAGE.jsp?new"]


def test_list_without_those_that_have_the_names_takes_none_of_them(
    dl: Installed, server: GoodServer
) -> None:
    named(dl, server, PAGES[:2])
    done = dl("fetch", server.url(PAGES[2]), "--format", "paths")
    assert (done.stdout, len(dl.files())) == (b"downloads/PAGE-3.jsp\n", 3)
    said = b"1 name is that of a file that another URL has here since an earlier run: 'PAGE.jsp'"
    assert done.stderr.count(said) == 1


def test_url_that_fails_once_comes_back_to_its_name(dl: Installed, server: GoodServer) -> None:
    first = named(dl, server, PAGES[:3])
    del server.files[PAGES[0]]
    assert dl("fetch", "urls.txt", "-q").returncode == 1
    server.files[PAGES[0]] = PAGES[0].encode()
    assert named(dl, server, PAGES[2::-1]) == first


@by_any_way
def test_names_outlive_a_run_that_is_killed(dl: Installed, server: GoodServer, way: str) -> None:
    name = dl.write_list([server.url(path) for path in PAGES])
    with dl.begin("fetch", name, "--format", "paths", "-t", "1", *WAYS[way]) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    stood = {data.decode(): f"downloads/{name}" for name, data in dl.files().items()}
    after = named(dl, server, PAGES[::-1], "--continue", *WAYS[way])
    assert stood == {path: after[path] for path in stood}


def test_name_for_a_single_url_is_taken_as_it_is(dl: Installed, server: GoodServer) -> None:
    assert dl("fetch", "-o", "a.jsp", server.url(PAGES[0])).returncode == 0
    done = dl("fetch", "-o", "a.jsp", server.url(PAGES[1]), "--format", "paths")
    assert done.stdout == b"downloads/a.jsp\n"
    assert dl.files() == {"a.jsp": PAGES[1].encode()}
