"""What can be seen at a glance of an exchange that another part has begun."""

from __future__ import annotations

from typing import cast

import pytest

from downloader.wire.begun import BegunExchange, Connection

TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n"
LATER = b"HTTP/1.1 503 Busy\r\nX: 1\r\nretry-after: 7\r\n\r\n"


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (TOO_MANY, True),
        (LATER, True),
        (LATER.replace(b"retry-after", b"Retry-After"), True),
        (LATER.replace(b"retry-after", b"X"), False),
        (LATER.replace(b"503", b"200"), False),
        (TOO_MANY.replace(b"429", b"404"), False),
        (TOO_MANY[:10], False),
        (b"", False),
    ],
)
def test_a_host_that_says_not_now_is_seen(received: bytes, expected: bool) -> None:
    begun = BegunExchange("route", cast(Connection, None), received, 0.0)
    assert begun.says_not_now is expected
