"""What is about to appear at which final path: the stamps of parts."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from downloader.models import DownloadResult, Stamp


def announced(landed: Iterable[DownloadResult]) -> Iterator[tuple[str, Stamp]]:
    """Yield path and stamp of each part that is a file; a rename changes neither size nor time."""
    for result in landed:
        with suppress(OSError):
            found = os.stat(result.part, follow_symlinks=False)
            yield result.job.path, Stamp(found.st_size, found.st_mtime_ns, found.st_ino)
