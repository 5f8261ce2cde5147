"""Every item's outcome is recorded and told once, that of a repeated URL for each of its lines."""

from __future__ import annotations

from collections.abc import Iterable

from downloader.errors import LocalError
from downloader.models import (
    DownloadResult,
    Failure,
    FileStat,
    Finished,
    Outcome,
    Timing,
    UrlItem,
)
from downloader.pipeline.failure_limit import FailureLimit
from downloader.pipeline.stats import RunStats
from downloader.planning import outcomes
from downloader.protocols import Reporter
from downloader.state.journal import Journal

# Lines that may wait for an earlier one with the same URL before reading pauses: a megabyte.
WAITING_AT_MOST = 4096


class OutcomeLog:
    """Records and tells outcomes; for the coordinator's thread.

    What cannot be recorded is told all the same; then `LocalError` is raised. A `limit` watches
    how many fail.
    """

    def __init__(
        self,
        journal: Journal,
        stats: RunStats,
        reporter: Reporter,
        limit: FailureLimit | None = None,
    ) -> None:
        self._journal = journal
        self._stats = stats
        self._reporter = reporter
        self._limit = limit
        self._under_way: dict[str, list[UrlItem]] = {}
        self._waiting = 0

    @property
    def is_full(self) -> bool:
        """Return True if so many lines wait that no further one should be read."""
        return self._waiting >= WAITING_AT_MOST

    def expect(self, key: str) -> None:
        """Have lines with this key wait for `finish`."""
        self._under_way[key] = []

    def repeat(self, item: UrlItem, key: str) -> None:
        """Tell what became of an earlier line, at once or as soon as that is known."""
        if key in self._under_way:
            self._under_way[key].append(item)
            self._waiting += 1
            return
        outcome = None
        try:
            outcome = self._journal.recall(key)
        finally:
            if outcome is None and self._stats.passed_over:  # so was the earlier line
                self._stats.passed_over += 1
            else:
                _raise_first([self._tell_again(item, outcome)])

    def finish(
        self,
        outcome: Outcome,
        key: str | None,
        result: DownloadResult | None = None,
        stat: FileStat | None = None,
    ) -> None:
        """Record an outcome under its key, and tell it to its line and those that wait for it."""
        if key is None:
            _raise_first([self._tell(outcome)])
            return
        unrecorded = None
        try:
            self._journal.record(outcome, result, stat, key)
        except LocalError as error:
            unrecorded = error
        uncounted = self._tell(
            outcome, timing=result.timing if result and result.attempts else None
        )
        waited = self._under_way.pop(key, ())
        self._waiting -= len(waited)
        _raise_first([unrecorded, uncounted, *(self._tell_again(item, outcome) for item in waited)])

    def _tell_again(self, item: UrlItem, outcome: Outcome | None) -> LocalError | None:
        if outcome is None:
            failure = Failure("internal", "the same URL on an earlier line left no record")
            return self._tell(outcomes.refused(item, failure))
        return self._tell(outcomes.again(outcome, item), again=True)

    def _tell(
        self, outcome: Outcome, *, again: bool = False, timing: Timing | None = None
    ) -> LocalError | None:
        """Count and tell an outcome; return why it could not be counted."""
        trouble = None
        try:
            self._stats.finished(outcome, again=again)
        except LocalError as error:
            trouble = error
        self._reporter.tell(Finished(outcome, timing))
        if self._limit:
            self._limit.watch(self._stats.counts)
        return trouble


def _timing(result: DownloadResult | None) -> Timing | None:
    """Return when an item was fetched, `None` if nothing was asked for it."""
    return result.timing if result and result.attempts else None


def _raise_first(troubles: Iterable[LocalError | None]) -> None:
    """Raise what came first, once all are told."""
    for trouble in troubles:
        if trouble:
            raise trouble
