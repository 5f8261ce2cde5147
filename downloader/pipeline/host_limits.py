"""What each host may be asked, and when: caps, pauses that it wants, and hosts that are down.

A reply that says "not now" (429, or any with Retry-After) parks its host, not a thread: nothing is
asked of the host until then, and afterwards half as many connections are open at once. A host that
takes no connection is tried one connection at a time; one that is down, or turns away one item
after another, is given up for a while.
Used by the coordinator's thread only.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from itertools import islice

from downloader.models import DownloadResult, Failure, Kind
from downloader.shared.rate_limiter import RateLimiter

NEVER = math.inf
# Connections in a row that fail, or items that it turns away, before a host counts as down, and
# the seconds that it does.
DEAD_AFTER = 5
DOWN_FOR = 30.0
# Seconds for which a host has to fail before that: a server that restarts is back by then. Where
# an item has used up its tries earlier, that is enough.
RESTARTING = 2.0
# Items that must succeed before a host that pushed back gets one connection more.
REGAIN = 20
# Seconds for which a host is left alone that has said "not now", until it is known for how long.
MOMENT = 0.25
# Hosts remembered before idle ones are forgotten, the longest known first.
KEPT_AT_MOST = 4096
# Replies by which a host says that it is asked too much (RFC 6585 section 4, RFC 9110 15.6.4).
TOO_MANY = 429
PUSHED_BACK = frozenset({TOO_MANY, 503})


class Host:
    """What is known of one host that is not idle and well."""

    __slots__ = (
        *("down_until", "failed", "failing_since", "gave_up", "halved_at", "in_flight", "kind"),
        *("limit", "parked_until", "successes", "trouble", "turned_away"),
    )

    def __init__(self, limit: float) -> None:
        self.in_flight = 0
        self.limit = limit
        self.parked_until = 0.0
        self.successes = 0
        self.halved_at = -NEVER
        self.failed = 0
        self.failing_since = 0.0
        self.gave_up = False
        self.down_until = 0.0
        self.turned_away = 0
        self.kind: Kind = "connect"
        self.trouble = ""

    @property
    def is_full(self) -> bool:
        """Return True if a connection has to end before the next one may begin."""
        is_on_trial = self.failed or self.turned_away >= DEAD_AFTER
        return self.in_flight >= (1 if is_on_trial else self.limit)

    def is_down(self, now: float) -> bool:
        """Return True if it is left alone until its next trial."""
        return now < self.down_until

    def refused(self, result: DownloadResult, now: float) -> None:
        """Note that no connection opened."""
        if not self.failed:
            self.failing_since = result.timing.requested
        self.failed += 1
        self.gave_up = self.gave_up or result.again_in is None
        is_over = self.gave_up or now - self.failing_since >= RESTARTING
        if self.failed >= DEAD_AFTER and is_over:
            failed = f"{self.failed} connections in a row failed"
            self._give_up("connect", f"host is down: {failed} ({result.unreached})", now)

    def answered(self, result: DownloadResult, now: float) -> None:
        """Note that a connection opened, and what came of it."""
        self.failed, self.gave_up = 0, False
        if result.http_status != TOO_MANY or result.failure is None:
            self.turned_away, self.down_until = 0, 0.0
        elif result.again_in is None:
            self.turned_away += 1
        if self.turned_away >= DEAD_AFTER and result.failure:
            away = f"{self.turned_away} items in a row were turned away"
            why = f"host wants no requests: {away} ({result.failure.message})"
            self._give_up("http-status", why, now)

    def _give_up(self, kind: Kind, trouble: str, now: float) -> None:
        if not self.is_down(now):
            self.kind, self.trouble, self.down_until = kind, trouble, now + DOWN_FOR


class HostLimits:
    """All hosts of a run: `connections` at once to all of them, `per_host` to each at most.

    Hosts are named as `urls.site` does. `note_pause` is told of the seconds that a host wants.
    """

    def __init__(
        self,
        connections: int = 8,
        *,
        per_host: int | None = None,
        limiter: RateLimiter | None = None,
        note_pause: Callable[[str, float], None] = lambda site, seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self._cap = min(connections, per_host or connections)
        self._limit = NEVER if per_host is None else float(per_host)
        self._limiter = limiter
        self._note_pause = note_pause
        self._hosts: dict[str, Host] = {}

    def opens(self, site: str, now: float) -> float:
        """Return when a job of the host may be taken up: now if that time is not to come.

        `NEVER` means that another one has to end first. What fails at once may always be taken up.
        """
        due = self._limiter.due(site) if self._limiter else 0.0
        host = self._hosts.get(site)
        if host is None or host.is_down(now):
            return due if host is None else 0.0
        return NEVER if host.is_full else max(due, host.parked_until)

    def down(self, site: str, now: float) -> Failure | None:
        """Return why a job of the host fails without being tried."""
        host = self._hosts.get(site)
        if host is None or not host.is_down(now):
            return None
        left = math.ceil(host.down_until - now)
        return Failure(host.kind, f"{host.trouble}; tried again in {left} s", retryable=True)

    def begin(self, site: str) -> None:
        """A job of the host is handed to the workers."""
        host = self._hosts.get(site)
        if host is None:
            host = self._meet(site)
        host.in_flight += 1
        if self._limiter:
            self._limiter.take(site)

    def pause(self, site: str) -> None:
        """A job of the host, not ended yet, was told "not now"."""
        self._park(site, self._hosts[site], self.clock(), MOMENT)

    def end(self, site: str, result: DownloadResult | None) -> None:
        """A job of the host has come back, `None` where it was not tried."""
        host = self._hosts[site]
        host.in_flight -= 1
        if result is not None:
            self._learn(site, host, result)
        if self._is_usual(host):
            del self._hosts[site]

    def _learn(self, site: str, host: Host, result: DownloadResult) -> None:
        now = self.clock()
        pause = None if result.waits_alone else result.again_in
        if result.unreached:
            host.refused(result, now)
        else:
            host.answered(result, now)
            if result.failure is None:
                self._regain(host)
            elif pause is not None or result.http_status in PUSHED_BACK:
                self._halve(host, result.timing.requested, now)
        if pause is not None:
            self._park(site, host, now, pause)

    def _park(self, site: str, host: Host, now: float, seconds: float) -> None:
        more = now + seconds - max(now, host.parked_until)
        if more > 0.0:
            host.parked_until = now + seconds
            self._note_pause(site, more)

    def _halve(self, host: Host, requested: float, now: float) -> None:
        """Halve the connections; replies to requests from before the last time tell no more."""
        host.successes = 0
        if requested <= host.halved_at:
            return
        host.halved_at = now
        host.limit = max(1, int(min(host.in_flight + 1, host.limit, self._cap)) // 2)

    def _regain(self, host: Host) -> None:
        if host.limit == self._limit:
            return
        host.successes += 1
        if host.successes >= REGAIN:
            host.successes = 0
            host.limit = host.limit + 1 if host.limit + 1 < self._cap else self._limit

    def _is_usual(self, host: Host) -> bool:
        """Return True if nothing has to be remembered."""
        if host.in_flight or host.failed or host.turned_away or host.limit != self._limit:
            return False
        return host.parked_until <= 0.0 or host.parked_until <= self.clock()

    def _meet(self, site: str) -> Host:
        if len(self._hosts) >= KEPT_AT_MOST:
            oldest = islice(self._hosts, KEPT_AT_MOST // 8)
            for name in [name for name in oldest if not self._hosts[name].in_flight]:
                del self._hosts[name]
        host = self._hosts[site] = Host(self._limit)
        return host
