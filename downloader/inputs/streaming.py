"""Lists that are still being written: what has come is taken, what is to come is not waited for."""

from __future__ import annotations

import io
import select
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Generic, TypeVar

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

T = TypeVar("T")


class _Arrivals(io.RawIOBase):
    """Reads from a pipe, terminal or socket; unless it is `patient`, only what has come."""

    def __init__(self, stream: BinaryIO) -> None:
        self.patient = True
        self.is_over = False
        self._stream = stream
        self._poll = select.poll()
        self._poll.register(stream, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        if not self.patient and not self._poll.poll(0):
            return None
        view = memoryview(buffer).cast("B")
        data = self._stream.read1(len(view))  # type: ignore[attr-defined]  # of buffered streams
        self.is_over = not data
        view[: len(data)] = data
        return len(data)


class StreamingReader(io.BufferedReader):
    """A buffered stream of which one can ask whether there is more."""

    def __init__(self, stream: BinaryIO) -> None:
        self._arrivals = _Arrivals(stream)
        super().__init__(self._arrivals)

    def ready(self) -> bool:
        """Return True if the next byte, or the end, has come."""
        self._arrivals.patient = False
        try:
            return bool(self.peek(1)) or self._arrivals.is_over
        finally:
            self._arrivals.patient = True

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
