"""When failures end a run: at the first one, or once too large a share of its items has failed."""

from __future__ import annotations

from downloader.models import Counts
from downloader.shared.stop import Stop
from downloader.text import plural

# Finished items before their share counts: of a few, one bad one is a large share.
ENOUGH = 20


class FailureLimit:
    """Asks a run to end as a signal does, and says why in `reached`; empty until then.

    `fast` is for the first failure; `share` is how many of 100 finished items may fail.
    """

    def __init__(self, stop: Stop, *, fast: bool = False, share: float | None = None) -> None:
        self._stop = stop
        self._fast = fast
        self._share = share
        self.reached = ""

    def watch(self, counts: Counts) -> None:
        """Take note of how many items have ended in which way."""
        if self._stop.requested():
            return
        self.reached = self._reason(counts)
        if self.reached:
            self._stop.request()

    def _reason(self, counts: Counts) -> str:
        """Return which option allows no more failures, and how many there are."""
        failed, total = counts.failed, counts.total
        if self._fast and failed:
            return f"--fail-fast: {plural('item', failed)} failed"
        if self._share is None or total < ENOUGH or 100 * failed <= self._share * total:
            return ""
        return f"--fail-over {self._share:g}: {failed} of {total} finished items failed"
