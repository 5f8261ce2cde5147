"""dl fetch as users and scripts run it: sources, names, records."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil

import pytest
from good import GoodServer
from installed import Installed

NAMES = [f"{name}.bin" for name in "abcdefgh"]
needs_sha256sum = pytest.mark.skipif(not shutil.which("sha256sum"), reason="no sha256sum here")
KEYS = [
    *("schema", "line", "url", "final_url", "status", "path", "size", "digests", "verified"),
    *("http_status", "attempts", "resumed_from", "fetch_seconds", "hash_seconds", "error"),
]


@needs_sha256sum
def test_the_output_passes_sha256sum(dl: Installed, urls: str) -> None:
    done = dl.shell(f"set -o pipefail; $DL fetch {urls} | sha256sum --check --strict")
    assert done.returncode == 0
    assert sorted(done.stdout.decode().splitlines()) == [f"downloads/{name}: OK" for name in NAMES]


@needs_sha256sum
def test_odd_folders_pass_sha256sum_too(dl: Installed, urls: str) -> None:
    done = dl.shell(f"$DL fetch {urls} -q -d $'o\\\\d\\nd' | sha256sum --check --strict --quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_several_algorithms_give_bsd_lines_in_the_order_asked_for(
    dl: Installed, web: GoodServer
) -> None:
    done = dl("fetch", web.url("/a.bin"), "-a", "MD5", "--algorithm", "sha256", "-d", ".")
    data = b"a" * 3000
    assert done.stdout.decode() == (
        f"MD5 (a.bin) = {hashlib.md5(data).hexdigest()}\n"
        f"SHA256 (a.bin) = {hashlib.sha256(data).hexdigest()}\n"
    )


def test_json_has_a_record_an_item_with_the_promised_keys(dl: Installed, web: GoodServer) -> None:
    names = dl.write_list([web.url("/a.bin"), web.url("/gone")])
    done = dl("fetch", names, "--format", "json")
    records = sorted(map(json.loads, done.stdout.splitlines()), key=lambda each: each["line"])
    assert [list(record) for record in records] == [KEYS, KEYS]
    assert [record["status"] for record in records] == ["stored", "failed"]
    assert records[0]["digests"] == {"sha256": hashlib.sha256(b"a" * 3000).hexdigest()}
    assert records[1]["error"]["kind"] == "http-status"


def test_csv_can_be_read_by_its_header(dl: Installed, urls: str) -> None:
    done = dl("fetch", urls, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    assert sorted(row["path"] for row in rows) == [f"downloads/{name}" for name in NAMES]
    assert {row["status"] for row in rows} == {"stored"}


def test_paths_ended_by_null_go_through_xargs(dl: Installed, urls: str) -> None:
    done = dl.shell(f"$DL fetch {urls} -d 'a folder' --format paths -0 | xargs -0 ls")
    assert done.stdout.decode().splitlines() == [f"a folder/{name}" for name in NAMES]


def test_format_none_writes_nothing(dl: Installed, urls: str) -> None:
    done = dl("fetch", urls, "--format", "none")
    assert (done.returncode, done.stdout) == (0, b"")
    assert len(dl.files()) == len(NAMES)


def test_lists_urls_and_standard_input_are_one_job(dl: Installed, web: GoodServer) -> None:
    first = dl.write_list([web.url("/a.bin")], "first.txt")
    done = dl(
        *("fetch", first, "-", web.url("/c.bin"), "--format", "paths"),
        given=f"{web.url('/b.bin')}\n".encode(),
    )
    assert sorted(done.stdout.split()) == [
        b"downloads/a.bin",
        b"downloads/b.bin",
        b"downloads/c.bin",
    ]


def test_a_list_made_elsewhere_is_read(dl: Installed, web: GoodServer) -> None:
    lines = ["\ufeff# a comment", web.url("/a.bin"), "", f"  {web.url('/b.bin')}\t"]
    (dl.folder / "list").write_bytes("\r\n".join(lines).encode())
    done = dl("fetch", "list")
    assert done.returncode == 0
    assert sorted(dl.files()) == ["a.bin", "b.bin"]


def test_a_repeated_url_is_fetched_once_and_reported_twice(dl: Installed) -> None:
    with GoodServer({"/x": b"x"}) as server:
        names = dl.write_list([server.url("/x"), server.url("/x"), server.url("/x#part")])
        done = dl("fetch", names, "--format", "json")
        assert server.paths == ["/x"]
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [record["line"] for record in records] == [1, 2, 3]
    assert {record["path"] for record in records} == {"downloads/x"}


def test_files_of_one_name_are_told_apart_in_list_order(dl: Installed, web: GoodServer) -> None:
    names = dl.write_list([web.url("/dir/a.bin"), web.url("/a.bin")])
    assert dl("fetch", names).returncode == 0
    assert dl.files() == {"a.bin": b"another a", "a-2.bin": b"a" * 3000}


def test_a_tree_has_hosts_and_folders(dl: Installed, web: GoodServer) -> None:
    names = dl.write_list([web.url("/dir/a.bin"), web.url("/a.bin")])
    assert dl("fetch", names, "--layout", "tree").returncode == 0
    assert sorted(name.split("/", 1)[1] for name in dl.files()) == ["a.bin", "dir/a.bin"]


def test_a_single_url_takes_the_name_that_is_given(dl: Installed, web: GoodServer) -> None:
    assert dl("fetch", web.url("/a.bin"), "-o", "mine", "-d", "there").returncode == 0
    assert dl.files("there") == {"mine": b"a" * 3000}


def test_headers_are_sent(dl: Installed, web: GoodServer) -> None:
    options = ("-H", "X-One: 1: 2", "--header", "x-two:", "--user-agent", "me/1")
    assert dl("fetch", web.url("/echo"), *options).returncode == 0
    sent = json.loads(dl.files()["echo"])
    assert (sent["x-one"], sent["x-two"], sent["user-agent"]) == ("1: 2", "", "me/1")


def test_every_option_can_come_from_the_environment(dl: Installed, web: GoodServer) -> None:
    done = dl(
        *("fetch", web.url("/echo")),
        env={
            "DL_DIR": "there",
            "DL_HEADER": "X-One: a b\nX-Two: c",
            "DL_ALGORITHM": "md5 sha1",
            "DL_FORMAT": "json",
            "DL_SEQUENTIAL": "1",
            "DL_THREADS": "",
            "DL_REPORT": "report.json",
        },
    )
    assert list(json.loads(done.stdout)["digests"]) == ["md5", "sha1"]
    sent = json.loads(dl.files("there")["echo"])
    assert (sent["x-one"], sent["x-two"]) == ("a b", "c")
    assert json.loads((dl.folder / "report.json").read_text())["mode"] == "sequential"


def test_the_command_line_wins_over_the_environment(dl: Installed, web: GoodServer) -> None:
    done = dl("fetch", web.url("/a.bin"), "-d", "here", env={"DL_DIR": "there"})
    assert done.returncode == 0
    assert list(dl.files("here")) == ["a.bin"]


def test_a_foreign_file_is_touched_only_when_told_to(dl: Installed, web: GoodServer) -> None:
    (dl.folder / "downloads").mkdir()
    (dl.folder / "downloads" / "a.bin").write_bytes(b"mine")
    done = dl("fetch", web.url("/a.bin"))
    assert (done.returncode, dl.files()) == (1, {"a.bin": b"mine"})
    assert b"--overwrite" in done.stderr
    assert dl("fetch", web.url("/a.bin"), "--overwrite").returncode == 0
    assert dl.files() == {"a.bin": b"a" * 3000}


def test_its_own_files_are_replaced_by_the_next_run(dl: Installed) -> None:
    with GoodServer({"/x": [b"old", b"new"]}) as server:
        assert dl("fetch", server.url("/x")).returncode == 0
        assert dl("fetch", server.url("/x")).returncode == 0
    assert dl.files() == {"x": b"new"}
