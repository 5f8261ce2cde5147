"""Sums files are read from this machine, and fetched by the same rules as files, in parallel."""

from __future__ import annotations

import bz2
import gzip
import lzma
import threading
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from good import GoodServer, Reply, Request, Route

from downloader import Options, UsageError
from downloader.assemble import fetched_sums, sums_unpacked
from downloader.assemble.fetched_sums import SumsFetcher
from downloader.assemble.fetcher import http_fetcher
from downloader.assemble.sums_files import read_published
from downloader.planning.sums_names import Called
from downloader.shared.stop import Stop

GOOD = "ab" * 32
TEXT = f"{GOOD}  x.iso\n".encode()


def fetcher(**options: object) -> SumsFetcher:
    given = Options(**{"threads": 8, "retries": 0, "proxy": "", **options})  # type: ignore[arg-type]  # a test's own
    return SumsFetcher(given, partial(http_fetcher, given), Stop())


def read(*names: str, **options: object) -> list[set[str]]:
    """Return what sums files say of x.iso, and of those that are numbered."""
    paths = ["x.iso", *(f"{number}.iso" for number in range(len(names)))]
    with closing(read_published(names, fetcher(**options).fetched)) as found:
        of = (found.of(Called(f"http://h/{path}", None, path, path)) for path in paths)
        return [{digest.hexdigest for digest in digests} for digests in of]


def read_from(files: dict[str, Route], *paths: str, **options: object) -> list[set[str]]:
    with GoodServer(files) as server:
        return read(*map(server.url, paths or files), **options)


@pytest.mark.parametrize("text", ["", "# nothing\n", "my disk.iso\n"])
def test_a_file_without_checksums_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "SUMS").write_text(text)
    with pytest.raises(UsageError, match="SUMS: no checksum in it"):
        read(str(tmp_path / "SUMS"))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("my disk.iso\n", ": its lines look like 'my disk.iso'; known are lines of sha256sum"),
        ("\n<!DOCTYPE html>\n<p>Not found", ": it is a web page; known are lines of"),
        ("36978 4 x.iso\n", ": those of sum (of BSD or System V) are not supported"),
        (f"RMD160 (x.iso) = {'1' * 40}\n", ": those of rmd160 are not supported"),
        ("", ": it has none; known are lines of"),
    ],
)
def test_what_is_not_understood_is_described(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "SUMS").write_text(text)
    with pytest.raises(UsageError) as caught:
        read(str(tmp_path / "SUMS"))
    assert f"SUMS: no checksum in it that is understood{why}" in str(caught.value)


@pytest.mark.parametrize(("name", "why"), [("gone", "no such file"), (".", "is a directory")])
def test_a_file_that_cannot_be_read_is_refused(name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        read(name)


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, bz2.compress, zlib.compress])
def test_a_packed_file_is_told_by_its_first_bytes(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "SHA256SUMS").write_bytes(pack(TEXT))
    if pack is zlib.compress:  # which has none
        with pytest.raises(UsageError, match="no checksum in it"):
            read(str(tmp_path / "SHA256SUMS"))
    else:
        assert read(str(tmp_path / "SHA256SUMS"))[0] == {GOOD}


@pytest.mark.parametrize("coding", ["utf-16", "utf-8-sig"])
def test_it_may_have_a_byte_order_mark(tmp_path: Path, coding: str) -> None:
    (tmp_path / "SHA256SUMS").write_bytes(TEXT.decode().encode(coding))
    assert read(str(tmp_path / "SHA256SUMS"))[0] == {GOOD}


def test_one_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_bytes(gzip.compress(TEXT * 9)[:-3])
    with pytest.raises(UsageError, match="the gzip data is cut off"):
        read(str(tmp_path / "SHA256SUMS"))


def test_it_is_fetched_as_everything_is() -> None:
    leads = Reply(status=302, headers={"Location": "/x"})
    with GoodServer({"/SUMS": [leads], "/x": TEXT}) as server:
        assert read(server.url("/SUMS"))[0] == {GOOD}
        assert server.requests[0].headers["user-agent"].startswith("dl/")


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


