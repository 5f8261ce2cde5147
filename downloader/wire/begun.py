"""An exchange that one part has begun, and another one goes on with."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Protocol


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
