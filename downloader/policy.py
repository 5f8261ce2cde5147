"""When to try again, how long to wait, what to bound: frozen values and their arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

# "Never", of the class of 5xx: RFC 9110 sections 15.6.2 and 15.6.6, RFC 6585 section 6.
_LASTING = frozenset({501, 505, 511})
# The server says "not now", not "no". So do the numbers that CDNs made up: what nobody knows of the
# class of 5xx is like 500 (RFC 9110 section 15).
TRANSIENT_STATUSES = frozenset({408, 425, 429, *range(500, 600)}) - _LASTING


class Timeouts(NamedTuple):
    """How long a peer may take, in seconds.

    `connect` is the time to open a connection, `silence` the longest between two bytes, `total`
    the time of the whole item, all its tries and pauses included. `first_byte` is the longest from
    a request to the first byte of its reply: some files are made only then. What comes slower than
    `slowest_rate` bytes per second over `slowest_over` seconds is given up too.
    """

    connect: float = 10.0
    silence: float = 30.0
    slowest_rate: float = 1024.0
    slowest_over: float = 30.0
    total: float | None = None
    first_byte: float = 120.0


class Limits(NamedTuple):
    """What a peer may make us do: redirects followed for one item, and out of https."""

    redirects: int = 20
    downgrade: bool = False


def drawn() -> float:
    """Return a random number from 0 to 1."""
    import random  # noqa: PLC0415  a run in which nothing fails does not load it

    return random.random()


class Retry(NamedTuple):
    """Tries after the first, with exponential back-off and full jitter.

    The statuses in `also` are tried again besides those that always are.
    Source: "Exponential Backoff And Jitter", AWS Architecture Blog: a wait drawn evenly from zero
    to the growing ceiling keeps many clients from coming back together.
    """

    retries: int = 3
    base: float = 0.5
    ceiling: float = 20.0
    longest_obeyed: float = 60.0
    also: frozenset[int] = frozenset()

    def covers(self, status: int) -> bool:
        """Return True if a reply with this status is to be tried again."""
        return status in TRANSIENT_STATUSES or status in self.also

    def backoff(self, attempt: int, draw: Callable[[], float] = drawn) -> float:
        """Return the seconds to wait after the `attempt`-th try (from 1); `draw` gives 0..1."""
        top = min(self.ceiling, self.base * 2.0 ** min(attempt - 1, 60))
        return draw() * float(top)

    def wait(
        self, attempt: int, asked: float | None, draw: Callable[[], float] = drawn
    ) -> float | None:
        """Return the seconds to wait before the next try, `None` if there shall be none.

        `asked` is what the server's Retry-After asked for: obeyed up to `longest_obeyed`.
        """
        if attempt > self.retries:
            return None
        if asked is None:
            return self.backoff(attempt, draw)
        return asked if asked <= self.longest_obeyed else None


def retry_after(value: str | None, date: str | None = None) -> float | None:
    """Read Retry-After (RFC 9110 section 10.2.3): seconds to wait, `None` if it says nothing.

    A date is measured against the reply's own `Date`, so that a skewed clock does not matter.
    Garbage, negative numbers and dates in the past are `None`: the usual back-off applies.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:12])
    then = _http_date(value)
    if then is None:
        return None
    now = _http_date(date or "") or datetime.now(UTC)
    seconds = (then - now).total_seconds()
    return seconds if seconds > 0 else None


def _http_date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  nor this

    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
