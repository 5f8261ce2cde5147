"""What ends a try, on its way to becoming a `Failure`; and foreign text made fit to be shown."""

from __future__ import annotations

import re

from downloader.models import Failure, Kind

_OBJECT = re.compile(r"<[^<>]*(?:object|at 0x)[^<>]*>|\w+\(host=[^)]*\)(?:: )?")
_LOGIN = re.compile(r"(?<=//)[^\s/@]+@")
_LONGEST = 200  # characters of a foreign text within a message


class TransferError(Exception):
    """What ended a try; `asked` is the seconds that the server asked to wait (Retry-After).

    The item waits for them in the queue. `once` says that one more try may be luckier, and that
    after it there is no hope. `is_of_host` says that the whole host is to be left alone for a
    while, `unreached` why it took no connection.
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


class NoReplyError(ConnectionError):
    """The peer closed the connection before the first byte of a reply."""


class Cancelled(TransferError):
    """The run was asked to end."""

    def __init__(self) -> None:
        super().__init__("connect", "interrupted", retryable=True)


def not_public(host: str, address: str = "") -> TransferError:
    """Return the fault of a host that is refused with `--no-private`."""
    leads = f" leads to {address}, which" if address and address != host.strip("[]") else ""
    return TransferError(
        "refused", f"{host}{leads} is not a public address: refused by --no-private"
    )


def cleaned(text: str) -> str:
    """Return a foreign text as one short line without logins and representations of objects."""
    line = " ".join(_LOGIN.sub("", _OBJECT.sub("", text)).split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "..."
