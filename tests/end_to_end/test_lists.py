"""Lists as people hand them in, with the command as it is installed and a server."""

from __future__ import annotations

import gzip
import hashlib
import json
from typing import Any

import pytest
from good import GoodServer
from installed import Done, Installed

DATA = b"right" * 100
MD5 = hashlib.md5(DATA).hexdigest()
SHA256 = hashlib.sha256(DATA).hexdigest()
WAYS = [(), ("--sequential",), ("--fetch-processes", "2")]


def fetched(dl: Installed, text: str | bytes, *options: str) -> Done:
    (dl.folder / "list").write_bytes(text if isinstance(text, bytes) else text.encode())
    return dl("fetch", "list", "--format", "json", "--retries", "0", *options)


def records(done: Done) -> list[dict[str, Any]]:
    return sorted(map(json.loads, done.stdout.splitlines()), key=lambda record: record["line"])


def errors(done: Done) -> list[tuple[str, str] | None]:
    found = [record["error"] for record in records(done)]
    return [error and (error["kind"], error["message"]) for error in found]


@pytest.mark.parametrize("way", WAYS)
def test_urls_with_a_semicolon_between_them_are_all_fetched(
    dl: Installed, web: GoodServer, way: tuple[str, ...]
) -> None:
    done = fetched(dl, f"{web.url('/a.bin')};{web.url('/b.bin')}\n", *way)
    assert (done.returncode, list(dl.files())) == (0, ["a.bin", "b.bin"])


@pytest.mark.parametrize("way", WAYS)
def test_a_name_with_two_blanks_is_not_split(dl: Installed, way: tuple[str, ...]) -> None:
    with GoodServer({"/f/two": b"another", "/f/two%20%20spaces.csv": b"right", "/x": b"x"}) as web:
        line = f"{web.url('/f/two')}  spaces.csv"
        done = fetched(dl, f"{web.url('/x')}\n{line}\n", "-q", *way)
        assert web.paths == ["/x"]
    assert (done.returncode, list(dl.files())) == (1, ["x"])
    assert done.stderr.decode() == (
        f"dl: list:2: {line}: two blanks may separate a name from the URL, or be part of the URL:"
        " write a tab before a name, or %20 for each blank in a URL\n"
    )


def test_a_caption_is_no_name_and_is_counted(dl: Installed, web: GoodServer) -> None:
    lines = [f"{web.url(f'/{name}.bin')}\ta picture of {name}" for name in "abc"]
    done = fetched(dl, "\n".join(lines))
    assert list(dl.files()) == ["a.bin", "b.bin", "c.bin"]
    warning = "dl: warning: 3 lines had a caption where a name is expected: these files have the"
    assert done.stderr.decode().count(warning) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["fragment", "explicit", "before"])
def test_checksums_in_and_before_urls_are_checked(
    dl: Installed, way: tuple[str, ...], kind: str
) -> None:
    with GoodServer({"/good": DATA, "/bad": b"wrong"}) as web:
        good, bad = web.url("/good"), web.url("/bad")
        text = {
            "fragment": f"{good}#sha256={SHA256}\n{bad}#md5={MD5}",
            "explicit": f"@EXPLICIT\n{good}#{MD5}\n{bad}#{MD5}",
            "before": f"{SHA256}  {good}\n{MD5}  {bad}",
        }[kind]
        done = fetched(dl, text, *way)
    assert (done.returncode, list(dl.files())) == (1, ["good"])
    right, wrong = records(done)
    assert (right["verified"], wrong["error"]["kind"]) == ("given", "checksum")


def test_a_fragment_of_a_single_url_is_a_checksum(dl: Installed, web: GoodServer) -> None:
    done = dl("fetch", f"{web.url('/a.bin')}#sha256={SHA256}", "--format", "json")
    assert [error and error[0] for error in errors(done)] == ["checksum"]
    done = dl("fetch", f"{web.url('/a.bin')}#sha256=12", "--format", "json")
    assert errors(done) == [
        ("checksum", "a sha256 checksum has 64 hexadecimal digits, this one has 2")
    ]
    assert dl.files() == {}


@pytest.mark.parametrize("way", WAYS)
def test_a_size_is_checked(dl: Installed, web: GoodServer, way: tuple[str, ...]) -> None:
    done = fetched(dl, f"{web.url('/a.bin')}\tsize=3000\n{web.url('/b.bin')}\tsize=2\n", *way)
    assert (done.returncode, list(dl.files())) == (1, ["a.bin"])


def test_what_people_put_around_urls_is_left_out(dl: Installed) -> None:
    paths = ["/a", "/my%20file.txt", "/b", "/c", "/d", "/%C3%BC.txt"]
    with GoodServer(dict.fromkeys(paths, b"x")) as web:
        root = web.url("")
        text = (
            f'- <{root}/a>\n{root}/my file.txt\n1. {root}/b\u00a0\r\n"{root}/c"\n* [d]({root}/d)\n'
        )
        done = fetched(dl, f"\ufeff{text}{root}/ü.txt")
        assert sorted(web.paths) == sorted(paths)
    assert done.returncode == 0, done.stderr
    assert sorted(dl.files()) == ["a", "b", "c", "d", "my file.txt", "ü.txt"]


@pytest.mark.parametrize("given", [gzip.compress, lambda data: data.decode().encode("utf-16")])
def test_a_packed_list_and_one_in_utf_16_are_read_from_standard_input(
    dl: Installed, web: GoodServer, given: Any
) -> None:
    lines = given(f"{web.url('/a.bin')}\r\n{web.url('/b.bin')}\r\n".encode())
    done = dl("fetch", "-", "-q", given=lines)
    assert (done.returncode, list(dl.files())) == (0, ["a.bin", "b.bin"])


def test_relative_lines_are_fetched_from_below_the_base(dl: Installed, web: GoodServer) -> None:
    assert fetched(dl, "dir/a.bin\nb.bin\n", "--base", web.url("")).returncode == 0
    assert fetched(dl, f"127.0.0.1:{web.port}/c.bin\n", "--base", "http://").returncode == 0
    assert list(dl.files()) == ["a.bin", "b.bin", "c.bin"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--base", "ftp://u:p@h/"), "dl: --base ftp://h/: the URL's scheme is ftp: only http"),
        (("--base", "http://h/?x"), "dl: --base http://h/?x: give a folder's URL"),
        (("--list-format", "txt"), "dl: unknown list format 'txt': did you mean 'text'?"),
    ],
)
def test_options_of_lists_that_cannot_be_used_are_refused(
    dl: Installed, options: tuple[str, ...], says: str
) -> None:
    done = fetched(dl, "a", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode().startswith(says)
