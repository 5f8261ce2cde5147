"""Every item's outcome is recorded and told once, that of a repeated URL for each of its lines."""

from __future__ import annotations

from collections.abc import Callable

from downloader.errors import LocalError
from downloader.models import DownloadResult, Failure, FileStat, Finished, Outcome, UrlItem
from downloader.pipeline.context import Account, Ledger
from downloader.planning import outcomes
from downloader.protocols import Reporter

# Lines that may wait for an earlier one with the same URL before reading pauses: a megabyte.
WAITING_AT_MOST = 4096


class Telling:
    """Records and tells outcomes; for the one thread that runs the flow.

    An outcome that cannot be recorded is told all the same; `break_off` is given the reason.
    """

    def __init__(
        self,
        ledger: Ledger,
        account: Account,
        reporter: Reporter,
        break_off: Callable[[LocalError], None],
    ) -> None:
        self._ledger = ledger
        self._account = account
        self._reporter = reporter
        self._break_off = break_off
        self._under_way: dict[str, list[UrlItem]] = {}
        self._waiting = 0

    @property
    def is_full(self) -> bool:
        """Say whether so many lines wait that no further one should be read."""
        return self._waiting >= WAITING_AT_MOST

    def expect(self, key: str) -> None:
        """Have lines with this key wait for `finish`."""
        self._under_way[key] = []

    def repeat(self, item: UrlItem, key: str) -> None:
        """Tell what became of an earlier line, at once or as soon as that is known."""
        if key in self._under_way:
            self._under_way[key].append(item)
            self._waiting += 1
        else:
            self._tell_again(item, self._recalled(key))

    def finish(
        self,
        outcome: Outcome,
        key: str | None,
        result: DownloadResult | None = None,
        stamp: FileStat | None = None,
    ) -> None:
        """Record an outcome under its key, and tell it to its line and those that wait for it."""
        if key is None:
            self._tell(outcome)
            return
        try:
            self._ledger.record(outcome, result, stamp, key)
        except LocalError as error:
            self._break_off(error)
        self._tell(outcome)
        waited = self._under_way.pop(key, ())
        self._waiting -= len(waited)
        for item in waited:
            self._tell_again(item, outcome)

    def _recalled(self, key: str) -> Outcome | None:
        try:
            return self._ledger.recall(key)
        except LocalError as error:
            self._break_off(error)
            return None

    def _tell_again(self, item: UrlItem, outcome: Outcome | None) -> None:
        if outcome is None:
            failure = Failure("internal", "the same URL on an earlier line left no record")
            self._tell(outcomes.refused(item, failure))
        else:
            self._tell(outcomes.again(outcome, item), again=True)

    def _tell(self, outcome: Outcome, *, again: bool = False) -> None:
        try:
            self._account.finished(outcome, again=again)
        except LocalError as error:
            self._break_off(error)
        self._reporter.tell(Finished(outcome))
