"""Records on standard output: one as soon as each item is done, in the format that was chosen."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from downloader.errors import UsageError
from downloader.formats import FORMATS, Format, Shape, Write
from downloader.models import Advanced, Began, Ended, Event, Finished
from downloader.registry import load, look_up

# A record is written at once unless another was written just before: at most 1000 system calls
# (and wake-ups of the reader) a second, while nobody has to wait for a record.
INTERVAL = 0.001
# Bytes that are held at most.
BUFFERED = 1 << 16


class Lines:
    """Writes a record for each item to the descriptor `fd`, past every buffer of Python's.

    `format` is a row of `formats`; failed items appear in json and csv only. With `null` records
    end in NUL. On a terminal that also shows bars, `around` is `Bars.cleared` and `interval` the
    0.1 s of their drawing. A descriptor that is lost is `lost`, with the reason, and nothing more
    is written: the run goes on. Raises `UsageError` for what cannot be used.
    """

    def __init__(
        self,
        fd: int,
        format: str = "sums",
        null: bool = False,
        algorithms: Sequence[str] = ("sha256",),
        *,
        formats: Mapping[str, Format] = FORMATS,
        interval: float = INTERVAL,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        chosen = _chosen(look_up(formats, format, "format"), format, null)
        shape = Shape(tuple(dict.fromkeys(algorithms)), "\0" if null else "\n")
        self._write: Write = load(chosen.writer)(shape)
        self._header: bytes = load(chosen.header)(shape)
        self._fd, self._interval, self._around, self._clock = fd, interval, around, clock
        self._buffer = bytearray()
        self._written = float("-inf")
        self.lost: OSError | None = None

    def tell(self, event: Event) -> None:
        """Write what the event brings."""
        if self.lost is not None:
            return
        match event:
            case Finished(outcome):
                self._buffer += self._write(outcome)
                if self._clock() - self._written >= self._interval or len(self._buffer) >= BUFFERED:
                    self._flush()
            case Began():
                self._buffer += self._header
                self._flush()
            case Advanced() | Ended():
                self._flush()

    def _flush(self) -> None:
        if not self._buffer:
            return
        buffered, self._buffer = bytes(self._buffer), bytearray()
        try:
            with self._around():
                write_all(self._fd, buffered)
        except OSError as error:
            self.lost = error
        self._written = self._clock()


def _chosen(chosen: Format, format: str, null: bool) -> Format:
    if null and not chosen.ends_in_null:
        own = f"--format {format} has line ends of its own"
        raise UsageError(f"--null: {own}; use paths or sums")
    return chosen


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, waiting if a descriptor set to non-blocking is full."""
    writable = select.poll()
    writable.register(fd, select.POLLOUT)
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            writable.poll()
