"""Names and the file system, row by row: whatever a name says, it stays below the target (P4).

The numbers are those of the catalogue of faults.
"""

from __future__ import annotations

import json
import os
import socket
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer, Reply, Request, redirect
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from installed import Done, Installed

from downloader import Options, fetch
from downloader.models import Event, Finished, Outcome, UrlItem
from downloader.storage.local import LocalStorage


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    """The command, in a folder with something to lose beside the target."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "mine").write_bytes(b"mine")
    return Installed(folder)


class World(GoodServer):
    """The proxy of every host: has whatever is asked for."""

    answer: Callable[[Request], Reply] = staticmethod(lambda _: Reply(b"x"))

    def _reply(self, request: Request) -> Reply:
        route = self.files.get(request.path, self.answer)
        return route(request) if callable(route) else Reply(b"x")


def told(done: Done) -> dict[int, Any]:
    return {each["line"]: each for each in map(json.loads, done.stdout.splitlines())}


def disposition(value: str) -> Reply:
    return Reply(b"x", headers={"Content-Disposition": value.encode().decode("latin-1")})


# N1 to N4: what names become.

HOSTILE = {
    "/..": "index",
    "/.": "index",
    "/": "index",
    "/a/..": "index",
    "/a/../../../b": "b",
    "/%2e%2e": "index",
    "/..%2f..%2fetc%2fpasswd": "_.._.._etc_passwd",
    "/%2Fetc%2Fpasswd": "_etc_passwd",
    "/..%5c..%5cx": "_.._.._x",
    "/%252e%252e%252fx": "%2e%2e%2fx",
    "/C%3A%5Cx": "C__x",
    "/%5C%5Csrv%5Cs": "__srv_s",
    "/a%00b": "ab",
    "/a%0Ab%1B%5B31m": "ab[31m",
    "/%E2%80%AEgpj.exe": "gpj.exe",
    "/a%E2%80%A8b": "ab-2",
    "/%ff%fe": "__",
    "/.bashrc": "_.bashrc",
    "/-rf": "_-rf",
    "/~root": "_~root",
    "/a.": "a",
    "/a%20.%20": "a-2",
    "/CON": "_CON",
    "/nul.txt": "_nul.txt",
    "/COM1.tar.gz": "_COM1.tar.gz",
    "/aux%3A": "aux_",
    "/x%3Astream": "x_stream",
    "/.dl": "_.dl",
    "/.DL": "_-2.DL",
}


def test_n1_n2_n3_hostile_names_become_safe_ones(dl: Installed) -> None:
    with World() as world:
        name = dl.write_list([f"http://h.example{path}?{n}" for n, path in enumerate(HOSTILE)])
        done = dl("fetch", name, "--proxy", world.url(), "--format", "json", "-q")
    names = [os.path.basename(told(done)[line]["path"]) for line in sorted(told(done))]
    assert done.returncode == 0, done.stderr
    for wanted, got in zip(HOSTILE.values(), names, strict=True):
        assert got == wanted or (wanted == "index" and got.startswith("index")), (wanted, got)
    assert len(set(names)) == len(HOSTILE)
    assert sorted(os.listdir(dl.folder)) == ["downloads", "mine", name]
    assert sorted(dl.files()) == sorted(names)
    again = dl("fetch", name, "--proxy", world.url(), "--continue")
    assert again.stderr.count(b" names were changed to be safe on any system: the first, ") == 1


@pytest.mark.parametrize("name", ["a/b", "é" * 300, "\x1b[31m", "a\\b", "..."])
def test_n1_name_that_is_given_stays_below_the_target(dl: Installed, name: str) -> None:
    with GoodServer({"/a": b"x"}) as server:
        done = dl("fetch", "-o", name, server.url("/a"))
    assert done.returncode == 0, done.stderr
    assert len(dl.files()) == 1
    assert sorted(os.listdir(dl.folder)) == ["downloads", "mine"]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "..", "-", "", "sub/", "C:\\x", "\\\\srv\\x"])
def test_n1_name_for_one_file_that_leads_elsewhere_is_refused(dl: Installed, name: str) -> None:
    with GoodServer({"/a": b"x"}) as server:
        done = dl("fetch", "-o", name, server.url("/a"))
        assert server.requests == []
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)
    assert os.listdir(dl.folder) == ["mine"]


FOLDERS = {
    "data/sub/k1.bin": "data/sub/k1.bin",
    "./data/k2.bin": "data/k2.bin",
    "data": "data-2",
    "../k3": "_.._k3",
    ".dl/lock": "_.dl/lock",
    "mine/CON/x": "mine/_CON/x",
}


@pytest.mark.parametrize(
    "options", [("--sequential",), ("-t", "8"), ("--fetch-processes", "2")], ids=" ".join
)
def test_n1_folders_of_names_in_the_list_are_made_below_the_target(
    dl: Installed, options: tuple[str, ...]
) -> None:
    with GoodServer({f"/{n}": str(n).encode() for n in range(len(FOLDERS))}) as server:
        lines = [f"{server.url(f'/{n}')}  {name}" for n, name in enumerate(FOLDERS)]
        done = dl("fetch", dl.write_list(lines), "-q", *options)
        again = dl("fetch", dl.write_list(lines), "-q", "--continue", *options)
    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    wanted = {path: str(n).encode() for n, path in enumerate(FOLDERS.values())}
    assert dl.files() == wanted
    assert len(server.requests) == len(FOLDERS)
    assert (dl.folder / "mine").read_bytes() == b"mine"


def test_n2_control_bytes_are_escaped_wherever_they_are_told(dl: Installed) -> None:
    odd = "\x1b]0;x\x07\x9b\u202e\u2028\x7f"
    with GoodServer({"/b": Reply(status=404)}) as server:
        (dl.folder / f"l{odd}").write_bytes(f"{server.url('/a')}{odd}\n{server.url('/b')}".encode())
        done = dl("fetch", f"l{odd}", "-v", "-d", f"d{odd}")
    text = (done.stdout + done.stderr).decode()
    assert done.returncode == 1
    assert not set(odd) - {"0", ";", "x", "]"} & set(text)
    assert "\\x1b" in text


def test_n4_long_names_are_cut_on_a_characters_edge_and_stay_apart(dl: Installed) -> None:
    paths = [f"/{'%C3%A9' * 200}{number}.tar.gz" for number in range(3)] + [f"/{'x' * 5000}.iso"]
    with World() as world:
        name = dl.write_list([f"http://h.example{path}" for path in paths])
        done = dl("fetch", name, "--proxy", world.url(), "-q")
    files = list(dl.files())
    assert (done.returncode, len(files)) == (0, 4)
    assert all(len(os.fsencode(each)) <= 240 for each in files)
    assert sorted(each.partition(".")[2] for each in files) == ["iso", *["tar.gz"] * 3]


def test_n4_deep_trees_stay_within_what_paths_may_have(dl: Installed) -> None:
    with World() as world:
        url = "http://h.example/" + "/".join("d" * 200 for _ in range(60)) + "/a.bin"
        done = dl("fetch", url, "--layout", "tree", "--proxy", world.url(), "-q")
    assert done.returncode == 0, done.stderr
    assert len(next(iter(dl.files()))) <= 1024


# N5: names that servers give.


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename=b.bin", "b.bin"),
        ("attachment; filename*=UTF-8''%C3%BC%20b.bin; filename=no", "ü b.bin"),
        ('attachment; filename="../../b.bin"', "b.bin"),
        ('attachment; filename="..\\\\..\\\\b.bin"', "b.bin"),
        ("attachment; filename*=UTF-8''..%2F..%2Fmine", "mine"),
        ("attachment; filename*=UTF-8''%2E%2E", "a.bin"),
        ('attachment; filename=".dl"', "_.dl"),
        ('attachment; filename=".bashrc"', "_.bashrc"),
        ('attachment; filename="CON"', "_CON"),
        ('attachment; filename="%2e%2e%2fx"', "%2e%2e%2fx"),
        ("attachment; filename=b c, [1] @2.bin; size=1", "b c, [1] @2.bin"),
        ("attachment; filename=/x/b.bin", "b.bin"),
        ("attachment; filename=b.bin; filename*=UTF-8''%ff", "b.bin"),
        ('attachment; filename="b', "a.bin"),
        ("attachment; filename*=UTF-8''%ff", "a.bin"),
        ("attachment; filename=b; filename=c", "a.bin"),
        ('attachment; filename="=?UTF-8?B?Yg==?="', "a.bin"),
        ("attachment", "a.bin"),
    ],
)
def test_n5_name_of_the_server(tmp_path: Path, value: str, name: str) -> None:
    with GoodServer({"/a.bin": disposition(value)}) as server:
        for on, wanted in ((True, name), (False, "a.bin")):
            folder = tmp_path / str(on)
            files = stored(folder, [server.url("/a.bin")], server_names=on)
            assert files == [wanted]
            assert sorted(os.listdir(folder)) == sorted([".dl", wanted])


def test_n5_name_is_that_of_the_last_reply_and_the_urls_own_one_the_first(tmp_path: Path) -> None:
    """D10: without the option neither a redirect nor its target has a say."""
    with GoodServer({"/a": redirect("/b"), "/b": disposition("attachment; filename=c")}) as server:
        assert stored(tmp_path / "1", [server.url("/a")]) == ["a"]
        assert stored(tmp_path / "2", [server.url("/a")], server_names=True) == ["c"]


def test_d10_name_is_that_of_the_final_url_where_the_server_gives_none(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "/download.php?id=1": redirect("/gate"),
        "/gate": redirect("/x/paper%20%5B1%5D.pdf?sig=1"),
        "/x/paper%20%5B1%5D.pdf?sig=1": b"1",
        "/download.php?id=2": redirect("/x/CON"),
        "/x/CON": b"2",
        "/download.php?id=3": redirect("/files/"),
        "/files/": b"3",
        "/download.php?id=4": redirect("/named.bin"),
        "/named.bin": disposition("attachment; filename=b.bin"),
        "/download.php?id=5": redirect("/y/%2e%2e"),
        "/y/%2e%2e": b"5",
        "/": b"5",
    }
    with GoodServer(files) as server:
        urls = [server.url(f"/download.php?id={n}") for n in range(1, 6)]
        names = ["paper [1].pdf", "_CON", "download-3.php", "b.bin", "download-5.php"]
        assert stored(tmp_path, urls, server_names=True) == names
        before = len(server.requests)
        again = {"server_names": True, "continue_": True}
        assert stored(tmp_path, urls[::-1], **again) == names[::-1]
        assert len(server.requests) == before
        assert stored(tmp_path / "off", urls[:2]) == ["download.php", "download-2.php"]


@pytest.mark.parametrize("options", [("--sequential",), (), ("--fetch-processes", "2")])
@pytest.mark.parametrize("option", ["--server-names", "--content-disposition"])
def test_n5_d10_by_every_way_and_under_both_names(
    dl: Installed, options: tuple[str, ...], option: str
) -> None:
    files: dict[str, Any] = {}
    for n in range(40):  # the first ones open the connections that the others go over
        files[f"/a?{n}"] = disposition(f"attachment; filename=a {n}.bin") if n % 2 else Reply(b"x")
        files[f"/r?{n}"] = redirect(f"/r{n}.pdf")
        files[f"/r{n}.pdf"] = b"x"
    with GoodServer(files) as server:
        lines = [server.url(f"/{which}?{n}") for n in range(40) for which in "ar"]
        done = dl("fetch", dl.write_list(lines), option, "-q", *options)
    assert done.returncode == 0, done.stderr
    names = set(dl.files())
    assert {f"a {n}.bin" for n in range(1, 40, 2)} | {f"r{n}.pdf" for n in range(40)} <= names
    assert len(names) == 80


def test_n5_servers_that_give_one_name_to_all_lose_no_file(tmp_path: Path) -> None:
    files = {f"/{number}": disposition("attachment; filename=same") for number in range(9)}
    with GoodServer({**files, "/same": b"own"}) as server:
        urls = [*map(server.url, files), server.url("/same")]
        for _ in range(2):  # the second run replaces its own files, and no other's
            names = stored(tmp_path / "d", urls, server_names=True)
            assert len(set(names)) == 10
            assert set(names) <= {*"012345678", "same", "same-2"}
        assert len(os.listdir(tmp_path / "d")) - 1 == 10


def test_n5_later_runs_know_the_name_that_a_server_gave(tmp_path: Path) -> None:
    with GoodServer({f"/{n}": disposition("attachment; filename=same") for n in "ab"}) as server:
        urls = [server.url("/b"), server.url("/a")]
        first = stored(tmp_path, urls, server_names=True)
        assert sorted(first) == ["a", "same"]
        before = len(server.requests)
        again = {"server_names": True, "continue_": True}
        assert stored(tmp_path, urls, **again) == first
        assert stored(tmp_path, [*reversed(urls)], **again) == [*reversed(first)]
        assert len(server.requests) == before


def test_n5_foreign_file_with_that_name_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"theirs")
    with GoodServer({"/a": disposition("attachment; filename=b")}) as server:
        outcomes = run(tmp_path, [server.url("/a")], server_names=True)
        assert [each.error.kind for each in outcomes if each.error] == ["exists"]
        assert (tmp_path / "b").read_bytes() == b"theirs"
        assert os.listdir(tmp_path / ".dl" / "parts") == []
        taken = {"server_names": True, "overwrite": True}
        assert stored(tmp_path, [server.url("/a")], **taken) == ["b"]


def test_n5_name_in_the_list_goes_first(tmp_path: Path) -> None:
    with GoodServer({"/a": disposition("attachment; filename=b")}) as server:
        item = UrlItem(server.url("/a"), name="c")
        assert stored(tmp_path, [item], server_names=True) == ["c"]


# N6, N7: names that meet.


def test_n6_names_that_are_one_on_some_system_are_numbered_in_list_order(tmp_path: Path) -> None:
    names = ["a.bin", "A.BIN", "e\u0301", "\u00e9", "stra\u00dfe", "STRASSE", "a.bin"]
    with World() as world:
        items = [UrlItem(f"http://h{n}.example/", name=name) for n, name in enumerate(names)]
        for threads in (1, 8):
            got = stored(tmp_path / str(threads), items, proxy=world.url(), threads=threads)
            wanted = ["a.bin", "A-2.BIN", "\u00e9", "\u00e9-2", "stra\u00dfe", "STRASSE-2"]
            assert got == [*wanted, "a-3.bin"]


def test_n7_item_whose_name_is_anothers_folder_is_numbered(tmp_path: Path) -> None:
    with World() as world:
        urls = [f"http://h.example/{path}" for path in ("a", "a/b", "c/d", "c")]
        got = stored(tmp_path, urls, proxy=world.url(), layout="tree")
    assert got == ["h.example/a", "h.example/a-2/b", "h.example/c/d", "h.example/c-2"]


# N8, and P4 where something stands: nothing is followed, nothing foreign replaced.


def a_fifo(path: Path, _: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path, _: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as made:
        made.bind(str(path))


def a_folder(path: Path, _: Path) -> None:
    path.mkdir()


def a_link_out(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "mine")


def a_dangling_link(path: Path, outside: Path) -> None:
    path.symlink_to(outside / "none")


def a_link_to_itself(path: Path, _: Path) -> None:
    path.symlink_to(path.name)


def a_link_to_a_folder(path: Path, outside: Path) -> None:
    path.symlink_to(outside)


Put = Callable[[Path, Path], None]
PUTS: list[Put] = [
    *(a_fifo, a_socket, a_folder, a_link_out, a_dangling_link),
    *(a_link_to_itself, a_link_to_a_folder),
]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder that nothing may change."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "mine").write_bytes(b"mine")
    return folder


def is_untouched(outside: Path) -> bool:
    return [(each.name, each.read_bytes()) for each in outside.iterdir()] == [("mine", b"mine")]


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("put", PUTS)
def test_n8_what_is_no_file_stays_as_it_is(
    tmp_path: Path, outside: Path, put: Put, overwrite: bool
) -> None:
    top = tmp_path / "d"
    top.mkdir()
    put(top / "a", outside)
    kind = stat.S_IFMT(os.lstat(top / "a").st_mode)
    with GoodServer({"/a": b"x", "/b": b"x"}) as server:
        outcomes = run(top, [server.url("/a"), server.url("/b")], overwrite=overwrite)
        assert server.paths == ["/b"]
    assert [each.error and each.error.kind for each in sorted(outcomes, key=line)] == [
        "exists",
        None,
    ]
    assert stat.S_IFMT(os.lstat(top / "a").st_mode) == kind
    assert is_untouched(outside)


@pytest.mark.parametrize("put", PUTS)
def test_p4_what_is_put_there_during_the_run_is_not_followed(
    tmp_path: Path, outside: Path, put: Put
) -> None:
    top = tmp_path / "d"

    def intrude(_: Request) -> Reply:
        put(top / "a", outside)
        return Reply(b"x")

    with GoodServer({"/a": intrude}) as server:
        outcomes = run(top, [server.url("/a")])
    assert [each.error and each.error.kind for each in outcomes] == ["exists"]
    assert is_untouched(outside)


@pytest.mark.parametrize("put", [a_link_to_a_folder, a_dangling_link, a_link_out, a_fifo])
@pytest.mark.parametrize("early", [True, False], ids=["before", "during"])
def test_p4_folder_on_the_way_that_is_a_link_is_not_followed(
    tmp_path: Path, outside: Path, put: Put, early: bool
) -> None:
    top = tmp_path / "d"
    top.mkdir()

    def intrude(_: Request) -> Reply:
        if not early:
            put(top / "h.example", outside)
        return Reply(b"x")

    if early:
        put(top / "h.example", outside)
    with World({"http://h.example/a": intrude}) as world:
        outcomes = run(top, ["http://h.example/a"], proxy=world.url(), layout="tree")
    assert [each.error and each.error.kind for each in outcomes] == ["exists"]
    assert is_untouched(outside)


@pytest.mark.parametrize("put", [a_link_out, a_dangling_link, a_fifo])
def test_p4_part_that_is_a_link_is_replaced_and_not_followed(
    tmp_path: Path, outside: Path, put: Put
) -> None:
    top = tmp_path / "d"
    with closing(LocalStorage(str(top))) as storage:
        part = storage.open_part("a")
        part.close()
        where = Path(part.path)
    where.unlink()
    put(where, outside)
    with GoodServer({"/a": b"new"}) as server:
        assert stored(top, [server.url("/a")]) == ["a"]
    assert (top / "a").read_bytes() == b"new"
    assert not (top / "a").is_symlink()
    assert is_untouched(outside)


@pytest.mark.parametrize("name", [".dl", ".dl/parts"])
def test_p4_own_folder_that_is_a_link_is_refused(
    tmp_path: Path, outside: Path, dl: Installed, name: str
) -> None:
    top = dl.folder / "downloads"
    (top / name).parent.mkdir(parents=True)
    (top / name).symlink_to(outside)
    with GoodServer({"/a": b"new"}) as server:
        done = dl("fetch", server.url("/a"))
        assert server.requests == []
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert is_untouched(outside)


def test_p4_own_file_that_became_a_link_is_not_followed(tmp_path: Path, outside: Path) -> None:
    top = tmp_path / "d"
    with GoodServer({"/a": b"new"}) as server:
        assert stored(top, [server.url("/a")]) == ["a"]
        (top / "a").unlink()
        (top / "a").symlink_to(outside / "mine")
        assert [each.status for each in run(top, [server.url("/a")])] == ["failed"]
    assert is_untouched(outside)


SEGMENTS = st.sampled_from(
    [
        *("..", ".", "", "a", "b", "mine", "outside", "%2e%2e", "%2F", "%5C", "..%2Fmine", "%00"),
        *(".dl", ".dl%2Flock", "parts", "C%3A", "~", "%E2%80%AE", "%ff", "%0A", "con", "x" * 300),
    ]
)
PATHS = st.lists(SEGMENTS, max_size=5).map("/".join)
RAW_NAMES = st.lists(
    st.sampled_from(["..", "/", "\\", "mine", ".dl", "~", ":", "\0", "\x1b", '"', "a", "é", "%2F"]),
    max_size=6,
).map("".join)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    paths=st.lists(st.tuples(PATHS, PATHS, RAW_NAMES), min_size=1, max_size=6),
    names=st.lists(st.none() | RAW_NAMES, min_size=6, max_size=6),
    layout=st.sampled_from(["flat", "tree"]),
    served=st.booleans(),
)
def test_p4_whatever_names_say_nothing_outside_the_target_changes(
    tmp_path_factory: pytest.TempPathFactory,
    paths: list[tuple[str, str, str]],
    names: list[str | None],
    layout: str,
    served: bool,
) -> None:
    """URLs, redirects, names of the list and of servers, all at once; links lie about."""
    home = tmp_path_factory.mktemp("home")
    outside, top = home / "outside", home / "d"
    outside.mkdir()
    top.mkdir()
    (outside / "mine").write_bytes(b"mine")
    for name in ("a", "mine", "h.example"):
        (top / name).symlink_to(outside)
    before = {each: os.lstat(each).st_mtime_ns for each in (outside, outside / "mine", top / "a")}
    quoted = "".join(f"\\{each}" if each in '"\\' else each for each in paths[0][2])

    def answer(request: Request) -> Reply:
        number = request.path.rpartition("?")[2]
        if number.isdigit():
            return redirect(f"http://h.example/{paths[int(number)][1]}?to")
        return disposition(f'attachment; filename="{quoted}"')

    with World() as world:
        world.answer = answer
        items = [
            UrlItem(f"http://h.example/{path}?{number}", name=names[number])
            for number, (path, _, _) in enumerate(paths)
        ]
        run(top, items, proxy=world.url(), layout=layout, server_names=served, timeout=5)
    assert sorted(os.listdir(home)) == ["d", "outside"]
    assert is_untouched(outside)
    assert {each: os.lstat(each).st_mtime_ns for each in before} == before
    assert all((top / name).is_symlink() for name in ("a", "mine", "h.example"))


# How the tests above run.


class Told:
    """Keeps the outcomes."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def tell(self, event: Event) -> None:
        if isinstance(event, Finished):
            self.outcomes.append(event.outcome)


def line(outcome: Outcome) -> int:
    return outcome.line


def run(folder: Path, sources: list[Any], **options: Any) -> list[Outcome]:
    """Run the library on threads alone; return every outcome."""
    usual: dict[str, Any] = {"threads": 4, "proxy": "", "retries": 0}
    reporter = Told()
    items = [
        each if isinstance(each, UrlItem) else UrlItem(each, number)
        for number, each in enumerate(sources, start=1)
    ]
    fetch(
        [UrlItem(i.url, n, name=i.name) for n, i in enumerate(items, start=1)],
        Options(**{"dir": str(folder), "sequential": True, **usual, **options}),
        reporter=reporter,
    )
    return reporter.outcomes


def stored(folder: Path, sources: list[Any], **options: Any) -> list[str]:
    """Run what must succeed; return the names in the order of the list."""
    outcomes = sorted(run(folder, sources, **options), key=line)
    assert [each.error for each in outcomes if each.error] == []
    return [os.path.relpath(each.path or "", folder) for each in outcomes]
