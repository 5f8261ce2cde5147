"""Failures of a run, counted by kind and host, in bounded memory however many they are."""

from __future__ import annotations

from collections import Counter

from downloader.models import Outcome

# Hosts that are counted, for each kind of their failures; beyond it the rarer half is forgotten.
COUNTED = 4096


class FailureCounts:
    """How many items failed, by kind and by host.

    `shown` is how many lines of one kind are to be written, `None` for all of them.
    """

    def __init__(self, shown: int | None = None) -> None:
        self._shown = shown
        self.begin()

    def begin(self) -> None:
        """Forget an earlier run."""
        self.total = 0
        self.exact = True
        self._kinds: Counter[str] = Counter()
        self._hosts: Counter[tuple[str, str]] = Counter()

    def note(self, outcome: Outcome) -> bool:
        """Count a failed item; return True if its line is to be written."""
        kind = outcome.error.kind if outcome.error else outcome.status
        self.total += 1
        self._kinds[kind] += 1
        if host := _host(outcome.url or ""):
            self._hosts[kind, host] += 1
        if len(self._hosts) > COUNTED:
            self._forget()
        return self._shown is None or self._kinds[kind] <= self._shown

    def _forget(self) -> None:
        """Keep what is frequent: a host that comes back counts from 1 again."""
        self._hosts = Counter(dict(self._hosts.most_common(COUNTED // 2)))
        self.exact = False

    @property
    def withheld(self) -> dict[str, int]:
        """How many lines were not written, by kind, the most first."""
        if self._shown is None:
            return {}
        return {kind: count - self._shown for kind, count in self.kinds if count > self._shown}

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """How many failures there are of each kind, the most first."""
        return self._kinds.most_common()

    def hosts(self, kind: str) -> list[tuple[str, int]]:
        """Return the hosts of a kind's failures, the most first.

        Unless `exact`, some may be missing, and have had more failures.
        """
        return [(host, count) for (of, host), count in self._hosts.most_common() if of == kind]


def _host(url: str) -> str:
    """Return the host and port that a URL names, however bad it is."""
    _, found, rest = url.partition("://")
    return rest.partition("/")[0].partition("?")[0].rpartition("@")[2].lower() if found else ""
