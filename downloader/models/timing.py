"""When one item was fetched."""

from __future__ import annotations

from typing import NamedTuple


class Timing(NamedTuple):
    """When and how one item was fetched; clock readings are `time.monotonic()`, spans seconds.

    `began` is the start of the first try; `requested`, `answered` and `ended` belong to the last
    one: request begun, reply's header complete, last byte stored. `connecting` is the part of
    `requested`..`answered` that opened a connection (0.0 on a kept one), `paused` what was slept
    between tries, `parked` the share of it for which the host was left alone as it asked, `cpu` the
    processor time of the fetching thread. `load_waiting` and `load_reading` are the mean numbers of
    transfers that were under way while this one waited for its reply and while it read its body
    (1.0: it was alone); `rank` is their number when it began, itself included.
    """

    began: float = 0.0
    requested: float = 0.0
    answered: float = 0.0
    ended: float = 0.0
    connecting: float = 0.0
    paused: float = 0.0
    parked: float = 0.0
    cpu: float = 0.0
    load_waiting: float = 1.0
    load_reading: float = 1.0
    rank: int = 1

    @property
    def seconds(self) -> float:
        """From the start of the first try to the last byte."""
        return self.ended - self.began
