"""A reply's body: its bytes to the part as they come, or let go."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from downloader.checksums import compare
from downloader.checksums.web_page import Judge
from downloader.models import ResumePoint
from downloader.transfer import codings, pages
from downloader.transfer.attempt import Attempt
from downloader.transfer.cancellation import Cancellation
from downloader.transfer.throttle import Throttle
from downloader.wire.deadlines import NEVER
from downloader.wire.errors import Cancelled, TransferError
from downloader.wire.framing import Framing
from downloader.wire.reply import Reply

# A body that is not wanted is read if that is cheaper than another connection.
_DRAINED = 64 * 1024  # bytes
_PATIENCE = 2.0  # seconds


class Receiver:
    """Brings bodies into their parts, with what bounds them all.

    `most` is the bytes that one file may have; `allow_html` takes web pages under any name;
    `compressed` takes off the codings in which bodies are sent.
    """

    def __init__(
        self,
        cancellation: Cancellation,
        throttle: Throttle,
        most: float,
        *,
        allow_html: bool = False,
        compressed: bool = False,
    ) -> None:
        self._cancellation = cancellation
        self._throttle = throttle
        self._most = most
        self._allow_html = allow_html
        self._compressed = compressed

    def prepare(self, attempt: Attempt, reply: Reply) -> ResumePoint | None:
        """Make the part ready for a reply's body, and tell where its bytes go.

        Returns what proves that the part may be continued, should this process be killed. Raises
        `TransferError` if the file is too large.
        """
        if self._compressed:
            attempt.decode(codings.to_take_off(attempt.answer.coding))
        length = None if attempt.coding else reply.framing.length
        start, total = attempt.resume.extent(reply)
        total = None if attempt.coding else total
        if total is not None and total > self._most:
            text = f"the reply declares {total} bytes, more than {self._most:.0f}"
            raise TransferError("too-large", text)
        if total is not None:
            _check_size(attempt, total)
        attempt.progress.size = total
        proof = attempt.resume.begin(reply)
        attempt.part.check_room(length or 0)
        attempt.continue_at(start, attempt.resume.asked if start else None)
        return proof

    def receive(self, attempt: Attempt, reply: Reply) -> int:
        """Write a whole body, as it was sent or without its coding; return the size of its file.

        Raises `TransferError` if it ends early, falls silent, is broken or too large, or a web
        page in place of a file, `Cancelled` once the run is over.
        """
        progress = attempt.progress
        start, total = progress.done, progress.size
        try:
            self._write_all(attempt, reply, self._most if not start or total is None else total)
        finally:
            attempt.resume.hold(progress.done)
        size = progress.done
        if start and size != total:
            text = f"short body: {size} of {total} bytes"
            raise TransferError("incomplete", text, retryable=True)
        may_be_cut = reply.framing.ends_with_connection  # another try tells
        if may_be_cut or attempt.coding:
            _check_size(attempt, size, retryable=may_be_cut)
        return size

    def judge(self, attempt: Attempt) -> Judge:
        """Return what looks for a page in the bytes to come (see `pages`)."""
        return pages.judge(attempt, allow_html=self._allow_html)

    def _write_all(self, attempt: Attempt, reply: Reply, most: float) -> None:
        progress, judge = attempt.progress, self.judge(attempt)
        listed = _listed_size(attempt, NEVER)
        for data in self._decoded(attempt, reply) if attempt.coding else self._sent(attempt, reply):
            if progress.done + len(data) > most:
                raise TransferError("too-large", f"the body has more than {most:.0f} bytes")
            pages.refuse(not judge.is_done and judge.finds_page(data), attempt)
            if progress.done + len(data) > listed:
                raise TransferError("checksum", compare.wrong_size(int(listed), "more"))
            attempt.write(data)
        pages.refuse(judge.finds_page_at_last(), attempt)
        if reply.framing.ends_with_connection:  # its end may be the one that breaking off made
            self._cancellation.check()

    def _sent(self, attempt: Attempt, reply: Reply) -> Iterator[memoryview]:
        """Yield a body as it is sent; each piece is valid until the next one, and written by then.

        A piece is paid for once it is written.
        """
        body, progress, length = reply.body(), attempt.progress, reply.framing.length
        end = None if length is None else progress.done + length
        while (data := self._next(body, (progress.done, end), reply)) is not None:
            yield data
            self._throttle.take(len(data), attempt.until)
            if progress.done != end:
                self._cancellation.check()

    def _decoded(self, attempt: Attempt, reply: Reply) -> Iterator[memoryview]:
        """Yield a body without its coding, in blocks, however many a piece of it comes to."""
        body, received = reply.body(), 0
        decoding = codings.decoding(attempt.coding, attempt.job.path)
        while (data := self._next(body, (received, reply.framing.length), reply)) is not None:
            received += len(data)
            self._throttle.take(len(data), attempt.until)
            for block in decoding.blocks(bytes(data)):
                self._cancellation.check()
                attempt.check_time()
                yield block
        if rest := decoding.end():
            yield memoryview(rest)

    def _next(
        self, body: Iterator[memoryview], extent: tuple[int, int | None], reply: Reply
    ) -> memoryview | None:
        try:
            return next(body, None)
        except Exception as error:
            if self._cancellation.requested():
                raise Cancelled from error
            described = _described(error, extent, reply)
            if described is None:
                raise
            raise described from error


def _check_size(attempt: Attempt, found: int, *, retryable: bool = False) -> None:
    """Raise `TransferError` if a file has not the size that the list gives it."""
    listed = _listed_size(attempt, found)
    if listed != found:
        text = compare.wrong_size(int(listed), found)
        raise TransferError("checksum", text, retryable=retryable, once=retryable)


def _listed_size(attempt: Attempt, otherwise: float) -> float:
    """Return the size that the list gives the file, if the bytes that come are those of the file.

    What is sent in a coding may be anything but the size of what it stands for.
    """
    listed = attempt.job.item.size
    return otherwise if listed is None or attempt.answer.coding else listed


def dismiss(reply: Reply) -> None:
    """Let a reply's body go: a tiny one is read so that the connection stays, others are cut."""
    with contextlib.suppress(Exception):  # then it is closed below
        length = reply.framing.length
        if length is not None and length <= _DRAINED:
            reply.hurry(_PATIENCE)
            for _ in reply.body():
                pass
    reply.close()  # which spares a connection whose body is at its end


def _described(
    error: Exception, extent: tuple[int, int | None], reply: Reply
) -> TransferError | None:
    done, end = extent
    so_far = f"{done} bytes" if end is None else f"{done} of {end} bytes"
    match error:
        case TimeoutError():
            text = f"no data for {reply.silence:g} s after {so_far}"
            return TransferError("timeout", text, retryable=True)
        case ConnectionError():
            text = f"connection reset after {so_far}"
            return TransferError("incomplete", text, retryable=True)
        case EOFError():
            return TransferError("incomplete", _early_end(so_far, reply.framing), retryable=True)
    return None


def _early_end(so_far: str, ending: Framing) -> str:
    if ending.is_chunked:
        return f"connection closed inside a chunked body after {so_far}"
    if ending.length is not None:
        return f"short body: {so_far}"
    return f"TLS ended without notice after {so_far}: the body may have been cut"
