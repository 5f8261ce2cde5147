"""Ranges, row by row: bytes of two files are never glued, and no try is made in vain.

The numbers are those of the catalogue of faults.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from good import GoodServer
from ranged import Ranged
from raw import RawServer, Script
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader import urls
from downloader.models import Digest, DownloadResult, Job, UrlItem

BODY = b"0123456789"
ETAG = b'ETag: "1"\r\n'
CUT = Script([b"HTTP/1.1 200 OK\r\n" + ETAG + b"Content-Length: 10\r\n\r\n0123"])
WHOLE = Script([b"HTTP/1.1 200 OK\r\n" + ETAG + b"Content-Length: 10\r\n\r\n" + BODY])
RIGHT = (b"Content-Range: bytes 4-9/10", b"Content-Length: 6", b'ETag: "1"')

pytestmark = by_any_way


def part(*lines: bytes, body: bytes = b"456789") -> Script:
    """Return a 206 with these header lines."""
    head = b"HTTP/1.1 206 Partial Content\r\n" + b"".join(line + b"\r\n" for line in lines)
    return Script([head + b"\r\n" + body])


def fetch(
    rig: Rig, *scripts: Script, item: UrlItem | None = None
) -> tuple[DownloadResult, list[str | None]]:
    """Fetch from a server that plays these scripts; return the Range of each request too."""
    with RawServer(each=scripts) as server:
        url = urls.normalise(server.url("/a"))
        result = rig.run(Job(item or UrlItem(url), url, "a.bin"))
    return result, [each.headers.get("range") for each in server.requests]


def body(result: DownloadResult) -> bytes:
    assert result.failure is None, result.failure
    return Path(result.part).read_bytes()


def test_f1_a_short_body_is_continued_where_that_is_proved(rig: Rig) -> None:
    result, asked = fetch(rig, CUT, part(*RIGHT))
    assert (body(result), result.resumed_from, result.attempts) == (BODY, 4, 2)
    assert asked == [None, "bytes=4-"]


def test_f2_a_chunked_body_is_continued_where_that_is_proved(rig: Rig) -> None:
    head = b"HTTP/1.1 200 OK\r\n" + ETAG + b"Transfer-Encoding: chunked\r\n\r\n"
    result, asked = fetch(rig, Script([head + b"4\r\n0123\r\n"]), part(*RIGHT))
    assert (body(result), asked[1]) == (BODY, "bytes=4-")


@pytest.mark.parametrize(
    "lines",
    [
        (b"Content-Range: bytes */10", b'ETag: "2"'),
        (b"Content-Range: bytes */4",),
        (b"Content-Range: bytes */99", b'ETag: "1"'),
        (),
    ],
)
def test_s4_a_416_that_proves_nothing_restarts_once_without_range(
    rig: Rig, lines: tuple[bytes, ...]
) -> None:
    head = b"HTTP/1.1 416 Range Not Satisfiable\r\n" + b"".join(each + b"\r\n" for each in lines)
    refusal = Script([head + b"Content-Length: 0\r\n\r\n"])
    result, asked = fetch(rig, CUT, refusal, WHOLE)
    assert (body(result), result.resumed_from) == (BODY, 0)
    assert (asked, result.attempts) == ([None, "bytes=4-", None], 2)


def test_s4_a_416_at_the_very_end_is_the_end(rig: Rig) -> None:
    chunked = b"HTTP/1.1 200 OK\r\n" + ETAG + b"Transfer-Encoding: chunked\r\n\r\n"
    head = b"HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\n" + ETAG
    end = Script([head + b"Content-Length: 0\r\n\r\n"])
    result, asked = fetch(rig, Script([chunked + b"a\r\n" + BODY]), end)
    assert (body(result), asked) == (BODY, [None, "bytes=10-"])


@pytest.mark.parametrize("etag", ['"1"', '"2"'])
def test_s5_a_server_that_ignores_the_range_is_taken_from_its_first_byte(
    rig: Rig, etag: str
) -> None:
    new = b"HTTP/1.1 200 OK\r\nETag: " + etag.encode() + b"\r\nContent-Length: 3\r\n\r\nnew"
    result, _ = fetch(rig, CUT, Script([new]))
    assert (body(result), result.resumed_from, result.size) == (b"new", 0, 3)


WRONG = [
    RIGHT[1:],
    (b"Content-Range: bytes 4-9", *RIGHT[1:]),
    (b"Content-Range: bytes 0-5/10", *RIGHT[1:]),
    (b"Content-Range: bytes 4-9/11", *RIGHT[1:]),
    (b"Content-Range: bytes 4-9/*", *RIGHT[1:]),
    (b"Content-Range: bytes 4-8/10", b"Content-Length: 5", RIGHT[2]),
    (b"Content-Range: items 4-9/10", *RIGHT[1:]),
    (RIGHT[0], b"Content-Length: 5", RIGHT[2]),
    (RIGHT[0], RIGHT[0], *RIGHT[1:]),
    (RIGHT[1], RIGHT[2], b"Content-Type: multipart/byteranges; boundary=x"),
]


@pytest.mark.parametrize("lines", WRONG)
def test_s6_a_206_that_is_not_exactly_the_rest_restarts_once_without_range(
    rig: Rig, lines: tuple[bytes, ...]
) -> None:
    result, asked = fetch(rig, CUT, part(*lines), WHOLE)
    assert (body(result), result.resumed_from) == (BODY, 0)
    assert (asked, result.attempts) == ([None, "bytes=4-", None], 2)


@pytest.mark.parametrize("lines", WRONG)
def test_s6_the_second_time_it_is_an_error(rig: Rig, lines: tuple[bytes, ...]) -> None:
    result, asked = fetch(rig, CUT, part(*lines))
    assert result.failure is not None
    assert (result.failure.kind, result.failure.retryable) == ("protocol", False)
    assert asked == [None, "bytes=4-", None]
    assert rig.left_over() == []


@pytest.mark.parametrize(
    "lines",
    [
        (*RIGHT[:2], b'ETag: "2"'),
        (*RIGHT[:2], b'ETag: W/"1"'),
        RIGHT[:2],
        (b"Content-Range: bytes 4-10/11", b"Content-Length: 7", RIGHT[2]),
    ],
)
def test_s7_a_rest_of_another_version_restarts(rig: Rig, lines: tuple[bytes, ...]) -> None:
    result, asked = fetch(rig, CUT, part(*lines), WHOLE)
    assert (body(result), result.resumed_from) == (BODY, 0)
    assert asked == [None, "bytes=4-", None]


def test_s7_the_condition_is_a_strong_validator_or_there_is_none(rig: Rig) -> None:
    file = Ranged(BODY, etag='"1"', changed=1e9, cut=[4])
    with GoodServer({"/a": file}) as server:
        rig.body(server.url("/a"))
        assert server.requests[1].headers["if-range"] == '"1"'


def test_s8_without_a_validator_a_checksum_proves_it_in_the_end(rig: Rig) -> None:
    bare = Script([b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123"])
    digest = Digest("sha256", hashlib.sha256(BODY).hexdigest())
    item = UrlItem("http://example.org/", checksums=(digest,))
    result, asked = fetch(rig, bare, part(*RIGHT[:2]), item=item)
    assert (body(result), asked) == (BODY, [None, "bytes=4-"])
    result, asked = fetch(rig, bare, WHOLE)
    assert (body(result), asked) == (BODY, [None, None])


def test_s10_coded_bytes_are_never_continued(rig: Rig) -> None:
    coded = b"HTTP/1.1 200 OK\r\n" + ETAG + b"Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n"
    result, asked = fetch(rig, Script([coded + b"0123"]), WHOLE)
    assert (body(result), asked) == (BODY, [None, None])
    result, asked = fetch(rig, CUT, part(*RIGHT, b"Content-Encoding: gzip"), WHOLE)
    assert (body(result), asked) == (BODY, [None, "bytes=4-", None])


def test_f20_a_rest_that_nobody_asked_for_is_no_file(rig: Rig) -> None:
    result, asked = fetch(rig, part(*RIGHT))
    assert result.failure is not None
    assert (result.failure.kind, asked) == ("protocol", [None, None])


def test_a_rest_without_a_length_that_ends_early_is_continued_again(rig: Rig) -> None:
    short = part(RIGHT[0], RIGHT[2], body=b"4567")
    last = part(b"Content-Range: bytes 8-9/10", RIGHT[2], body=b"89")
    result, asked = fetch(rig, CUT, short, last)
    assert (body(result), result.resumed_from) == (BODY, 8)
    assert asked == [None, "bytes=4-", "bytes=8-"]


def test_a_rest_that_goes_on_beyond_the_end_is_refused(rig: Rig) -> None:
    result, _ = fetch(rig, CUT, part(RIGHT[0], RIGHT[2], body=b"4567890"))
    assert result.failure is not None
    assert (result.failure.kind, result.failure.retryable) == ("too-large", False)
    assert rig.left_over() == []
