"""What a run observes of its own time; estimates are made of it."""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """What one fetched item tells about time, in seconds: see `Timing` for the words.

    `at` counts from the run's beginning. `waiting` is from the item's beginning to the reply,
    without the opening of a connection, `reading` the body; `earlier` is what failed tries and the
    pauses after them took. `alone` says that no other was under way all the time.
    """

    host: str
    size: int
    waiting: float
    reading: float
    connecting: float = 0.0
    earlier: float = 0.0
    cpu: float = 0.0
    load_waiting: float = 1.0
    load_reading: float = 1.0
    rank: int = 1
    at: float = 0.0
    alone: bool = False

    @property
    def seconds(self) -> float:
        """The whole item, earlier tries and pauses included."""
        return self.earlier + self.connecting + self.waiting + self.reading


class Window(NamedTuple):
    """A short span of the run: mean transfers under way, those reading, bytes and items done.

    `host` is the only one that bodies were read from, `None` if there were several. `steady`
    is false just after the run opened up: worker processes start then, and take processors.
    `alone` says that only one transfer was allowed.
    """

    seconds: float
    active: float
    reading: float
    bytes: int
    items: int
    host: str | None = None
    steady: bool = True
    alone: bool = False


class Observations(NamedTuple):
    """All that a run knows about its own time; the estimate is made from this alone.

    `host_wait` is the time in which threads were free and every item's host was to be left alone,
    `pauses` the seconds that hosts asked for. The user's limits are `rate`, the requests a second
    that each host may get, `limit_rate`, the bytes a second of all together, and `per_host`, the
    connections to each. `samples` stand for `stride` items each. `cpu` is processor time of this
    process, `coordinator_cpu` that of the thread that ran the pipeline, `hash_cpu` that of the
    hash workers.
    """

    wall: float
    fetch: float
    hash: float
    busy_fetch: float
    busy_hash: float
    hash_cpu: float
    cpu: float
    coordinator_cpu: float
    threads: int
    processes: int
    items: int
    bytes: int
    samples: tuple[Sample, ...] = ()
    stride: int = 1
    windows: tuple[Window, ...] = ()
    host_wait: float = 0.0
    pauses: tuple[tuple[str, float], ...] = ()
    rate: float | None = None
    limit_rate: float | None = None
    per_host: int | None = None
