"""What follows a try that failed: a pause and the next one, a way back to the queue, or the end."""

from __future__ import annotations

import time
from collections.abc import Callable

from downloader.models import DownloadResult, Failure, replace
from downloader.policy import Retry, Timeouts
from downloader.transfer.attempt import Attempt
from downloader.wire.errors import Cancelled, TransferError


class RetryRule:
    """Decides by the policy; `sleep` and `is_over` are the run's."""

    def __init__(
        self,
        retry: Retry,
        timeouts: Timeouts,
        *,
        sleep: Callable[[float], bool],
        is_over: Callable[[], bool],
    ) -> None:
        self._retry = retry
        self._timeouts = timeouts
        self._sleep = sleep
        self._is_over = is_over

    def after(self, item: Attempt, fault: TransferError) -> DownloadResult | None:
        """Sleep and return `None` where there shall be another try here, else the item's result.

        Where it is the host that wants a pause, nobody sleeps: the item goes back to the queue.
        """
        item.track.reading = False
        if self._is_over() and fault.failure.retryable:
            return item.failed(Cancelled().failure)
        wait = self._retry.wait(item.attempts, fault.asked)
        end = self._end(item, fault, wait)
        if end is not None:
            return item.failed(end, unreached=fault.unreached)
        assert wait is not None
        if fault.is_of_host:
            return item.failed(fault.failure, again_in=wait, unreached=fault.unreached)
        return self._pause(item, wait)

    def _end(self, item: Attempt, fault: TransferError, wait: float | None) -> Failure | None:
        """Return the failure where there shall be no other try."""
        failure = fault.failure
        if not failure.retryable:
            return failure
        if fault.once and item.is_doubted:
            return replace(failure, message=_gave_up(item, fault), retryable=False)
        item.is_doubted = item.is_doubted or fault.once
        if wait is None:
            return replace(failure, message=self._last_words(item, fault))
        if time.monotonic() + wait >= item.until:
            text = f"{_gave_up(item, fault)}: no time left within {self._timeouts.total:g} s"
            return replace(failure, message=text)
        return None

    def _pause(self, item: Attempt, wait: float) -> DownloadResult | None:
        began = time.monotonic()
        is_over = self._sleep(wait)
        item.paused += time.monotonic() - began
        return item.failed(Cancelled().failure) if is_over else None

    def _last_words(self, item: Attempt, fault: TransferError) -> str:
        if item.attempts > self._retry.retries:
            return _gave_up(item, fault)
        most = self._retry.longest_obeyed
        asked = f"asked to wait {fault.asked:g} s, more than the {most:g} s obeyed"
        return f"{fault.failure.message}: {asked} (--max-retry-wait)"


def _gave_up(item: Attempt, fault: TransferError) -> str:
    message, tries = fault.failure.message, item.attempts
    return message if tries == 1 else f"gave up after {tries} tries: {message}"
