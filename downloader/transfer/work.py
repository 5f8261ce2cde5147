"""What is said of usual exchanges: what is asked, what came of it, and what processes need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from downloader.wire.begun import BegunExchange

# Where a connection leads: as `Origin`, but whatever came through a channel is a plain tuple.
Route = tuple[str, str, int]


class Request(NamedTuple):
    """What is asked for on a kept connection: the whole request, and where its body goes.

    `number` is the asker's own; `path` the final path, from which the part has its name.
    """

    number: int
    data: bytes
    path: str
    host: str
    algorithms: Sequence[str]


class Landed(NamedTuple):
    """A usual reply whose body is in its part, and hashed.

    All values are plain, so that they cross processes cheaply: `stat` and `declared` are those of
    `FileStat` and `Declared`. `hexdigests` are by the request's algorithms, then that of the
    declared digest if it is another one. Moments are `time.monotonic()`; loads and rank are as in
    `Timing`.
    """

    number: int
    size: int
    part: str
    stat: tuple[int, int, int]
    hexdigests: tuple[str, ...]
    hash_seconds: float
    etag: str | None
    last_modified: str | None
    disposition: Sequence[str]
    declared: Sequence[tuple[str, str]]
    declared_in: str
    sent_at: float
    answered_at: float
    ended_at: float
    load_waiting: float
    load_reading: float
    rank: int


class HandedOver(NamedTuple):
    """An exchange that a thread is to go on with."""

    number: int
    begun: BegunExchange


Ended = Landed | HandedOver


class Work(NamedTuple):
    """What processes have to do: at most `transfers` at once, into the target folder `root`.

    `patience` and `most` are those of `Multiplexer`.
    """

    transfers: int
    root: str
    patience: float
    most: float


class Undone(NamedTuple):
    """A request that a process has not done: begun, and to be gone on with, or to be asked anew.

    `is_recalled` says that nothing was tried, because that was asked for.
    """

    number: int
    begun: BegunExchange | None = None
    is_recalled: bool = False
