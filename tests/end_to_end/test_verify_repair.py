"""dl verify --repair fetches again what is wrong, and nothing else; only what is right appears."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer, Reply
from installed import Done, Installed

MODES = [(), ("--sequential",), ("--limit-rate", "10M")]
FILES = {f"/{name}.bin": name.encode() * 3000 for name in "abcdef"}


@pytest.fixture
def server() -> Iterator[GoodServer]:
    with GoodServer(dict(FILES)) as server:
        yield server


@pytest.fixture
def tree(dl: Installed, server: GoodServer) -> Path:
    """What a run has put into downloads/; the server's requests are forgotten."""
    urls = dl.write_list([server.url(path) for path in FILES])
    assert dl("fetch", urls, "-q").returncode == 0
    server.requests.clear()
    return dl.folder / "downloads"


def damage(tree: Path) -> None:
    """Flip a bit of a.bin, cut b.bin, remove c.bin, and put a foreign file beside them."""
    data = bytearray((tree / "a.bin").read_bytes())
    data[5] ^= 1
    (tree / "a.bin").write_bytes(data)
    os.truncate(tree / "b.bin", 10)
    (tree / "c.bin").unlink()
    (tree / "foreign").write_text("mine")


def told(done: Done) -> tuple[int, list[str]]:
    return done.returncode, sorted(done.stdout.decode().splitlines())


def asked(server: GoodServer) -> list[str]:
    return sorted(request.path for request in server.requests)


@pytest.mark.parametrize("mode", MODES)
def test_what_is_wrong_is_fetched_again_and_nothing_else(
    dl: Installed, server: GoodServer, tree: Path, mode: tuple[str, ...]
) -> None:
    damage(tree)
    done = dl("verify", "--repair", "-q", *mode)
    assert (done.returncode, done.stderr) == (0, b"")
    assert asked(server) == ["/a.bin", "/b.bin", "/c.bin"]
    right = {path[1:]: body for path, body in FILES.items()}
    assert dl.files() == right | {"foreign": b"mine"}
    assert told(dl("verify", "-q")) == (0, [])


def test_each_file_is_told_once(dl: Installed, tree: Path) -> None:
    damage(tree)
    done = dl("verify", "--repair", "--extra", "--report", "report.json")
    assert told(done)[1] == sorted(
        [f"downloads/{name}.bin: REPAIRED" for name in "abc"]
        + [f"downloads/{name}.bin: OK" for name in "def"]
        + ["downloads/foreign: EXTRA"]
    )
    items = json.loads((dl.folder / "report.json").read_text())["items"]
    assert items == {"total": 7, "ok": 3, "repaired": 3, "failed": 0, "missing": 0, "extra": 1}


def test_nothing_is_asked_for_if_all_is_well(dl: Installed, server: GoodServer, tree: Path) -> None:
    assert told(dl("verify", "--repair", "-q")) == (0, [])
    assert asked(server) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("body", [b"A" * 3000, b"longer" * 3000, b"short"])
def test_a_source_that_has_changed_is_named_and_the_damaged_file_stays(
    dl: Installed, server: GoodServer, tree: Path, mode: tuple[str, ...], body: bytes
) -> None:
    damage(tree)
    before = dl.files()
    server.files["/a.bin"] = server.files["/c.bin"] = body
    done = dl("verify", "--repair", "-q", *mode)
    assert told(done) == (1, ["downloads/a.bin: FAILED", "downloads/c.bin: MISSING"])
    assert done.stderr.count(b": the source has changed: ") == 2
    assert dl.files() == before | {"b.bin": FILES["/b.bin"]}
    assert dl.parts() == []


def test_a_source_that_is_gone_is_named(dl: Installed, server: GoodServer, tree: Path) -> None:
    damage(tree)
    server.files["/a.bin"] = Reply(b"", 404)
    done = dl("verify", "--repair", "-q")
    assert told(done) == (1, ["downloads/a.bin: FAILED"])
    assert b"downloads/a.bin: it could not be fetched again: " in done.stderr
    assert b"404" in done.stderr


