"""One item's life over HTTP: try, follow, receive, finish; wait and try again; give up."""

from __future__ import annotations

import time
from collections.abc import Callable

from downloader.errors import LocalError
from downloader.models import DownloadResult, Failure, Job, ResumePoint, replace
from downloader.transfer.attempt import Attempt
from downloader.transfer.cancellation import Cancellation
from downloader.transfer.causes import is_out_of_files
from downloader.transfer.errors import classify
from downloader.transfer.receive import Receiver
from downloader.transfer.replies import check
from downloader.transfer.requester import Requester
from downloader.transfer.retry import RetryRule
from downloader.wire.connections import Connections
from downloader.wire.deadlines import out_of_time
from downloader.wire.errors import Cancelled, TransferError
from downloader.wire.reply import Reply

# Why a connection did not open, if that may be the host's fault.
_UNREACHED = frozenset({"connect", "dns", "timeout"})


class Tries:
    """Runs attempts, many at once on as many threads.

    `note` is called with what proves that a job's part may be continued.
    """

    def __init__(
        self,
        connections: Connections,
        cancellation: Cancellation,
        *,
        requester: Requester,
        receiver: Receiver,
        rule: RetryRule,
    ) -> None:
        self._connections = connections
        self._cancellation = cancellation
        self._requester = requester
        self._receiver = receiver
        self._rule = rule
        self.note: Callable[[Job, ResumePoint], None] = lambda job, proof: None

    def run(self, attempt: Attempt) -> DownloadResult:
        """Return what becomes of an attempt. Raises `LocalError` if the run must stop."""
        result = None
        try:
            result = self._until_done(attempt)
        finally:
            kept = self._end(attempt, result)
        return replace(result, resume=kept) if kept else result

    def _end(self, attempt: Attempt, result: DownloadResult | None) -> ResumePoint | None:
        """Let go of what the attempt has; return the proof of the part that is kept for another."""
        attempt.leave()
        if result is not None and result.failure is None:
            return None
        is_last = result is not None and result.again_in is None
        for_later = is_last and not self._cancellation.requested()
        kept = attempt.resume.keep(for_later=for_later)
        if kept is not None and for_later:
            self.note(attempt.job, kept)
        return kept

    def _until_done(self, attempt: Attempt) -> DownloadResult:
        while True:
            try:
                return self._try(attempt)
            except LocalError:
                raise
            except TransferError as error:
                failed = error
            except Exception as error:  # the libraries' own trees leak (see classify)
                failed = self._described(attempt, error)
            attempt.watch.connecting = self._connections.state.connecting
            attempt.resume.doubt(failed.failure.kind)
            result = self._rule.after(attempt, failed)
            if result is not None:
                return result

    def _try(self, attempt: Attempt) -> DownloadResult:
        state = self._connections.state
        state.connecting, state.until = 0.0, attempt.until
        self._cancellation.check()
        attempt.begin_try()
        reply = self._requester.reply(attempt)
        try:
            attempt.note_answer(reply, connecting=state.connecting)
            return self._received(attempt, reply)
        except BaseException:
            reply.close()
            raise

    def _received(self, attempt: Attempt, reply: Reply) -> DownloadResult:
        known, asked = attempt.job.known, attempt.resume.asked
        if known is not None and attempt.resume.is_unchanged(reply):
            reply.close()
            return attempt.unchanged(known)
        if asked is not None and reply.status == 416:  # there is nothing after what is held
            reply.close()
            attempt.continue_at(asked.offset, asked)
            self._receiver.judge(attempt)
            return attempt.stored(asked.offset)
        if asked is None or reply.status != 206:
            check(attempt, reply, self._rule.retry)
        proof = self._receiver.prepare(attempt, reply)
        if proof is not None:
            self.note(attempt.job, proof)
        return attempt.stored(self._receiver.receive(attempt, reply))

    def _described(self, attempt: Attempt, error: Exception) -> TransferError:
        """Return in words what the libraries raised."""
        if self._cancellation.requested():
            return Cancelled()
        if time.monotonic() >= attempt.until:
            return out_of_time(attempt.timeouts)
        failure = classify(error, self._connections.state)
        if is_out_of_files(error):
            self._connections.kept.drop()
        elif self._is_of_host(attempt, failure):
            return TransferError(
                failure.kind,
                failure.message,
                retryable=failure.retryable,
                is_of_host=True,
                unreached=failure.message,
            )
        return TransferError(failure.kind, failure.message, retryable=failure.retryable)

    def _is_of_host(self, attempt: Attempt, failure: Failure) -> bool:
        """Return True if the listed host took no connection."""
        is_listed = attempt.asked == attempt.listed.origin
        return is_listed and self._connections.state.opening and failure.kind in _UNREACHED
