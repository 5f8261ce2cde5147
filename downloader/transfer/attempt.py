"""All that is known of one item while it is fetched, and the result that is made of it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from downloader.checksums import compare
from downloader.models import DownloadResult, Failure, Job, ResumePoint, StoredFile, replace
from downloader.policy import Timeouts
from downloader.protocols import Storage
from downloader.shared.load import LoadMeter
from downloader.transfer.answer import NO_ANSWER, Answer, answer
from downloader.transfer.cookies import Cookies
from downloader.transfer.partial_file import PartialFile
from downloader.transfer.resume import ResumeState
from downloader.transfer.stopwatch import Stopwatch
from downloader.transfer.streamed_digests import StreamedDigests
from downloader.transfer.target import Origin, Target, target
from downloader.wire.begun import BegunExchange
from downloader.wire.deadlines import NEVER, out_of_time
from downloader.wire.reply import Reply


class Attempt:
    """One job's life through all its tries, written by the one thread that fetches it.

    `listed` is what the list asks for, `asked` who is asked at present, `answering` who answered;
    `has_login` says that it was asked with a login.
    `until` is when (by `time.monotonic()`) its time is up. `is_due` says that its next request need
    not wait for the host's time, `is_doubted` that it had a fault that may come once. `begun` is
    its first request, if that was sent elsewhere, until its reply is read; `cookies` are those
    of its earlier tries; `coding` is what is taken off the body that comes, "" for nothing.
    """

    def __init__(
        self,
        job: Job,
        storage: Storage,
        meter: LoadMeter,
        *,
        timeouts: Timeouts,
        algorithms: Sequence[str] = (),
        begun: BegunExchange | None = None,
        cookies: Cookies | None = None,
    ) -> None:
        self.job = job
        self.cookies = cookies or Cookies()
        self.listed: Target = target(job.url)
        self.asked: Origin = self.listed.origin
        self.answering: Target = self.listed
        self.has_login = False
        self.timeouts = timeouts
        self._meter = meter
        self.progress = meter.enter(job.path, self.listed.origin.authority)
        if begun is not None:
            self.progress.began = begun.sent_at
        self.watch = Stopwatch(meter, self.progress.began, job.earlier)
        self.until = NEVER if timeouts.total is None else self.watch.began + timeouts.total
        self.part = PartialFile(storage, job.path)
        self.resume = ResumeState(job, self.part)
        self.digests = StreamedDigests(algorithms, job.item.checksums)
        self.tries = job.attempts
        self.is_due = True
        self.is_doubted = False
        self.begun = begun
        self.answer: Answer = NO_ANSWER
        self.resumed_from = 0
        self.coding = ""

    def begin_try(self) -> None:
        """Begin another try: what the last one found counts no more."""
        self.tries += 1
        self.progress.done, self.progress.size, self.progress.reading = 0, None, False
        self.answer, self.coding = NO_ANSWER, ""
        self.digests.drop()
        self.watch.request(self.begun.sent_at if self.begun else None)

    def take_begun(self) -> BegunExchange | None:
        """Return the exchange that was begun elsewhere, once."""
        begun, self.begun = self.begun, None
        return begun

    def leave(self) -> None:
        """Be under way no longer."""
        self._meter.leave(self.progress)
        begun = self.take_begun()
        if begun is not None:
            begun.connection.close()

    def note_answer(self, reply: Reply, *, connecting: float) -> None:
        """Note that the reply's head is complete, and the seconds that connections took to open."""
        self.watch.answer()
        self.watch.connecting = connecting
        self.progress.reading = True
        self.answer = answer(self.answering.shown, reply)

    def decode(self, coding: str) -> None:
        """Note the coding that is taken off the body: what is stored has none but by its name."""
        self.coding = coding
        if coding and not compare.is_of_name(coding, self.job.path):
            self.answer = self.answer._replace(coding="")

    def check_time(self) -> None:
        """Raise `TransferError` when the item's time is up."""
        if time.monotonic() >= self.until:
            raise out_of_time(self.timeouts)

    def continue_at(self, start: int, known: ResumePoint | StoredFile | None) -> None:
        """Note where the body's bytes go; what the reply does not say again stays as `known`."""
        self.progress.done = self.resumed_from = start
        self.digests.begin(start, self.answer.declared.digests)
        if known:
            self.answer = self.answer.completed(known)

    def write(self, data: memoryview) -> None:
        """Put the body's next bytes in the part. Raises as `PartialFile.write`."""
        offset = self.progress.done
        self.part.write(offset, data)
        self.digests.update(offset, data)
        self.progress.advance(len(data))

    def stored(self, size: int) -> DownloadResult:
        """Close the part, which holds all bytes, and return the item's result."""
        part = self.part.finish()
        self.watch.end()
        return self._result(part, size)

    def unchanged(self, known: StoredFile) -> DownloadResult:
        """Return the result of an item whose file is still the server's."""
        self.part.drop()
        self.continue_at(0, known)
        self.watch.end()
        return replace(self._result(size=known.size), unchanged=True)

    def failed(
        self, failure: Failure, *, again_in: float | None = None, unreached: str = ""
    ) -> DownloadResult:
        """Return the result of an item that failed, or is to be tried again after a while."""
        self.watch.fail()
        return replace(self._result(), failure=failure, again_in=again_in, unreached=unreached)

    def _result(self, part: str = "", size: int = 0) -> DownloadResult:
        found, digests = self.answer, self.digests
        return DownloadResult(
            self.job,
            part=part,
            size=size,
            final_url=found.final_url,
            http_status=found.status,
            attempts=self.tries,
            resumed_from=self.resumed_from,
            etag=found.etag,
            last_modified=found.last_modified,
            timing=self.watch.timing(self.progress.rank),
            declared=found.declared.digests,
            declared_in=found.declared.field,
            coding=found.coding,
            served=found.served,
            digests=digests.of(size) if part else (),
            hash_seconds=digests.seconds,
            hash_cpu=digests.cpu,
        )