def test_a_link_in_place_of_a_file_is_neither_followed_nor_replaced(
    dl: Installed, server: GoodServer, tree: Path
) -> None:
    (tree / "a.bin").unlink()
    (dl.folder / "outside").write_text("mine")
    (tree / "a.bin").symlink_to("../outside")
    assert dl("verify", "--repair", "-q").returncode == 1
    assert (tree / "a.bin").is_symlink()
    assert (dl.folder / "outside").read_text() == "mine"
    assert asked(server) == []


def test_repaired_files_are_this_tools_own(dl: Installed, server: GoodServer, tree: Path) -> None:
    damage(tree)
    dl("verify", "--repair", "-q")
    server.requests.clear()
    assert dl("fetch", "urls.txt", "-c", "-q").returncode == 0
    assert asked(server) == []


# From what is listed.


def line(server: GoodServer, path: str, *mirrors: str) -> str:
    urls = "\t".join(map(server.url, (path, *mirrors)))
    digest = hashlib.sha256(FILES["/a.bin"]).hexdigest()
    return f"{urls}\n out=sub/x.bin\n checksum=sha-256={digest}\n"


@pytest.mark.parametrize("first", ["/gone", "/b.bin", "/a.bin"])
def test_mirrors_of_a_list_are_tried_in_turn(dl: Installed, server: GoodServer, first: str) -> None:
    """One that has other bytes is passed over."""
    (dl.folder / "list").write_text(line(server, first, "/a.bin"))
    assert told(dl("verify", "list", "--repair")) == (0, ["downloads/sub/x.bin: REPAIRED"])
    assert dl.files() == {"sub/x.bin": FILES["/a.bin"]}


def test_a_registry_may_name_urls(dl: Installed, server: GoodServer) -> None:
    digest = hashlib.sha256(FILES["/a.bin"]).hexdigest()
    (dl.folder / "registry").write_text(f"x.bin sha256:{digest} {server.url('/a.bin')}\n")
    assert told(dl("verify", "registry", "-d", "x", "--repair")) == (0, ["x/x.bin: REPAIRED"])
    assert dl.files("x") == {"x.bin": FILES["/a.bin"]}


def test_a_bag_is_completed_from_its_own_list(dl: Installed, server: GoodServer) -> None:
    bag = dl.folder / "bag"
    (bag / "data").mkdir(parents=True)
    (bag / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    digest = hashlib.md5(FILES["/a.bin"]).hexdigest()
    (bag / "manifest-md5.txt").write_text(f"{digest}  data/x.bin\n")
    (bag / "fetch.txt").write_text(f"{server.url('/a.bin')} 3000 data/x.bin\n")
    assert told(dl("verify", "bag", "--repair")) == (0, ["bag/data/x.bin: REPAIRED"])
    assert dl.files("bag")["data/x.bin"] == FILES["/a.bin"]


def test_sums_are_mended_from_the_record(dl: Installed, server: GoodServer, tree: Path) -> None:
    sums = "".join(
        f"{hashlib.md5(body).hexdigest()}  downloads{path}\n" for path, body in FILES.items()
    )
    (dl.folder / "MD5SUMS").write_text(sums)
    damage(tree)
    assert dl("verify", "MD5SUMS", "--repair").returncode == 0
    assert asked(server) == ["/a.bin", "/b.bin", "/c.bin"]


def test_what_has_no_url_or_is_elsewhere_is_not_mended(dl: Installed) -> None:
    (dl.folder / "sums").write_text(f"{'0' * 64}  x.bin\n{'0' * 64}  downloads/y.bin\n")
    done = dl("verify", "sums", "--repair", "-q")
    assert told(done) == (1, ["downloads/y.bin: MISSING", "x.bin: MISSING"])
    assert b"x.bin: it is not below downloads" in done.stderr
    assert b"y.bin: no URL is known" in done.stderr
