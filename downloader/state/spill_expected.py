"""What files must have, gathered from any number of entries, in memory while it is small."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import starmap

from downloader.models import Digest, Expected
from downloader.state.spill import WHERE, SpillDict
from downloader.state.spill_digests import SpillDigests
from downloader.state.sqlite import disk_errors

IN_MEMORY = 1 << 20  # bytes of paths, beyond which they go to a temporary file
NOTHING_KNOWN = "no checksum of it is known: it was not checked"


class SpillExpected:
    """One `Expected` a path, in the order of adding, with all digests that were added for it.

    Nothing outlives it. Raises `errors.DiskFailed` if the temporary folder is full.
    """

    def __init__(self) -> None:
        with ExitStack() as stack:
            self._more = stack.enter_context(closing(SpillDigests()))
            self._known = stack.enter_context(closing(SpillDict()))
            self._rows = stack.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))
            self._closing = stack.pop_all()
        self._count = 0
        self._has_more = False  # of paths that were added before
        self.digests = 0

    def __len__(self) -> int:
        return self._count

    def add(self, expected: Expected) -> None:
        """Take in what one entry says; of what is no digest the first entry of a path counts."""
        self.digests += len(expected.digests)
        if self._known.add(expected.path, 0):
            row = json.dumps(expected).encode() + b"\n"
            with disk_errors(WHERE):
                self._rows.write(row)
            self._count += 1
            return
        for digest in expected.digests:
            self._has_more = True
            self._more.add(expected.path, digest)

    def __iter__(self) -> Iterator[Expected]:
        self._rows.seek(0)
        for row in self._rows:
            path, digests, *others, urls, headers = json.loads(row)
            more = self._more.get(path) if self._has_more else ()
            known = Expected(path, (*starmap(Digest, digests), *more), *others)
            expected = known._replace(urls=tuple(urls), headers=tuple(map(tuple, headers)))
            is_vain = not expected.digests and not expected.fault
            yield expected._replace(fault=NOTHING_KNOWN) if is_vain else expected

    def close(self) -> None:
        """Forget everything."""
        self._closing.close()
