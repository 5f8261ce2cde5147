"""Records on standard output: one as soon as each item is done, in the format that was chosen."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from downloader.errors import UsageError
from downloader.formats.records import bsd_line, csv_header, csv_row, gnu_line, json_text, record
from downloader.models import Advanced, Began, Ended, Event, Finished, Outcome
from downloader.registry import look_up

# A record is written at once unless another was written just before: at most 1000 system calls
# (and wake-ups of the reader) a second, while nobody has to wait for a record.
INTERVAL = 0.001
# Bytes that are held at most.
HELD = 1 << 16


@dataclass(frozen=True, slots=True)
class Shape:
    """What all records of a run have in common: the algorithms asked for, and the line's end."""

    algorithms: tuple[str, ...]
    end: str = "\n"


@dataclass(frozen=True, slots=True)
class Format:
    """A row of the table: an item's record, what goes before the first one, if NUL may end it."""

    write: Callable[[Outcome, Shape], bytes]
    header: Callable[[Shape], bytes] = lambda shape: b""
    ends_in_null: bool = False


def _sums(outcome: Outcome, shape: Shape) -> bytes:
    if outcome.status == "failed" or outcome.path is None:
        return b""
    found = {digest.algorithm: digest for digest in outcome.digests}
    digests = [found[name] for name in shape.algorithms if name in found]
    if len(shape.algorithms) == 1:
        return b"".join(gnu_line(d.hexdigest, outcome.path, shape.end) for d in digests)
    return b"".join(bsd_line(digest, outcome.path, shape.end) for digest in digests)


def _json(outcome: Outcome, _: Shape) -> bytes:
    return json_text(record(outcome)).encode("ascii") + b"\n"


def _csv(outcome: Outcome, shape: Shape) -> bytes:
    return csv_row(outcome, shape.algorithms)


def _paths(outcome: Outcome, shape: Shape) -> bytes:
    if outcome.status == "failed" or outcome.path is None:
        return b""
    return os.fsencode(outcome.path + shape.end)


def _none(_: Outcome, __: Shape) -> bytes:
    return b""


FORMATS: Mapping[str, Format] = {
    "sums": Format(_sums, ends_in_null=True),
    "json": Format(_json),
    "csv": Format(_csv, header=lambda shape: csv_header(shape.algorithms)),
    "paths": Format(_paths, ends_in_null=True),
    "none": Format(_none, ends_in_null=True),
}


class Lines:
    """Writes a record for each item to the descriptor `fd`, past every buffer of Python's.

    `format` is a row of `FORMATS`; failed items appear in json and csv only. With `null` records
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
        interval: float = INTERVAL,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._format = look_up(FORMATS, format, "format")
        if null and not self._format.ends_in_null:
            raise UsageError(
                f"--null: --format {format} has line ends of its own; use paths or sums"
            )
        self._shape = Shape(tuple(dict.fromkeys(algorithms)), "\0" if null else "\n")
        self._fd, self._interval, self._around, self._clock = fd, interval, around, clock
        self._held = bytearray()
        self._written = float("-inf")
        self.lost: OSError | None = None

    def tell(self, event: Event) -> None:
        """Write what the event brings."""
        if self.lost is not None:
            return
        match event:
            case Began():
                self._held += self._format.header(self._shape)
                self._flush()
            case Finished(outcome):
                self._held += self._format.write(outcome, self._shape)
                self._flush_if_due()
            case Advanced() | Ended():
                self._flush()

    def _flush_if_due(self) -> None:
        if self._clock() - self._written >= self._interval or len(self._held) >= HELD:
            self._flush()

    def _flush(self) -> None:
        if not self._held:
            return
        held, self._held = bytes(self._held), bytearray()
        try:
            with self._around():
                write_all(self._fd, held)
        except OSError as error:
            self.lost = error
        self._written = self._clock()


def write_all(fd: int, data: bytes) -> None:
    """Write every byte, waiting where a descriptor set to non-blocking is full."""
    writable = select.poll()
    writable.register(fd, select.POLLOUT)
    rest = memoryview(data)
    while rest:
        try:
            rest = rest[os.write(fd, rest) :]
        except BlockingIOError:
            writable.poll()
