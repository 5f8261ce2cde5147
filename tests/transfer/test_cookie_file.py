"""The user's file of cookies: Netscape's format as it is met, and silent about what is in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from good import GoodServer, echo
from installed import Installed

from downloader.errors import UsageError
from downloader.transfer.cookie_file import NO_COOKIES, GivenCookie, GivenCookies, read

LINE = "a.example\tFALSE\t/\tFALSE\t0\tid\t1"


def given(tmp_path: Path, text: str | bytes) -> GivenCookies:
    path = tmp_path / "cookies"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read(str(path), now=1_000)


def cookie(**other: object) -> GivenCookie:
    values = {"host": "a.example", "is_wide": False, "path": "/", "is_secure": False}
    return GivenCookie(**{**values, "expires": None, "name": "id", "value": "1", **other})  # type: ignore[arg-type]  # mixed


@pytest.mark.parametrize(
    ("line", "other"),
    [
        (LINE, {}),
        (f"#HttpOnly_{LINE}", {}),
        (f"{LINE}\r", {}),
        (LINE.replace("a.ex", ".A.eX").replace("FALSE", "TRUE", 1), {"is_wide": True}),
        (LINE.replace("a.ex", ".a.ex"), {}),
        (LINE.replace("/\tFALSE", "/x\tTRUE"), {"path": "/x", "is_secure": True}),
        (LINE.replace("FALSE", "false"), {}),
        (LINE.replace("\t0\t", "\t2000\t"), {"expires": 2000}),
        (LINE.replace("\t0\t", "\t2000.75\t"), {"expires": 2000}),
        (LINE.replace("\t0\t", "\t\t"), {}),
        (LINE[:-1], {"value": ""}),
        (LINE[:-2], {"value": ""}),
        (f'{LINE} b=c,"d"', {"value": '1 b=c,"d"'}),
        (f"{LINE}ü", {"value": "1Ã¼"}),
        (LINE.replace("a.example", "bücher.example"), {"host": "xn--bcher-kva.example"}),
        (LINE.replace("a.example", "::1"), {"host": "[::1]"}),
    ],
)
def test_each_line_is_a_cookie(tmp_path: Path, line: str, other: dict[str, object]) -> None:
    expected = cookie(**other)
    assert given(tmp_path, line).of(expected.host) == [expected]


def test_comments_blank_lines_and_what_has_ended_are_left_out(tmp_path: Path) -> None:
    ended = LINE.replace("\t0\t", "\t999\t")
    text = f"\ufeff# Netscape HTTP Cookie File\n\n# {LINE}\n{ended}\n \t\n{LINE}\n"
    assert given(tmp_path, text).of("a.example") == [cookie()]


def test_wide_ones_are_for_hosts_below_too(tmp_path: Path) -> None:
    found = given(tmp_path, f"{LINE}\n.example\tTRUE\t/\tFALSE\t0\tid\t2\n")
    wide = cookie(host="example", is_wide=True, value="2")
    assert found.of("a.example") == [cookie(), wide]
    assert found.of("x.a.example") == [wide]
    assert found.of("other") == NO_COOKIES.of("a.example") == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (LINE.replace("\t", " "), "no cookie: write 7 fields with tabs between them"),
        (f"{LINE}\t", "no cookie: write 7 fields with tabs between them"),
        ("Set-Cookie: id=sesame", "no cookie: write 7 fields with tabs between them"),
        ('[{"name": "sesame"', "this looks like JSON: export the cookies in the Netscape format"),
        (LINE.replace("FALSE", "1"), "fields 2 and 4 must be TRUE or FALSE"),
        (LINE.replace("\t0\t", "\tsesame\t"), "field 5 must be a time in seconds since 1970, or 0"),
        (LINE.replace("id", ""), "the name is missing, or name or value cannot be sent"),
        (f"{LINE}; sesame", "the name is missing, or name or value cannot be sent"),
        (f"{LINE}\0sesame", "the name is missing, or name or value cannot be sent"),
        (LINE.replace("a.example", "a..b"), "field 1 is no host"),
        (LINE.replace("a.example", ""), "field 1 is no host"),
        (LINE.replace("a.example", "a.example:80"), "field 1 is no host"),
    ],
)
def test_line_that_is_no_cookie_is_told_and_not_quoted(tmp_path: Path, line: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        given(tmp_path, f"# a\n{LINE}\n{line}\n")
    assert str(caught.value) == f"--cookies {tmp_path / 'cookies'}: line 3: {why}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no cookie in it"),
        ("# Netscape HTTP Cookie File\n", "no cookie in it"),
        (LINE.replace("\t0\t", "\t9\t"), "all of its cookies have expired: export them anew"),
    ],
)
def test_file_without_a_cookie_to_send_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        given(tmp_path, text)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("-", "standard input is for lists: name a file"),
        ("none", "no such file or directory"),
        ("/", "is a directory"),
        ("/dev/zero", "more than 16 MiB: this is no file of cookies"),
    ],
)
def test_file_that_cannot_be_used_is_named(path: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(path)
    assert str(caught.value) == f"--cookies {path}: {why}"


def test_bad_file_is_a_usage_error_before_any_request(tmp_path: Path) -> None:
    dl = Installed(tmp_path)
    (dl.folder / "cookies").write_text("sesame\n")
    with GoodServer({"/": echo}) as server:
        done = dl("fetch", "--cookies", "cookies", server.url())
        assert (done.returncode, server.requests) == (2, [])
    said = b"dl: --cookies cookies: line 1: no cookie: write 7 fields with tabs between them\n"
    assert done.stderr == said


def test_file_may_be_a_pipe_and_serves_sums_too(tmp_path: Path) -> None:
    dl = Installed(tmp_path)
    digest = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    files = {"/x": b"x", "/SUMS": f"{digest}  x\n".encode()}
    with GoodServer(files) as server:
        cookies = "printf '127.0.0.1\\tFALSE\\t/\\tFALSE\\t0\\tid\\t1\\n'"
        asked = f"$DL fetch --sums {server.url('/SUMS')} --cookies <({cookies}) {server.url('/x')}"
        done = dl.shell(asked)
        assert [each.headers.get("cookie") for each in server.requests] == ["id=1", "id=1"]
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("way", [(), ("--sequential",), ("--fetch-processes", "2")])
def test_every_file_of_a_host_gets_its_cookies_in_every_way(
    tmp_path: Path, way: tuple[str, ...]
) -> None:
    dl = Installed(tmp_path)
    (dl.folder / "cookies").write_text(LINE.replace("a.example", "127.0.0.1"))
    with GoodServer({f"/{number}": echo for number in range(60)}) as server:
        name = dl.write_list([server.url(path) for path in server.files])
        done = dl("fetch", name, "--cookies", "cookies", "-q", *way)
    assert done.returncode == 0, done.stderr
    sent = [json.loads(data).get("cookie") for data in dl.files().values()]
    assert sent == ["id=1"] * 60