@pytest.mark.parametrize(
    ("coding", "sent"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0)),
        ("gzip", TEXT),  # said, and not done
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("identity", TEXT),
    ],
)
def test_it_is_decoded_if_it_comes_coded_though_nobody_asked(coding: str, sent: bytes) -> None:
    reply = Reply(sent, headers={"Content-Encoding": coding})
    assert read_from({"/SHA256SUMS": reply})[0] == {GOOD}


def test_an_unknown_coding_is_said() -> None:
    reply = Reply(b"?", headers={"Content-Encoding": "odd"})
    with pytest.raises(UsageError, match="sent with Content-Encoding odd, which cannot be read"):
        read_from({"/SHA256SUMS": reply})


@pytest.mark.parametrize("body", [b"", b"<p>still at work</p>"])
def test_not_ready_is_no_sums_file(body: bytes) -> None:
    with pytest.raises(UsageError, match="202"):
        read_from({"/SHA256SUMS": Reply(body, 202)})


def test_one_that_cannot_be_fetched_is_refused_without_its_login() -> None:
    with GoodServer() as web, pytest.raises(UsageError) as caught:
        read(web.url("/SUMS", login="me:secret"))
    assert str(caught.value) == f"--sums {web.url('/SUMS')}: 404 Not Found"


def test_of_several_that_fail_the_first_one_is_named_and_the_others_counted() -> None:
    with GoodServer({"/1": TEXT}) as web, pytest.raises(UsageError) as caught:
        read(*(web.url(f"/{number}") for number in range(4)))
    assert str(caught.value) == f"--sums {web.url('/0')}: 404 Not Found (and 2 others failed)"


def test_one_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetched_sums, "LARGEST", 1 << 20)
    with pytest.raises(UsageError, match="more than 1 MiB"):
        read_from({"/SUMS": Reply(b"#" * (1 << 21), chunked=1 << 16)})


def test_and_so_is_what_unpacks_to_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums_unpacked, "LARGEST", 1 << 20)
    with pytest.raises(UsageError, match=r"unpacked it has more than 1\.0 MiB"):
        read_from({"/SUMS": gzip.compress(b"#\n" * (1 << 20))})


def sidecars(count: int, answer: Callable[[Request], object]) -> dict[str, Route]:
    """Return files of one digest each, which are sent once `answer` has returned."""

    def reply(request: Request) -> Reply:
        answer(request)
        number = int(request.path.strip("/").partition(".")[0])
        return Reply(f"{number:032x}  {number}.iso\n".encode())

    return {f"/{number}.iso.md5": reply for number in range(count)}


def test_many_are_fetched_on_as_many_threads_as_files_are() -> None:
    together = threading.Barrier(8)
    files = sidecars(16, lambda request: together.wait(30))
    assert read_from(files, threads=8)[1:] == [{f"{number:032x}"} for number in range(16)]


@pytest.mark.parametrize(
    ("options", "most"), [({"per_host": 2}, 2), ({"sequential": True}, 1), ({"threads": 3}, 3)]
)
def test_a_host_is_asked_no_more_than_the_options_allow(
    options: dict[str, object], most: int
) -> None:
    room = threading.Semaphore(most)

    def answer(request: Request) -> None:
        assert room.acquire(blocking=False)
        threading.Event().wait(0.01)
        room.release()

    assert read_from(sidecars(12, answer), **options)[12] == {f"{11:032x}"}


def test_a_host_that_wants_peace_is_left_alone_by_all() -> None:
    busy = Reply(status=429, headers={"Retry-After": "1"})
    with GoodServer({"/0.iso.md5": [busy, b"1" * 32 + b"  0.iso\n"]}) as server:
        assert read(server.url("/0.iso.md5"), retries=2)[1] == {"1" * 32}
        assert server.paths == ["/0.iso.md5"] * 2
