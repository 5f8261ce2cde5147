"""Message framing, body by body, row by row: no part of a body becomes a file, nor any excess.

Every reply is also sent in 20-byte writes. The numbers are those of the catalogue of faults.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from listening import CERTIFICATE
from raw import End, Endless, RawServer, Script
from refusals import AGAIN, CHUNKED, GOOD, NEVER, OK, ONCE, refused, stored
from transfer_rig import Rig
from ways_rig import by_any_way

Says = Callable[..., RawServer]

pytestmark = by_any_way


@pytest.mark.parametrize("length", [b"100", b"4294967296"])
def test_f1_body_shorter_than_its_length_is_tried_again(
    rig: Rig, says: Says, length: bytes
) -> None:
    server = says(OK + b"Content-Length: " + length + b"\r\n\r\n12345", "close")
    message = refused(rig, server, "incomplete", AGAIN)
    assert message == f"gave up after 3 tries: short body: 5 of {length.decode()} bytes"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"5",
        b"5\r",
        b"5\r\n",
        b"5\r\n123",
        b"5\r\n12345",
        b"5\r\n12345\r",
        b"5\r\n12345\r\n",
        b"5\r\n12345\r\n0",
        b"5\r\n12345\r\n0\r\n",
        b"5\r\n12345\r\n0\r\nX: 1\r\n",
    ],
)
def test_f2_chunked_body_that_ends_early_is_tried_again(rig: Rig, says: Says, body: bytes) -> None:
    message = refused(rig, says(CHUNKED + body, "close"), "incomplete", AGAIN)
    assert "connection closed inside a chunked body after " in message


@pytest.mark.parametrize(
    "size",
    [
        b"-1",
        b"0x5",
        b"+5",
        b"5_0",
        b"FFFFFFFFFFFFFFF4",
        b"8000000000000000",
        b"",
        b" 5",
        b"5 5",
        b"5\r",
        b"5\0",
        b"5;\0",
        b"\xd9\xa5",
        b"g",
        b"0" * 16 + b"5",
        b"1" + b"0" * 16,
    ],
)
def test_f3_chunk_size_that_is_no_plain_number_is_refused(
    rig: Rig, says: Says, size: bytes
) -> None:
    refused(rig, says(CHUNKED + size + b"\r\n12345\r\n0\r\n\r\n"), "protocol", NEVER)


@pytest.mark.parametrize(
    "size", [b"5", b"0005", b"5 ", b"5;a=b", b'5 ;a="b\x80"', b"0" * 15 + b"5"]
)
def test_f3_plain_chunk_size_is_read(rig: Rig, says: Says, size: bytes) -> None:
    stored(rig, says(CHUNKED + size + b"\r\n12345\r\n0\r\n\r\n"), b"12345", [1, 1])


@pytest.mark.parametrize("junk", [b"\n", b"xx", b"67\r\n", b"\r", b"\rx", b"5\r\n", b"", b"\n\r\n"])
def test_f4_junk_after_a_chunk_is_doubted_once(rig: Rig, says: Says, junk: bytes) -> None:
    body = b"5\r\n12345" + junk + b"5\r\n67890\r\n0\r\n\r\n"
    assert "chunk" in refused(rig, says(CHUNKED + body), "protocol", ONCE)


def test_f4_luckier_second_try_is_stored(rig: Rig) -> None:
    broken, whole = CHUNKED + b"5\r\n12345junk", CHUNKED + b"5\r\n12345\r\n0\r\n\r\n"
    with RawServer(each=[Script([broken]), Script([whole])]) as server:
        assert rig.body(server.url()) == b"12345"


@pytest.mark.parametrize(
    "body",
    [
        b"5;" + b"a" * 9000,
        b"5;a\n12345\r\n0\r\n\r\n",
        b"5\n12345\r\n0\r\n\r\n",
        b"0\r\nX: " + b"a" * 9000,
        b"0\r\n" + b"X: 1\r\n" * 40_000 + b"\r\n",
        b"0\r\n" + b"X: 1\r\n" * 101 + b"\r\n",
        b"0\r\nno colon\r\n\r\n",
        b"0\r\nX: a\rb\r\n\r\n",
        b"0\r\nX: a\0b\r\n\r\n",
        b"0\r\n folded\r\n\r\n",
        b"0\r\n\n",
    ],
)
def test_f5_extensions_and_trailers_are_bounded(rig: Rig, says: Says, body: bytes) -> None:
    refused(rig, says(CHUNKED + body), "protocol", NEVER)


def test_f5_hundred_trailers_are_passed_over(rig: Rig, says: Says) -> None:
    body = b"5\r\n12345\r\n0\r\n" + b"X: 1\r\n" * 100 + b"\r\n"
    stored(rig, says(CHUNKED + body), b"12345", [1, 1])


@pytest.mark.parametrize(
    ("length", "kind"),
    [(2**62, "disk"), (2**63 - 1, "disk"), *((n, "too-large") for n in (2**63, 2**65, 10**60))],
)
def test_f8_length_beyond_the_disk_is_refused_before_writing(
    rig: Rig, says: Says, length: int, kind: str
) -> None:
    server = says(OK + b"Content-Length: %d\r\n\r\n12345" % length)
    message = refused(rig, server, kind, NEVER)
    assert message.startswith(f"the reply declares {str(length)[:40]} bytes")
    assert rig.meter.received() == 0


def test_f8_length_beyond_the_limit_is_refused(make_rig: Callable[..., Rig], says: Says) -> None:
    message = refused(make_rig(max_size=4), says(GOOD), "too-large", NEVER)
    assert message == "the reply declares 5 bytes, more than 4"


@pytest.mark.parametrize("head", [b"HTTP/1.0 200 OK\r\n\r\n", OK + b"\r\n"])
def test_f10_body_without_length_ends_with_its_connection(
    rig: Rig, says: Says, head: bytes
) -> None:
    stored(rig, says(head + b"12345", "close"), b"12345", [1, 2])


def test_f10_tls_that_is_closed_in_order_ends_the_body(
    make_rig: Callable[..., Rig], says: Says
) -> None:
    server = says(OK + b"\r\n12345", "notify", tls=True)
    stored(make_rig(cacert=CERTIFICATE), server, b"12345", [1, 2])


def test_f10_tls_that_is_cut_is_tried_again(make_rig: Callable[..., Rig], says: Says) -> None:
    server = says(OK + b"\r\n12345", "close", tls=True)
    message = refused(make_rig(cacert=CERTIFICATE), server, "incomplete", AGAIN)
    assert message.endswith("TLS ended without notice after 5 bytes: the body may have been cut")


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("close", "closed the connection without a reply"),
        ("reset", "reset the connection before its reply was complete"),
    ],
)
def test_f12_empty_reply_is_tried_again(rig: Rig, says: Says, then: End, said: str) -> None:
    # One that was used before may have been closed before the request came: see S14.
    uncounted = 1 if rig.is_warm else 0
    assert refused(rig, says(b"", then), "connect", AGAIN, uncounted).endswith(said)


@pytest.mark.parametrize("part", [OK, OK + b"Content-Length: 5\r\n\r\n12", CHUNKED + b"5\r\n12"])
def test_f12_reset_inside_the_reply_is_tried_again(rig: Rig, says: Says, part: bytes) -> None:
    refused(rig, says(part, "reset"), "incomplete", AGAIN)


@pytest.mark.parametrize(
    "excess", [b"x", b"\r\n", GOOD.replace(b"12345", b"EVIL!"), b"x" * 999_999]
)
@pytest.mark.parametrize("reply", [GOOD, CHUNKED + b"5\r\n12345\r\n0\r\n\r\n", GOOD + GOOD])
def test_f18_excess_bytes_reach_no_file_and_their_connection_is_not_used_again(
    rig: Rig, says: Says, reply: bytes, excess: bytes
) -> None:
    server = says(reply + excess)
    assert rig.body(server.url("/a.bin")) == b"12345"
    assert server.sent.wait(10)
    assert rig.body(server.url("/b.bin")) == b"12345"
    assert [each.connection for each in server.requests] == [1, 2]


def test_f18_excess_bytes_inside_tls_are_seen(make_rig: Callable[..., Rig], says: Says) -> None:
    rig = make_rig(cacert=CERTIFICATE)
    server = says(GOOD + GOOD.replace(b"12345", b"EVIL!"), tls=True)
    assert rig.body(server.url("/a.bin")) == b"12345"
    assert server.sent.wait(10)
    assert rig.body(server.url("/b.bin")) == b"12345"
    assert [each.connection for each in server.requests] == [1, 2]


@pytest.mark.parametrize(
    ("head", "piece"),
    [(CHUNKED, b"1000\r\n" + b"x" * 4096 + b"\r\n"), (OK + b"\r\n", b"x" * 4096)],
)
def test_f21_endless_body_ends_at_the_limit(
    make_rig: Callable[..., Rig], head: bytes, piece: bytes
) -> None:
    with RawServer(Endless(head, piece)) as server:
        rig = make_rig(max_size=1_000_000)
        message = refused(rig, server, "too-large", NEVER)
    assert message == "the body has more than 1000000 bytes"
    assert rig.meter.received() <= 1_000_000


def test_f21_endless_body_beyond_its_length_is_cut_there(rig: Rig) -> None:
    data = os.urandom(700_000)
    head = OK + b"Content-Length: 700000\r\n\r\n"
    with RawServer(Endless(head + data, b"x" * 4096)) as server:
        assert rig.body(server.url()) == data
