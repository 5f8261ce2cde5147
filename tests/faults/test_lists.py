"""Odd lists, row by row: every line is an item with its number, or a sentence; nothing escapes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer
from installed import Installed
from machine import sentences, serving
from raw import RawServer

Records = dict[int, dict[str, object]]


@pytest.fixture(scope="module")
def web() -> Iterator[GoodServer]:
    with serving() as server:
        yield server


@pytest.fixture
def dl(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def fetched(dl: Installed, content: bytes, status: int) -> Records:
    """Fetch a list with these bytes; return its records by line."""
    (dl.folder / "list").write_bytes(content)
    done = dl("fetch", "list", "--format", "json", "-q")
    assert done.returncode == status, done.stderr
    sentences(done.stderr)
    assert done.stdout.replace(b"\n", b"").decode().isprintable()
    return {record["line"]: record for record in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize(
    "form",
    [
        b"\xef\xbb\xbf%s",
        b"%s\r\n",
        b"%s",
        b"\n\r\n \t\n# comment\n   # another\n%s\n",
        b"  \t%s \t\x0c\r\n",
        b"\x0b%s\x0b\n",
    ],
)
def test_l1_what_editors_do_to_a_list_changes_no_url(
    dl: Installed, web: GoodServer, form: bytes
) -> None:
    records = fetched(dl, form.replace(b"%s", web.url("/a.bin").encode()), 0)
    assert list(records) == [form.split(b"%s", maxsplit=1)[0].count(b"\n") + 1]
    assert list(dl.files()) == ["a.bin"]


@pytest.mark.parametrize("inside", ["\u2028", "\x85", "\x0c", "\x1c", "\u2029"])
def test_l1_only_a_line_feed_ends_a_line(dl: Installed, web: GoodServer, inside: str) -> None:
    """So that numbers are those of an editor, and no line is two requests."""
    lines = f"{web.url('/a.bin')}{inside}{web.url('/b.bin')}\n{web.url('/c.bin')}\n"
    records = fetched(dl, lines.encode(), 1)
    assert (records[1]["status"], records[2]["status"]) == ("failed", "stored")
    assert list(dl.files()) == ["c.bin"]


@pytest.mark.parametrize(
    "line",
    [
        b"http://h/\xff\xfe",
        b"http://h/\0x",
        b"\x1b[2J",
        b"http://h/" + b"a" * 70_000,
        b"\xe2\x80\xae",
    ],
    ids=["not UTF-8", "NUL", "escape", "too long", "bidi mark"],
)
def test_l2_a_line_that_is_no_text_is_one_failed_item(
    dl: Installed, web: GoodServer, line: bytes
) -> None:
    records = fetched(dl, line + b"\n" + web.url("/a.bin").encode() + b"\n", 1)
    error = records[1]["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "bad-url"
    assert records[2]["status"] == "stored"


@pytest.mark.parametrize("name", ["/dev/zero", ".", "missing", "", "/dev/null"])
def test_l2_what_is_no_list_is_refused_in_one_line(dl: Installed, name: str) -> None:
    done = dl("fetch", name)
    assert done.returncode == 2
    assert len(sentences(done.stderr)) == 1
    assert os.listdir(dl.folder) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (bytes(range(256)) * 200, "a binary file"),
        (b"PK\x03\x04" + bytes(range(256)) * 200, "a zip archive"),
        (b"<!DOCTYPE html>\n" + b"<p>x</p>\n" * 20_000, "a web page"),
        (b"id,when\n" + b"1,2\n" * 20_000, "a table with the columns id, when"),
    ],
    ids=["program", "archive", "page", "table"],
)
def test_l2_what_is_no_list_is_refused_as_a_whole(dl: Installed, content: bytes, says: str) -> None:
    (dl.folder / "list").write_bytes(content)
    done = dl("fetch", "list", "-q")
    (sentence,) = sentences(done.stderr)
    assert (done.returncode, says in sentence) == (2, True), sentence
    assert dl.files() == {}


def test_l2_a_named_pipe_is_read_as_it_is_written(dl: Installed, web: GoodServer) -> None:
    done = dl.shell(f"mkfifo p; (echo {web.url('/a.bin')} > p) & $DL fetch p -q")
    assert done.returncode == 0, done.stderr
    assert list(dl.files()) == ["a.bin"]


def test_l2_closed_standard_input_is_said(dl: Installed) -> None:
    done = dl.shell("$DL fetch - <&-")
    assert done.returncode == 2
    assert len(sentences(done.stderr)) == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# nothing\n", b"\xef\xbb\xbf"])
def test_l3_a_list_without_a_url_is_refused(dl: Installed, content: bytes) -> None:
    (dl.folder / "list").write_bytes(content)
    done = dl("fetch", "list")
    assert done.returncode == 2
    assert sentences(done.stderr) == ["dl: list: no URL in it"]


def test_l3_every_line_of_a_long_list_has_its_record(dl: Installed, web: GoodServer) -> None:
    url = web.url("/a.bin")
    lines = [url if number % 100 else f"{url}#{number}" for number in range(20_000)]
    before = len(web.requests)
    records = fetched(dl, "\n".join(lines).encode(), 0)
    assert sorted(records) == list(range(1, 20_001))
    assert len(web.requests) == before + 1


GOOD = ["HTTP://127.0.0.1:{port}/a.bin", "http://127.0.0.1:{port}//a.bin/../a.bin?"]
BAD = [
    *("http://a..b/", "http://.a/", "http://" + "a" * 64 + ".example/", "http:///x", "//x", "x"),
    *("http://h:99999/", "http://h:0x50/", "http://h:-1/", "http://[::1/", "http://[::g]/"),
    *("http://[fe80::1%25eth0%00]/", "http://a b/", "http://h\\x/", "http://"),
    *("ftp://h/x", "file:///etc/passwd", "data:,x", "javascript:alert(1)", "gopher://h/"),
    *("http://user:secret@/x", "http://%31%32/x", "http://\u2028/", "?", "#x", "-"),
]


@pytest.mark.parametrize("mode", [[], ["--sequential"]])
def test_l4_every_form_of_url_is_fetched_or_one_failed_item(
    dl: Installed, web: GoodServer, mode: list[str]
) -> None:
    lines = [line for line in BAD if not line.startswith("#")]
    (dl.folder / "list").write_text("\n".join([web.url("/a.bin"), *lines, ""]), encoding="utf-8")
    done = dl("fetch", "list", "--format", "json", "-q", *mode)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    kinds = {lines[each["line"] - 2]: each["error"]["kind"] for each in records if each["error"]}
    assert set(kinds.values()) == {"bad-url"}, kinds
    assert set(kinds) == set(lines)
    assert b"secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("form", GOOD)
def test_l4_unusual_forms_of_a_url_are_fetched(dl: Installed, web: GoodServer, form: str) -> None:
    done = dl("fetch", form.format(port=web.port), "-o", "x")
    assert done.returncode == 0 or b"404" in done.stderr, done.stderr


def test_l4_other_writings_of_an_address_are_one_failed_item_or_that_address(
    dl: Installed, web: GoodServer
) -> None:
    hosts = ["127.1", "0x7f.1", "2130706433", "0177.0.0.1"]
    names = dl.write_list([f"http://{host}:{web.port}/a.bin" for host in hosts])
    done = dl("fetch", names, "--format", "json", "--retries", "0")
    assert done.returncode in (0, 1)
    assert len(done.stdout.splitlines()) == len(hosts)
    sentences(done.stderr)


# P7: what lists, servers and file names hold is harmless where it is printed


def test_p7_a_servers_words_are_escaped(dl: Installed) -> None:
    evil = b"\x1b]0;x\x07\x9b31m\xe2\x80\xae<b>"
    reply = b"HTTP/1.1 404 " + evil + b"\r\nContent-Length: 0\r\nX: " + evil + b"\r\n\r\n"
    with RawServer([reply], then="keep") as server:
        done = dl("fetch", server.url("/x"), "--format", "json", "-v")
    assert done.returncode == 1
    for byte in (b"\x1b", b"\x07", b"\x9b", "\u202e".encode()):
        assert byte not in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["%1B%5B2J.bin", "%E2%80%AEnib.exe", "%0A.bin", "%00", "a%FF"])
def test_p7_a_files_name_is_harmless_on_a_terminal(dl: Installed, name: str) -> None:
    with GoodServer({f"/{name}": b"x"}) as server:
        done = dl("fetch", server.url(f"/{name}"), "--format", "paths", "-v")
    assert done.returncode == 0, done.stderr
    (found,) = dl.files()
    assert found.isprintable()
    assert done.stdout.decode().removesuffix("\n").isprintable()
