"""A fault on its way to becoming a `Failure`: raised within this room only."""

from __future__ import annotations

from downloader.models import Failure, Kind


class Fault(Exception):
    """What ended a try; `asked` is the seconds that the server asked to wait (Retry-After).

    `once` says that one more try may be luckier, and that after it there is no hope. `is_of_host`
    says that the whole host is to be left alone for a while, `unreached` why it took no connection.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        *,
        retryable: bool = False,
        asked: float | None = None,
        once: bool = False,
        is_of_host: bool = False,
        unreached: str = "",
    ) -> None:
        super().__init__(message)
        self.failure = Failure(kind, message, retryable)
        self.asked = asked
        self.once = once
        self.is_of_host = is_of_host
        self.unreached = unreached


class Interrupted(Fault):
    """The run was asked to end."""

    def __init__(self) -> None:
        super().__init__("connect", "interrupted", retryable=True)


def not_public(host: str, address: str = "") -> Fault:
    """Return the fault of a host that is refused with `--no-private`."""
    leads = f" leads to {address}, which" if address and address != host.strip("[]") else ""
    return Fault("refused", f"{host}{leads} is not a public address: refused by --no-private")
