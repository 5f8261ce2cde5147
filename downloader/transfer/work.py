"""What is said between those who have usual exchanges run and the processes that run them."""

from __future__ import annotations

from typing import NamedTuple

from downloader.wire.begun import BegunExchange

# Where a connection leads: as `Origin`, but whatever came through a channel is a plain tuple.
Route = tuple[str, str, int]


class Work(NamedTuple):
    """What processes have to do: at most `transfers` at once, into the target folder `root`.

    `patience` and `most` are those of `Multiplexer`.
    """

    transfers: int
    root: str
    patience: float
    most: float


class Returned(NamedTuple):
    """A request that was not done: begun, and to be gone on with, or to be asked anew.

    `is_recalled` says that nothing was tried, because that was asked for.
    """

    number: int
    begun: BegunExchange | None = None
    is_recalled: bool = False
