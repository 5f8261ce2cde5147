"""An exchange that one part has begun, and another one goes on with."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol

# The start of a reply that says "not now" (RFC 6585 section 4, RFC 9110 section 10.2.3).
_NOT_NOW = re.compile(rb"HTTP/1\.[01] (429\b|5\d\d .*?\nretry-after:)", re.DOTALL | re.IGNORECASE)


class Connection(Protocol):
    """An open connection: its socket, or what stands for one (TLS)."""

    @property
    def sock(self) -> Any:
        """The socket."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


@dataclass(frozen=True, slots=True)
class BegunExchange:
    """An exchange that another part has begun on a kept connection, and that is to be gone on with.

    `received` is all that has come of the reply: nothing, part of its head, or its head and the
    start of its body; it has to fit a reader's buffer. `sent_at` is the `time.monotonic()` at
    which the request was sent.
    """

    route: Hashable
    connection: Connection
    received: bytes
    sent_at: float

    @property
    def says_not_now(self) -> bool:
        """Return True if its host is to be left alone, as far as can be seen at a glance."""
        return _NOT_NOW.match(self.received) is not None
