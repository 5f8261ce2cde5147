"""How far one transfer is: written by one thread and read by others, which needs no lock."""

from __future__ import annotations

from collections.abc import Callable


class TransferProgress:
    """One transfer under way: who, how far. Written by the thread that runs the transfer.

    `rank` is the number of transfers that were under way when it began, itself included. `done`
    begins anew with every try, `received` counts them all.
    """

    __slots__ = ("_beat", "began", "done", "host", "name", "rank", "reading", "received", "size")

    def __init__(
        self, name: str, host: str, began: float, rank: int, beat: Callable[[], None] | None
    ) -> None:
        self.name = name
        self.host = host
        self.began = began
        self.rank = rank
        self.done = 0
        self.received = 0
        self.size: int | None = None
        self.reading = False
        self._beat = beat

    def advance(self, received: int) -> None:
        """Count bytes of the body as they are stored."""
        self.done += received
        self.received += received
        if self._beat:
            self._beat()
