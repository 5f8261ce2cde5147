"""A fault on its way to becoming a `Failure`: raised within this room only."""

from __future__ import annotations

from downloader.models import Failure, Kind


class Fault(Exception):
    """What ended a try; `asked` is the seconds that the server asked to wait (Retry-After).

    `once` says that one more try may be luckier, and that after it there is no hope.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        retryable: bool = False,
        asked: float | None = None,
        once: bool = False,
    ) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message, retryable)
        self.asked = asked
        self.once = once


class Interrupted(Fault):
    """The run was asked to end."""

    def __init__(self) -> None:
        super().__init__("connect", "interrupted", retryable=True)
