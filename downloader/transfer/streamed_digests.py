"""Digests that are made while a body lands, so that nobody has to read the file again."""

from __future__ import annotations

import time
from collections.abc import Sequence

from downloader.errors import UsageError
from downloader.hashing import ALGORITHMS, Hash
from downloader.models import Digest


class StreamedDigests:
    """Those of one body; `seconds` is what they took so far, `cpu` its processor time.

    They are only there for bytes that all passed through in their order, from the first one on.
    Without `algorithms` there are none; with them, there are also those with which `expected`
    checksums, or else declared ones, can be compared.
    """

    def __init__(self, algorithms: Sequence[str], expected: Sequence[Digest] = ()) -> None:
        self._algorithms = algorithms
        self._expected = expected
        self._hashes: dict[str, Hash] = {}
        self._size = 0
        self.seconds = 0.0
        self.cpu = 0.0

    def drop(self) -> None:
        """Forget what passed through: there are none until another body begins."""
        self._hashes, self._size = {}, 0

    def begin(self, start: int, declared: Sequence[Digest] = ()) -> None:
        """Begin anew with a body whose first byte is that of the file at `start`.

        Of the `declared` digests of the file one is enough.
        """
        self.drop()
        if start or not self._algorithms:
            return
        names = [*self._algorithms, *(each.algorithm for each in self._expected)]
        if declared and not any(each.algorithm in names for each in declared):
            names.append(declared[0].algorithm)
        self._hashes = _hashes(names)

    def update(self, offset: int, data: memoryview) -> None:
        """Take in bytes that were written at `offset`; the global lock is free meanwhile."""
        if offset != self._size:
            self.drop()
        if not self._hashes:
            return
        began, cpu_began = time.monotonic(), time.thread_time()
        for each in self._hashes.values():
            each.update(data)
        self._size += len(data)
        self.cpu += time.thread_time() - cpu_began
        self.seconds += time.monotonic() - began

    def of(self, size: int) -> tuple[Digest, ...]:
        """Return the digests of a file of this size, none if not all of it passed through."""
        if size != self._size:
            return ()
        return tuple(Digest(name, each.hexdigest()) for name, each in self._hashes.items())


def _hashes(names: Sequence[str]) -> dict[str, Hash]:
    """Make one hash a name; what this machine cannot compute is left to who asks for it."""
    made = {}
    for name in names:
        if name not in made:
            try:
                made[name] = ALGORITHMS[name]()
            except (KeyError, ValueError, UsageError):
                continue
    return made
