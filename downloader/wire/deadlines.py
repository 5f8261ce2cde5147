"""How long a reply may take: until its next byte, at its slowest, and with all of its item."""

from __future__ import annotations

import time
from typing import Any

from downloader.policy import Timeouts
from downloader.wire.errors import TransferError

NEVER = float("inf")


def out_of_time(timeouts: Timeouts) -> TransferError:
    """Return the fault of an item whose time is up: another try would not be in time either."""
    return TransferError("timeout", f"not complete within {timeouts.total:g} s")


def no_reply(timeouts: Timeouts) -> TransferError:
    """Return the fault of a server that keeps silent: each try may start its work anew."""
    text = f"no reply within {timeouts.first_byte:g} s (--first-byte-timeout)"
    return TransferError("timeout", text, retryable=True, once=True)


class Deadlines:
    """Those of one exchange; `until` is the `time.monotonic()` at which its item's time is up.

    The slowest rate is that of the time spent waiting for the peer: neither a slow disk nor a
    server that thinks before its first byte counts. `awaits_reply` says that it may still think.
    """

    def __init__(self, timeouts: Timeouts, until: float = NEVER) -> None:
        self.timeouts = timeouts
        self._until = until
        self._received = 0
        self._waited = 0.0
        self._has_begun = False
        self.awaits_reply = False

    def await_reply(self) -> None:
        """Note that the request has been sent, and nothing of its reply has come."""
        self.awaits_reply = True

    def patience(self, now: float) -> float:
        """Return the seconds to wait for the next bytes. Raises `TransferError` when time is up."""
        most = self.timeouts.first_byte if self.awaits_reply else self.timeouts.silence
        return min(most, self._left(now))

    def arm(self, sock: Any, now: float) -> None:
        """Let the socket wait no longer than that."""
        patience = self.patience(now)
        if sock.gettimeout() != patience:  # setting it is a system call
            sock.settimeout(patience)

    def check(self) -> None:
        """Raise `TransferError` when the item's time is up."""
        self._left(time.monotonic())

    def note(self, received: int, waited: float) -> None:
        """Count what one read brought, and its seconds. Raises `TransferError` for a trickle."""
        self.awaits_reply = False
        if not self._has_begun:
            self._has_begun = True
            return
        self._received += received
        self._waited += waited
        over, rate = self.timeouts.slowest_over, self.timeouts.slowest_rate
        if self._waited < over:
            return
        if self._received < rate * self._waited:
            text = f"less than {rate:g} bytes per second over {over:g} s"
            raise TransferError("timeout", text, retryable=True)
        self._received, self._waited = 0, 0.0

    def hurry(self, seconds: float) -> None:
        """Wait no longer than this for all that is still to come."""
        self._until = min(self._until, time.monotonic() + seconds)

    def _left(self, now: float) -> float:
        left = self._until - now
        if left <= 0.0:
            raise out_of_time(self.timeouts)
        return left


class Opening(Deadlines):
    """Those of a connection that opens: all of it, from dialling to TLS, in one time."""

    def __init__(self, timeouts: Timeouts, until: float = NEVER) -> None:
        super().__init__(timeouts, until)
        self._opened_by = time.monotonic() + timeouts.connect

    def await_reply(self) -> None:
        """Wait no longer for a proxy's reply than for all else."""

    def patience(self, now: float) -> float:
        """Return the seconds to wait. Raises `TimeoutError`, or `TransferError` for the item."""
        left = min(self._opened_by - now, self._left(now))
        if left <= 0.0:
            raise TimeoutError("timed out")
        return left
