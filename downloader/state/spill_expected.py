"""What files must have, gathered from any number of entries, in memory while it is small."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing

from downloader.models import Expected
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
            self._digests = stack.enter_context(closing(SpillDigests()))
            self._known = stack.enter_context(closing(SpillDict()))
            self._rows = stack.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY))
            self._closing = stack.pop_all()
        self._count = 0
        self.digests = 0

    def __len__(self) -> int:
        return self._count

    def add(self, expected: Expected) -> None:
        """Take in what one entry says; of what is no digest the first entry of a path counts."""
        for digest in expected.digests:
            self._digests.add(expected.path, digest)
            self.digests += 1
        if self._known.add(expected.path, 0):
            row = json.dumps([expected.path, *expected[2:]]).encode() + b"\n"
            with disk_errors(WHERE):
                self._rows.write(row)
            self._count += 1

    def __iter__(self) -> Iterator[Expected]:
        self._rows.seek(0)
        for row in self._rows:
            path, *others, urls, headers = json.loads(row)
            known = Expected(path, self._digests.get(path), *others)
            pairs = tuple((name, value) for name, value in headers)
            expected = known._replace(urls=tuple(urls), headers=pairs)
            is_vain = not expected.digests and not expected.fault
            yield expected._replace(fault=NOTHING_KNOWN) if is_vain else expected

    def close(self) -> None:
        """Forget everything."""
        self._closing.close()
