"""Message framing, head by head, row by row: what tells nothing certain never becomes a file.

Every reply is also sent in 20-byte writes. The numbers are those of the catalogue of faults.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from good import GoodServer, Reply
from raw import Endless, RawServer
from refusals import AGAIN, CHUNKED, GOOD, NEVER, OK, ONCE, refused, stored
from transfer_rig import Rig
from ways_rig import by_any_way

Says = Callable[..., RawServer]

pytestmark = by_any_way


IN_CHUNKS = b"2\r\n12\r\n3\r\n345\r\n0\r\n\r\n"


def header(*lines: bytes, body: bytes = b"12345") -> bytes:
    return OK + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


@pytest.mark.parametrize(
    "length",
    [b"-6", b"abc", b"6badness", b"5_0", b"+5", b"", b"5.0", b"0x5", b"5 5", b"\xd9\xa5", b"5;5"],
)
def test_f6_length_that_is_no_plain_number_is_refused(rig: Rig, says: Says, length: bytes) -> None:
    reply = header(b"Content-Length: " + length)
    assert "(Content-Length)" in refused(rig, says(reply), "protocol", NEVER)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: 5", b"Content-Length: 6"],
        [b"Content-Length: 6", b"content-length: 5"],
        [b"Content-Length: 5, 6"],
        [b"Content-Length: 5, 5", b"Content-Length: 4"],
        [b"Content-Length: 5,"],
        [b"Content-Length: 5", b"X: 1", b"Content-Length:"],
        [b"Content-Length: 05", b"Content-Length: 5"],
    ],
)
def test_f7_lengths_that_differ_are_refused(rig: Rig, says: Says, lines: list[bytes]) -> None:
    assert "(Content-Length)" in refused(rig, says(header(*lines)), "protocol", NEVER)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Content-Length: 5, 5"],
        [b"Content-Length: 5", b"content-length:5"],
        [b"Content-Length: 5 ,\t5", b"X: 1", b"Content-Length: 5"],
    ],
)
def test_f7_lengths_repeated_alike_are_one(rig: Rig, says: Says, lines: list[bytes]) -> None:
    stored(rig, says(header(*lines)), b"12345", [1, 1])


@pytest.mark.parametrize(
    "lines",
    [
        [b"Transfer-Encoding: identity"],
        [b"Transfer-Encoding: identity, chunked"],
        [b"Transfer-Encoding: chunked, chunked"],
        [b"Transfer-Encoding: chunked, identity"],
        [b"Transfer-Encoding: gzip, chunked"],
        [b"Transfer-Encoding: xchunked"],
        [b'Transfer-Encoding: "chunked"'],
        [b"Transfer-Encoding: chunked;q=1"],
        [b"Transfer-Encoding: chun ked"],
        [b"Transfer-Encoding: \x0bchunked"],
        [b"Transfer-Encoding:"],
        [b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
        [b"Transfer-Encoding: identity, chunked", b"Content-Length: 5"],
        [b"Transfer-Encoding: chunked, identity", b"Content-Length: 5"],
        [b"Transfer-Encoding: identity", b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"Transfer-Encoding: xchunked", b"Content-Length: 5"],
        [b"Transfer-Encoding:", b"Content-Length: 5"],
        [b"Transfer-Encoding: chunked", b"Content-Length: x"],
        [b"Transfer-Encoding: chunked", b"Content-Length: 5", b"Content-Length: 6"],
        [b"Transfer-Encoding: identity", b"Content-Length: 5, 6"],
    ],
)
def test_f9_transfer_coding_that_leaves_doubt_is_refused(
    rig: Rig, says: Says, lines: list[bytes]
) -> None:
    refused(rig, says(header(*lines, body=IN_CHUNKS)), "protocol", NEVER)


@pytest.mark.parametrize(
    "lines",
    [
        [b"Transfer-Encoding: chunked", b"Content-Length: 5"],
        [b"Content-Length: 5", b"transfer-encoding:Chunked"],
        [b"Content-Length: 5, 5", b"Transfer-Encoding: chunked", b"Content-Length: 5"],
    ],
)
def test_f9_chunks_that_agree_with_a_length_are_read_and_their_connection_ends(
    rig: Rig, says: Says, lines: list[bytes]
) -> None:
    stored(rig, says(header(*lines, body=IN_CHUNKS)), b"12345", [1, 2])


@pytest.mark.parametrize(
    ("length", "how"), [(b"4", "more"), (b"0", "more"), (b"6", "less"), (b"99", "less")]
)
def test_f9_chunks_that_disagree_with_a_length_are_refused(
    rig: Rig, says: Says, length: bytes, how: str
) -> None:
    reply = header(b"Transfer-Encoding: chunked", b"Content-Length: " + length, body=IN_CHUNKS)
    message = refused(rig, says(reply), "protocol", NEVER)
    assert message == f"the chunked body has {how} than the declared {length.decode()} bytes"


@pytest.mark.parametrize("cut", range(1, len(IN_CHUNKS)))
def test_f9_chunks_with_a_length_must_end_with_the_last_chunk(rig: Rig, cut: int) -> None:
    head = header(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"")
    with RawServer([head + IN_CHUNKS[:-cut]]) as server:
        message = refused(rig, server, "incomplete", AGAIN)
    assert "connection closed inside a chunked body after " in message


@pytest.mark.parametrize("more", [b"", b"Connection: keep-alive\r\n", b"Content-Length: 5\r\n"])
def test_f9_chunked_in_http_1_0_is_read_and_its_connection_ends(
    rig: Rig, says: Says, more: bytes
) -> None:
    head = CHUNKED.replace(b"1.1", b"1.0")[:-2] + more + b"\r\n"
    stored(rig, says(head + IN_CHUNKS), b"12345", [1, 2])


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
@pytest.mark.parametrize("step", [1, -1])
def test_f9_identity_beside_a_length_says_nothing_and_its_connection_ends(
    rig: Rig, says: Says, version: bytes, step: int
) -> None:
    lines = [b"Transfer-Encoding: identity", b"Content-Length: 5"][::step]
    reply = header(*lines, b"Connection: keep-alive").replace(b"1.1", version)
    stored(rig, says(reply), b"12345", [1, 2])


@pytest.mark.parametrize(
    "head",
    [
        b"H",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\n",
        OK + b"Content-Le",
        OK + b"Content-Length: 0\r\n",
    ],
)
def test_f11_connection_closed_inside_the_header_is_tried_again(
    rig: Rig, says: Says, head: bytes
) -> None:
    message = refused(rig, says(head, "close"), "incomplete", AGAIN)
    assert message.endswith("the connection was closed inside the reply's header")


@pytest.mark.parametrize(
    "early",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 199 \r\n\r\n" * 20,
    ],
)
def test_f13_informational_replies_are_skipped(rig: Rig, says: Says, early: bytes) -> None:
    stored(rig, says(early + GOOD), b"12345", [1, 1])


def test_f14_endless_informational_replies_are_refused(rig: Rig) -> None:
    with RawServer(Endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")) as server:
        message = refused(rig, server, "protocol", NEVER)
    assert message == "more than 20 informational replies in a row"


def test_f14_twenty_one_informational_replies_are_refused(rig: Rig, says: Says) -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\n" * 21
    refused(rig, says(early + GOOD), "protocol", NEVER)


@pytest.mark.parametrize(
    "line",
    [
        b"HTTP/0.9 200 OK",
        b"HTTP/2 200",
        b"HTTP/2.0 200 OK",
        b"HTTP/1.2 200 OK",
        b"HTTP/1.10 200 OK",
        b"HTTP/11 200 OK",
        b"http/1.1 200 OK",
        b"ICY 200 OK",
        b"RTSP/1.0 200 OK",
        b"garbage",
        b"<html><body>hello</body></html>",
        b"\x16\x03\x01\x02\x00",
        b"\x1b[31mred",
        b"HTTP/1.1 99 Low",
        b"HTTP/1.1 099 Low",
        b"HTTP/1.1 1000 High",
        b"HTTP/1.1 -1 Negative",
        b"HTTP/1.1 abc",
        b"HTTP/1.1 200OK",
        b"HTTP/1.1  200 OK",
        b"HTTP/1.1\t200 OK",
        b"HTTP/1.1 200 O\0K",
        b"HTTP/1.1 200 O\rK",
        b" HTTP/1.1 200 OK",
        b"\r\nHTTP/1.1 200 OK",
        b"\xef\xbb\xbfHTTP/1.1 200 OK",
    ],
)
def test_f15_what_is_no_reply_of_http_1_is_doubted_once(rig: Rig, says: Says, line: bytes) -> None:
    message = refused(rig, says(line + b"\r\nContent-Length: 5\r\n\r\n12345"), "protocol", ONCE)
    assert message.startswith("gave up after 2 tries: not a reply of HTTP/1: it begins with ")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([b"X: " + b"a" * 65_536], "a header line is longer than 64 KiB"),
        ([b"X: 1"] * 101, "more than 100 header lines"),
        ([b"X%d: " % n + b"a" * 60_000 for n in range(5)], "larger than 256 KiB"),
    ],
)
def test_f16_large_header_is_refused(rig: Rig, says: Says, lines: list[bytes], said: str) -> None:
    assert said in refused(rig, says(header(*lines)), "protocol", NEVER)


def test_f16_endless_header_is_refused(rig: Rig) -> None:
    with RawServer(Endless(OK, b"X: " + b"a" * 5000 + b"\r\n")) as server:
        assert "larger than 256 KiB" in refused(rig, server, "protocol", NEVER)


def test_f16_header_within_the_bounds_is_read(rig: Rig, says: Says) -> None:
    lines = [b"X%d: %b" % (n, b"a" * 60_000) for n in range(4)] + [b"Y: 1"] * 95
    stored(rig, says(header(*lines, b"Content-Length: 5")), b"12345", [1, 1])


@pytest.mark.parametrize(
    "line",
    [
        b"X: a\0b",
        b"X: a\rb",
        b"X: a\rContent-Length: 2",
        b"X: a\r\r\nY: b",
        b"X: a\r\n folded",
        b"X: a\r\n\tfolded",
        b"Content-Length:\r\n 5",
        b"Transfer-Encoding:\r\n chunked",
        b" X: a",
        b"no colon",
        b": no name",
        b"X : a",
        b"X\t: a",
        b"Content-Length : 5",
        b"X y: a",
        b"X\0: a",
        b"X\x01: a",
        b"\xc3\xa9: a",
        b"X: a\x01",
        b"X: a\x7f",
        b"X: \x0b",
    ],
)
@pytest.mark.parametrize("end", [b"Content-Length: 5", b"Content-Length: 5, 5"])
def test_f17_garbled_header_line_is_refused(rig: Rig, says: Says, line: bytes, end: bytes) -> None:
    for lines in ([line, end], [end, line]):
        server = says(header(*lines))
        refused(rig, server, "protocol", NEVER)


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\n12345",
        b"HTTP/1.1 200 OK\r\nX: 1\nContent-Length: 5\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\n12345",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\n12345",
        b"HTTP/1.1 200 OK\nContent-Length: 5, 5\n\n12345",
        b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n12345",
        b"HTTP/1.1 200 \xc3\xbc\r\nX: \xe9\r\nY:\r\nContent-Length:\t5 \r\n\r\n12345",
    ],
)
def test_f17_header_lines_may_end_in_a_bare_lf(rig: Rig, says: Says, reply: bytes) -> None:
    stored(rig, says(reply), b"12345", [1, 1])


@pytest.mark.parametrize("status", [101, 201, 207, 208, 226, 250, 299, 304])
def test_f19_reply_without_a_file_is_refused(rig: Rig, says: Says, status: int) -> None:
    reply = b"HTTP/1.1 %d Odd\r\nContent-Length: 5\r\n\r\n12345" % status
    assert refused(rig, says(reply), "protocol", NEVER).startswith(f"{status} ")


@pytest.mark.parametrize("status", [204, 205])
@pytest.mark.parametrize("lines", [[], [b"Content-Length: 0"], [b"Content-Length: 5"]])
def test_f19_reply_without_content_is_no_empty_file(
    rig: Rig, says: Says, status: int, lines: list[bytes]
) -> None:
    reply = header(*lines).replace(b"200 OK", b"%d Odd" % status)
    message = refused(rig, says(reply, "close"), "protocol", NEVER)
    assert message.startswith(f"{status} no content")


@pytest.mark.parametrize("body", [b"", b"<p>Your file is being made.</p>"])
def test_f19_file_that_is_not_ready_is_tried_again_and_never_stored(rig: Rig, body: bytes) -> None:
    with GoodServer({"/a": Reply(body, 202)}) as server:
        result = rig.fetch(server.url("/a"))
        assert len(server.requests) == AGAIN
    assert result.failure is not None
    assert result.failure.message.startswith("gave up after 3 tries: not ready (202)")
    assert (result.failure.kind, result.http_status) == ("http-status", 202)
    assert rig.left_over() == []


def test_f19_file_that_gets_ready_is_stored(rig: Rig) -> None:
    with GoodServer({"/a": [Reply(b"soon", 202), b"body"]}) as server:
        assert rig.body(server.url("/a")) == b"body"


@pytest.mark.parametrize("lines", [[b"Content-Length: 5"], [b"Transfer-Encoding: chunked"]])
def test_f19_transformed_copy_of_a_proxy_is_a_file(
    rig: Rig, says: Says, lines: list[bytes]
) -> None:
    body = b"12345" if b"Length" in lines[0] else b"5\r\n12345\r\n0\r\n\r\n"
    reply = header(*lines, body=body).replace(b"200 OK", b"203 Transformed")
    stored(rig, says(reply), b"12345", [1, 1])


@pytest.mark.parametrize(
    "line",
    [b"Content-Range: bytes 0-4/9", b"Content-Type: multipart/byteranges; boundary=x", b"X: 1"],
)
def test_f20_part_of_a_file_that_nobody_asked_for_is_doubted_once(
    rig: Rig, says: Says, line: bytes
) -> None:
    reply = header(line, b"Content-Length: 5").replace(b"200 OK", b"206 Partial Content")
    assert "206 Partial Content: not the answer" in refused(rig, says(reply), "protocol", ONCE)
