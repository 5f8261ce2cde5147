"""Any number of failures in little memory: what exceeds a megabyte goes to a temporary file."""

from __future__ import annotations

import pickle
import tempfile
import threading
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from downloader.models import Outcome

# A few thousand failures; beyond that the file system does the keeping.
IN_MEMORY = 1 << 20


class FailureLog(Sequence[Outcome]):
    """The failed outcomes of a run, in the order in which they were added.

    Can be read again and again, also while it grows. The file has no name: it is gone when the
    log is closed, forgotten, or the process ends. Pickling or copying takes all entries along.
    """

    def __init__(self, outcomes: Iterable[Outcome] = ()) -> None:
        # Not a context manager: the log lives as long as the report that holds it.
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        self._offsets = array("Q")
        self._end = 0
        self._lock = threading.Lock()
        self._closing = weakref.finalize(self, self._file.close)
        for outcome in outcomes:
            self.append(outcome)

    def append(self, outcome: Outcome) -> None:
        """Add one outcome; raises `OSError` if the temporary folder is full."""
        data = pickle.dumps(outcome, pickle.HIGHEST_PROTOCOL)
        with self._lock:
            self._file.seek(self._end)
            self._file.write(data)
            self._offsets.append(self._end)
            self._end += len(data)

    def close(self) -> None:
        """Give the file back; the entries are gone. A second time does nothing."""
        self._closing()

    def __len__(self) -> int:
        return len(self._offsets)

    @overload
    def __getitem__(self, index: int) -> Outcome: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Outcome, ...]: ...

    def __getitem__(self, index: int | slice) -> Outcome | tuple[Outcome, ...]:
        if isinstance(index, slice):
            return tuple(self._read(offset) for offset in self._offsets[index])
        return self._read(self._offsets[index])

    def __iter__(self) -> Iterator[Outcome]:
        index = 0
        while index < len(self._offsets):
            yield self._read(self._offsets[index])
            index += 1

    def __repr__(self) -> str:
        return f"<FailureLog of {len(self)}>"

    def __reduce__(self) -> tuple[type[FailureLog], tuple[tuple[Outcome, ...]]]:
        return FailureLog, (tuple(self),)

    def _read(self, offset: int) -> Outcome:
        with self._lock:
            self._file.seek(offset)
            # Read by nobody else: the file has no name and was written by this very object.
            outcome: Outcome = pickle.load(self._file)
        return outcome
