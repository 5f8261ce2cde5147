"""What follows a try that failed: a pause and the next one, a way back to the queue, or the end."""

from __future__ import annotations

import time

from downloader.models import DownloadResult, Failure, replace
from downloader.policy import Retry, Timeouts
from downloader.transfer.attempt import Attempt
from downloader.transfer.cancellation import Cancellation
from downloader.wire.errors import Cancelled, TransferError


class RetryRule:
    """Decides by the policy, which is `retry`."""

    def __init__(self, retry: Retry, timeouts: Timeouts, cancellation: Cancellation) -> None:
        self.retry = retry
        self._timeouts = timeouts
        self._cancellation = cancellation

    def after(self, attempt: Attempt, error: TransferError) -> DownloadResult | None:
        """Sleep and return `None` if there shall be another try here, else the item's result.

        If a pause was asked for, or it is the host that wants one, nobody sleeps: the item goes
        back to the queue.
        """
        attempt.progress.reading = False
        if self._cancellation.requested() and error.failure.retryable:
            return attempt.failed(Cancelled().failure)
        wait = self.retry.wait(attempt.tries, error.asked)
        end = self._end(attempt, error, wait)
        if end is not None:
            return attempt.failed(end, unreached=error.unreached)
        assert wait is not None
        if error.is_of_host:
            return attempt.failed(error.failure, again_in=wait, unreached=error.unreached)
        if error.asked is not None:
            return replace(attempt.failed(error.failure, again_in=wait), waits_alone=True)
        return self._pause(attempt, wait)

    def _end(self, attempt: Attempt, error: TransferError, wait: float | None) -> Failure | None:
        """Return the failure if there shall be no other try."""
        failure = error.failure
        if not failure.retryable:
            return failure
        if error.once and attempt.is_doubted:
            # A fault that comes twice stays; a server that is slow today may not be tomorrow.
            is_passing = failure.kind == "timeout"
            return replace(failure, message=_gave_up(attempt, error), retryable=is_passing)
        attempt.is_doubted = attempt.is_doubted or error.once
        if wait is None:
            return replace(failure, message=self._last_words(attempt, error))
        if time.monotonic() + wait >= attempt.until:
            text = f"{_gave_up(attempt, error)}: no time left within {self._timeouts.total:g} s"
            return replace(failure, message=text)
        return None

    def _pause(self, attempt: Attempt, wait: float) -> DownloadResult | None:
        began = time.monotonic()
        try:
            self._cancellation.sleep(wait)
        except Cancelled as error:
            return attempt.failed(error.failure)
        finally:
            attempt.watch.paused += time.monotonic() - began
        return None

    def _last_words(self, attempt: Attempt, error: TransferError) -> str:
        if attempt.tries > self.retry.retries:
            return _gave_up(attempt, error)
        most = self.retry.longest_obeyed
        asked = f"asked to wait {error.asked:g} s, more than the {most:g} s obeyed"
        return f"{error.failure.message}: {asked} (--max-retry-wait)"


def _gave_up(attempt: Attempt, error: TransferError) -> str:
    message, tries = error.failure.message, attempt.tries
    return message if tries == 1 else f"gave up after {tries} tries: {message}"
