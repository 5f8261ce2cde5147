"""Lists that are still being written: what has come is taken, what is to come is not waited for.

Bytes go through stages: where they come from, then what unpacks or recodes them. Each of them
gives what has come, and waits for more only if it is asked to be patient.
"""

from __future__ import annotations

import io
import select
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")

BLOCK = 64 * 1024  # bytes that are asked for at once, and most that are looked at ahead


class Stage(io.RawIOBase):
    """A raw stream whose start can be looked at; `is_over` once all of it has been given.

    `skipped` counts bytes that were left out.
    """

    def __init__(self, source: Stage | None = None) -> None:
        self.is_over = False
        self.skipped = 0
        self._source = source
        self._patient = True
        self._ahead = b""
        self._has_ended = False

    @property
    def patient(self) -> bool:
        """Whether it waits for what has not come."""
        return self._patient

    @patient.setter
    def patient(self, patient: bool) -> None:
        self._patient = patient
        if self._source is not None:
            self._source.patient = patient

    def readable(self) -> bool:
        """Return True, as `io.RawIOBase` asks."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Do what `io.RawIOBase` asks: `None` is nothing yet."""
        view = memoryview(buffer).cast("B")
        data = self.take()
        if data is None:
            return None
        size = min(len(data), len(view))
        view[:size] = data[:size]
        self._ahead = data[size:]
        return size

    def take(self) -> bytes | None:
        """Return the next bytes, `None` if they have not come, nothing at the end."""
        data: bytes | None = self._ahead
        self._ahead = b""
        if not data:
            data = b"" if self._has_ended else self.more()
            self.is_over = self._has_ended = data == b""
        return data

    def head(self, is_enough: Callable[[bytes], bool]) -> bytes:
        """Wait until what comes next is enough, as far as there is more; it stays to be read."""
        while not is_enough(self._ahead) and len(self._ahead) < BLOCK:
            data = self.more()
            if not data:
                self._has_ended = True  # a terminal's user need not say so twice
                break
            self._ahead += data
        return self._ahead

    def skip(self, count: int) -> None:
        """Leave out bytes that `head` has shown."""
        self._ahead = self._ahead[count:]
        self.skipped += count

    def more(self) -> bytes | None:
        """Return bytes that nobody has seen, as `take` does."""
        raise NotImplementedError


class Standing(Stage):
    """Reads from a file, or what is in memory: there is nothing to wait for."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def more(self) -> bytes:
        """Return the next block."""
        return self._stream.read(BLOCK)


class Arriving(Stage):
    """Reads from a pipe, terminal or socket; unless it is `patient`, only what has come."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._poll = select.poll()
        self._poll.register(stream, select.POLLIN)

    def more(self) -> bytes | None:
        """Return what has come."""
        if not self.patient and not self._poll.poll(0):
            return None
        data: bytes = self._stream.read1(BLOCK)  # type: ignore[attr-defined]  # of buffered streams
        return data


class StreamingReader(io.BufferedReader):
    """A buffered stream of which one can ask whether there is more."""

    def __init__(self, stream: BinaryIO | Stage) -> None:
        self._stage = stream if isinstance(stream, Stage) else Arriving(stream)
        super().__init__(self._stage, BLOCK)

    def ready(self) -> bool:
        """Return True if the next byte, or the end, has come."""
        self._stage.patient = False
        try:
            return bool(self.peek(1)) or self._stage.is_over
        finally:
            self._stage.patient = True

    def wait(self) -> None:
        """Wait for the next byte or the end."""
        self.peek(1)


class Awaited(Iterator[T], Generic[T]):
    """Items as they come: `next` waits for one, `ready` says whether that is needed.

    It is made from an iterator that yields the stream in place of an item that is still to come.
    """

    def __init__(self, items: Iterator[T | StreamingReader]) -> None:
        self._items = items
        self._buffered: list[T] = []

    def __next__(self) -> T:
        if self._buffered:
            return self._buffered.pop()
        for item in self._items:
            if not isinstance(item, StreamingReader):
                return item
            item.wait()
        raise StopIteration

    def ready(self) -> bool:
        """Return True if the next item, or the end, is there; raise what reading it raises."""
        if self._buffered:
            return True
        for item in self._items:
            if isinstance(item, StreamingReader):
                return False
            self._buffered.append(item)
            return True
        return True


def can_arrive(stream: BinaryIO) -> bool:
    """Return True if it can be asked for more: what is only in memory cannot."""
    try:
        return stream.fileno() >= 0 and hasattr(stream, "read1")
    except (OSError, ValueError):
        return False
