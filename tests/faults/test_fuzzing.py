"""Mutated replies: what is stored is what a strict reading of the bytes says, or nothing is."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import read_request
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import Listening
from transfer_rig import Rig

from downloader.policy import Retry, Timeouts

HEAD = b"HTTP/1.1 200 OK\r\nServer: x\r\n"
BODY = b"".join(b"%04d" % n for n in range(30))
GOOD = [
    HEAD + b"Content-Length: 120\r\nETag: \"1\"\r\n\r\n" + BODY,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"50\r\n" + BODY[:80] + b"\r\n28;x=y\r\n" + BODY[80:] + b"\r\n0\r\nX-Sum: 1\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 120\r\n\r\n"
    + b"78\r\n" + BODY + b"\r\n0\r\n\r\n",
    HEAD + b"Content-Length: 120\r\nTransfer-Encoding: identity\r\n\r\n" + BODY,
    HEAD + b"Connection: close\r\n\r\n" + BODY,
    b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 120, 120\r\n\r\n" + BODY,
]  # fmt: skip
PIECES = [
    b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b",", b";", b"0", b"5", b"-", b"+", b"_", b"x",
    b"Content-Length: 7\r\n", b"Content-Length: 120\r\n", b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: identity\r\n", b"0\r\n\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0",
    b"chunked", b"\r\n ", b"5\r\n", b"\xff", b"HTTP/1.1 103 \r\n\r\n",
]  # fmt: skip

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TEXT = rb"[^\x00-\x08\x0a-\x1f\x7f]*"
_HEAD = re.compile(
    rb"HTTP/1\.([01]) ([1-9][0-9][0-9])(?: " + _TEXT + rb")?\r?\n"
    rb"((?:" + _TOKEN + rb":" + _TEXT + rb"\r?\n)*)\r?\n"
)
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*(" + _TEXT + rb")")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;" + _TEXT + rb")?\r\n")
_TRAILERS = re.compile(rb"(?:" + _TOKEN + rb":" + _TEXT + rb"\r\n)*\r\n")


def strict(sent: bytes) -> bytes | None:
    """Read what was sent, all of it, as the RFCs say; `None` where it holds no whole file."""
    head = _HEAD.match(sent)
    if head is None:
        return None
    status, rest = int(head[2]), sent[head.end() :]
    if status < 200 and status != 101:
        return strict(rest)
    if status not in (200, 203):
        return None
    return body_of(head, rest)


def body_of(head: re.Match[bytes], rest: bytes) -> bytes | None:
    fields = [(m[1].lower(), m[2].strip(b" \t")) for m in _FIELD.finditer(head[3])]
    lengths = {
        each.strip(b" \t")
        for name, value in fields if name == b"content-length" for each in value.split(b",")
    }  # fmt: skip
    codings = [value.lower() for name, value in fields if name == b"transfer-encoding"]
    one, *others = lengths or {b"0"}
    if others or not re.fullmatch(rb"[0-9]+", one):
        return None
    if codings == [b"chunked"]:
        body = dechunked(rest)
        return body if body is None or not lengths or len(body) == int(one) else None
    if codings and not (codings == [b"identity"] and lengths):
        return None
    if not lengths:
        return rest
    return rest[: int(one)] if len(rest) >= int(one) else None


def dechunked(rest: bytes) -> bytes | None:
    body = b""
    while size := _CHUNK.match(rest):
        length, rest = int(size[1], 16), rest[size.end() :]
        if length == 0:
            return body if _TRAILERS.match(rest) else None
        if rest[length : length + 2] != b"\r\n":
            return None
        body, rest = body + rest[:length], rest[length + 2 :]
    return None


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Change a good reply in one to four places."""
    reply = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(reply)))
        gone = draw(st.sampled_from([0, 0, 1, 1, 2, 10, 400]))
        put = draw(st.sampled_from([b"", *PIECES]) | st.binary(max_size=3))
        reply = reply[:start] + put + reply[start + gone :]
    return reply


class Says(Listening):
    """Answers with `reply`, in writes of `step` bytes, and closes."""

    reply = b""
    step = 1

    def serve(self, connection: socket.socket, number: int) -> None:
        with connection.makefile("rb") as stream:
            read_request(stream, number)
        for start in range(0, len(self.reply), self.step):
            connection.sendall(self.reply[start : start + self.step])


@pytest.fixture(scope="module")
def server() -> Iterator[Says]:
    with Says() as server:
        yield server


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    times = Timeouts(connect=20, silence=20)
    rig = Rig(tmp_path_factory.mktemp("fuzz"), retry=Retry(retries=0), timeouts=times)
    yield rig
    rig.fetcher.close()
    rig.local.close()


@settings(max_examples=400, deadline=None)
@given(reply=mutated(), step=st.sampled_from([7, 64, 100_000]))
def test_stored_is_what_a_strict_reading_says(
    rig: Rig, server: Says, reply: bytes, step: int
) -> None:
    server.reply, server.step = reply, step
    result = rig.fetch(server.url())
    if result.failure is None:
        assert Path(result.part).read_bytes() == strict(reply)
        Path(result.part).unlink()
    else:
        assert result.failure.kind != "internal"
        assert result.failure.message.isprintable()
        assert rig.left_over() == []


@pytest.mark.parametrize("reply", GOOD)
def test_good_replies_are_stored(rig: Rig, server: Says, reply: bytes) -> None:
    server.reply, server.step = reply, 7
    assert rig.body(server.url()) == strict(reply) == BODY
