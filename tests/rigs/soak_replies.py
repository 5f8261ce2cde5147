"""Files that are made of their names, and all that a reply with one of them can suffer."""

from __future__ import annotations

import random
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 seconds
_SPLICED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nspoilt"
END = b"\r\n\r\n"


def draw(*of: object) -> random.Random:
    """Return chances that depend on nothing but these values."""
    return random.Random("/".join(map(str, of)))


def content(name: str, *, outdated: bool = False) -> bytes:
    """Return the bytes of a file, or those that it had before it changed."""
    chance = draw(name, "outdated" if outdated else "")
    if is_large(name):
        return chance.randbytes(chance.randrange(300 << 10, 1 << 20))
    return chance.randbytes(chance.choice((0, 1, 200, 2_000, 8_000, 20_000)))


def is_large(name: str) -> bool:
    """Say whether a file is worth resuming."""
    return name.startswith(("large", "changing"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a file: the bytes asked for begin at `start`; `chance` is its own.

    `count` is told how many bytes are sent.
    """

    connection: socket.socket
    count: Callable[[int], None]
    data: bytes
    etag: str
    start: int
    chance: random.Random

    def head(self, *fields: str, status: str = "200 OK", etag: str = "") -> bytes:
        lines = (f"HTTP/1.1 {status}", f'ETag: "{etag or self.etag}"', *fields)
        return "\r\n".join(lines).encode() + END

    def right_head(self) -> bytes:
        """Return the head of the reply that was asked for."""
        size = len(self.data)
        length = f"Content-Length: {size - self.start}"
        if not self.start:
            return self.head(length)
        span = f"Content-Range: bytes {self.start}-{size - 1}/{size}"
        return self.head(length, span, status="206 Partial Content")

    def cut(self) -> bytes:
        """Return the reply that was asked for, without its end."""
        rest = self.data[self.start :]
        if not rest:
            return self.head("Content-Length: 9")
        return self.right_head() + rest[: self.chance.randrange(len(rest))]

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.count(len(data))
        self.connection.sendall(data)

    def say(self, data: bytes) -> bool:
        """Send the last bytes of a connection."""
        self.send(data)
        return False

    def reset(self, data: bytes) -> bool:
        """Send bytes and break the connection off."""
        self.send(data)
        time.sleep(0.001)  # else the reset may overtake all of them
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        return False

    def stall(self, data: bytes) -> bool:
        """Send bytes and nothing more until the peer goes."""
        self.send(data)
        while self.connection.recv(65536):
            pass
        return False

    def refuse(self, status: str, *fields: str) -> bool:
        """Say "not now" and keep the connection."""
        self.send(self.head("Content-Length: 0", *fields, status=status))
        return True


# What is done with a request; each says whether the connection goes on.
Reply = Callable[[Asked], bool]


def whole(asked: Asked) -> bool:
    """Reply as it should be."""
    asked.send(asked.right_head() + asked.data[asked.start :])
    return True


def _chunked(asked: Asked, framed: bytes) -> bool:
    return asked.say(asked.head("Transfer-Encoding: chunked") + framed)


def _chunks(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


def _junk_chunk(asked: Asked) -> bool:
    # Wrong bytes under the right ETag: whoever keeps them to go on with them glues two bodies.
    return _chunked(asked, b"5\r\nhelloJUNK" + _chunks(asked.data) + b"0\r\n\r\n")


def _well_chunked(asked: Asked) -> bool:
    half = len(asked.data) // 2
    pieces = _chunks(asked.data[:half]) + _chunks(asked.data[half:])
    return _chunked(asked, pieces + b"0\r\nX-Trailer: yes\r\n\r\n")


def _wrong_span(asked: Asked) -> bool:
    size = len(asked.data) + 7
    span = f"Content-Range: bytes {asked.start + 7}-{size - 1}/{size}"
    fields = (f"Content-Length: {size - asked.start - 7}", span)
    head = asked.head(*fields, status="206 Partial Content")
    return asked.say(head + asked.data[asked.start :])


def _other_etag(asked: Asked) -> bool:
    size = max(len(asked.data), 9)
    head = asked.head(f"Content-Length: {size}", etag="of another version")
    return asked.say(head + b"!" * (size // 2))


def _two_lengths(asked: Asked) -> bool:
    size = len(asked.data)
    head = asked.head(f"Content-Length: {size + 1}", f"Content-Length: {size}")
    return asked.say(head + asked.data)


def _hints_first(asked: Asked) -> bool:
    asked.send(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2)
    return whole(asked)


def _spliced(asked: Asked) -> bool:
    asked.send(asked.right_head() + asked.data[asked.start :] + _SPLICED)
    return True  # whoever asks here again is told lies


# How often each comes among the faults, and what it is.
FAULTS: dict[str, tuple[float, Reply]] = {
    "short body": (12, lambda asked: asked.say(asked.cut())),
    "chunked, cut": (8, lambda asked: _chunked(asked, _chunks(asked.data + b"!")[:-4])),
    "chunked, no last chunk": (4, lambda asked: _chunked(asked, _chunks(asked.data))),
    "chunked, junk for CRLF": (6, _junk_chunk),
    "chunked, junk for a size": (2, lambda asked: _chunked(asked, b"0x5\r\nhello\r\n0\r\n\r\n")),
    "chunked, whole": (6, _well_chunked),
    "no reply": (6, lambda asked: asked.say(b"")),
    "reset, no reply": (6, lambda asked: asked.reset(b"")),
    "reset in the head": (6, lambda asked: asked.reset(asked.right_head()[:30])),
    "reset in the body": (10, lambda asked: asked.reset(asked.cut())),
    "closed in the head": (8, lambda asked: asked.say(asked.right_head()[:-2])),
    "503": (6, lambda asked: asked.refuse("503 Service Unavailable")),
    "503, Retry-After: 0": (3, lambda asked: asked.refuse("503 Busy", "Retry-After: 0")),
    "429, Retry-After: 0": (3, lambda asked: asked.refuse("429 Slow", "Retry-After: 0")),
    "429, Retry-After: 1": (0.3, lambda asked: asked.refuse("429 Slow", "Retry-After: 1")),
    "206 of another range": (6, _wrong_span),
    "another ETag, cut": (6, _other_etag),
    "two Content-Lengths": (2, _two_lengths),
    "103 first": (6, _hints_first),
    "bytes after the body": (8, _spliced),
    "not HTTP": (3, lambda asked: asked.say(b"ICY 200 OK\r\n\r\n" + asked.data)),
    "stall, no reply": (0.5, lambda asked: asked.stall(b"")),
    "stall in the body": (1, lambda asked: asked.stall(asked.cut())),
}
HARMLESS = ("chunked, whole", "103 first", "bytes after the body")  # the file comes with these
CUTS = ("short body", "reset in the body", "stall in the body")
