"""One stay of one item on one stage of the run."""

from __future__ import annotations

from typing import Literal, NamedTuple

Stage = Literal["fetch", "hash"]


class Span(NamedTuple):
    """When an item was on a stage; moments are seconds since the run began.

    On the fetch stage the last try goes from `requested` by `connected` (the connection is open, or
    was kept) and `answered` (the reply's head is complete) to `ended`; what was before is earlier
    tries and the pauses after them. On the hash stage all four between are `began`.
    `bytes` were moved in it, `hash_seconds` of it were hashing.
    """

    stage: Stage
    name: str
    host: str
    status: str
    bytes: int
    attempts: int
    hash_seconds: float
    began: float
    requested: float
    connected: float
    answered: float
    ended: float

    @property
    def seconds(self) -> float:
        """From the beginning to the end."""
        return self.ended - self.began
