"""What replies must come to: a refused one to a sentence and nothing else, others to a file."""

from __future__ import annotations

import re

from raw import RawServer
from transfer_rig import Rig

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GOOD = OK + b"Content-Length: 5\r\n\r\n12345"

_REPR = re.compile(r"object at|b'|b\"|\w+\(|Error|Exception|\\x")

NEVER, ONCE, AGAIN = 1, 2, 3  # requests made: by retry class, with the rig's two retries


def refused(rig: Rig, server: RawServer, kind: str, tries: int, uncounted: int = 0) -> str:
    """Fetch what must fail in this way, and leave nothing behind; return the message.

    Of its requests so many are no tries.
    """
    result = rig.fetch(server.url("/a.bin"))
    assert result.failure is not None
    assert result.failure.kind == kind, result.failure
    message = result.failure.message
    assert message.isprintable()
    assert not _REPR.search(message)
    # Each try has a connection of its own: none is used again after a fault.
    requests = tries + uncounted
    assert [each.connection for each in server.requests] == list(range(1, requests + 1))
    assert result.attempts == tries
    assert result.failure.retryable is (tries == AGAIN)
    assert rig.left_over() == []
    assert not (rig.root / "a.bin").exists()
    return message


def stored(rig: Rig, server: RawServer, body: bytes, connections: list[int]) -> None:
    """Fetch twice what must be stored, over these connections."""
    assert rig.body(server.url("/a.bin")) == body
    assert rig.body(server.url("/b.bin")) == body
    assert [each.connection for each in server.requests] == connections
