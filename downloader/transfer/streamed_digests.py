"""Digests that are made while a body lands, so that nobody has to read the file again."""

from __future__ import annotations

import time
from collections.abc import Sequence

from downloader.hashing import ALGORITHMS, Hash
from downloader.models import Digest


class StreamedDigests:
    """Those of one body; `seconds` is what they took so far, `cpu` its processor time.

    They are only there for bytes that all passed through in their order, from the first one on.
    """

    def __init__(self, algorithms: Sequence[str]) -> None:
        self._algorithms = algorithms
        self._hashes: list[Hash] = []
        self._size = 0
        self.seconds = 0.0
        self.cpu = 0.0

    def drop(self) -> None:
        """Forget what passed through: there are none until another body begins."""
        self._hashes, self._size = [], 0

    def begin(self, start: int) -> None:
        """Begin anew with a body whose first byte is that of the file at `start`."""
        self.drop()
        if not start:
            self._hashes = [ALGORITHMS[name]() for name in self._algorithms]

    def update(self, offset: int, data: memoryview) -> None:
        """Take in bytes that were written at `offset`; the global lock is free meanwhile."""
        if offset != self._size:
            self.drop()
        if not self._hashes:
            return
        began, cpu_began = time.monotonic(), time.thread_time()
        for each in self._hashes:
            each.update(data)
        self._size += len(data)
        self.cpu += time.thread_time() - cpu_began
        self.seconds += time.monotonic() - began

    def of(self, size: int) -> tuple[Digest, ...]:
        """Return the digests of a file of this size, none if not all of it passed through."""
        if size != self._size:
            return ()
        made = zip(self._algorithms, self._hashes, strict=False)
        return tuple(Digest(name, each.hexdigest()) for name, each in made)
