"""The run of `dl verify`: every file is looked at first, and hashed if it may be right.

So what is missing, or has a wrong size, is told within seconds, however much there is to hash.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import compress
from typing import IO, NamedTuple, Protocol

from downloader.errors import DiskFailed
from downloader.models import Advanced, Expected, Failure, Outcome, PathItem
from downloader.pipeline.extra_files import Searched
from downloader.pipeline.hash_run import BEAT, HashRun
from downloader.pipeline.repair_plan import NOWHERE, Origins
from downloader.planning import outcomes
from downloader.protocols import Reporter
from downloader.shared.stop import Stop
from downloader.text import plural

# Bytes of marks, one a file, that are held in memory.
IN_MEMORY = 1 << 20


class Expectations(Protocol):
    """What files must have; can be read again and again."""

    def __len__(self) -> int:
        """Return how many files there are."""
        ...

    def __iter__(self) -> Iterator[Expected]:
        """Yield what each must have, in the same order at any time."""
        ...


class Verifying(NamedTuple):
    """The files of a run; `notices` say what of lists could not be understood.

    In the folders that are `searched` nothing is expected but these files. `origins` know where
    they came from.
    """

    expected: Expectations
    notices: Sequence[str] = ()
    searched: Searched = Searched()
    origins: Origins = NOWHERE


class Files(Protocol):
    """Says what stands at a path."""

    def look(self, path: str, root: str | None) -> int | Failure | None:
        """Return a file's size, why what is there is none, or `None` if nothing is there."""
        ...


class VerifyRun:
    """Checks files against what they must have; each is told once, those to be hashed in order."""

    def __init__(
        self,
        hashes: HashRun,
        files: Files,
        reporter: Reporter,
        tell: Callable[[Outcome], None],
        stop: Stop,
    ) -> None:
        self._hashes = hashes
        self._files = files
        self._reporter = reporter
        self._tell = tell
        self._stop = stop
        self._beat_at = 0.0

    def run(self, expected: Expectations) -> None:
        """Check all files, which are read twice; returns early when a stop is requested."""
        with tempfile.SpooledTemporaryFile(IN_MEMORY) as marks:
            with _spooled():
                self._look_at_all(expected, marks)
                marks.seek(0)
            self._hashes.run(map(self._item, compress(expected, _bytes(marks))))

    def _look_at_all(self, expected: Expectations, marks: IO[bytes]) -> None:
        for each in expected:
            if self._stop.requested():
                return
            marks.write(b"\1" if self._may_be_right(each) else b"\0")
            self._beat()

    def _may_be_right(self, expected: Expected) -> bool:
        """Return True if only its digest can tell whether a file is right; else tell of it."""
        found = self._files.look(expected.path, expected.root)
        why = _wrong(expected, found) if isinstance(found, int) else None
        if isinstance(found, int) and why is None:
            return True
        failure = found if isinstance(found, Failure) else why and Failure("checksum", why)
        self._tell(outcomes.amiss(expected, failure or None))
        return False

    def _item(self, expected: Expected) -> PathItem:
        size = expected.size
        if size is None:
            found = self._files.look(expected.path, expected.root)
            size = found if isinstance(found, int) else 0
        return PathItem(expected.path, size, expected.line, expected.source, expected.digests)

    def _beat(self) -> None:
        now = time.monotonic()
        if now - self._beat_at >= BEAT:
            self._beat_at = now
            self._reporter.tell(Advanced(0, 0, 0))


def _wrong(expected: Expected, found: int) -> str | None:
    """Say why a file of a size is not right, `None` if its digest tells whether it is."""
    if expected.size is not None and expected.size != found:
        return f"expected {plural('byte', expected.size)}, it has {found}"
    return expected.fault or None


@contextmanager
def _spooled() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskFailed(f"the temporary folder (TMPDIR): {error.strerror}") from error


def _bytes(marks: IO[bytes]) -> Iterator[int]:
    while block := marks.read(IN_MEMORY):
        yield from block
