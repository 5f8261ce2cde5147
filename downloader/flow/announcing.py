"""What is about to appear at which final path: the stamps of parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress

from downloader.models import Digest, DownloadResult, HashResult, Stamp


def announced(
    landed: Sequence[DownloadResult], hashes: Sequence[HashResult]
) -> Iterator[tuple[DownloadResult, Stamp, tuple[Digest, ...]]]:
    """Yield result, stamp and digests of each part that is a file and was hashed.

    A rename changes neither size nor time.
    """
    for result, hashed in zip(landed, hashes, strict=True):
        if hashed.failure or result.unchanged:
            continue
        with suppress(OSError):
            found = os.stat(result.part, follow_symlinks=False)
            stamp = Stamp(found.st_size, found.st_mtime_ns, found.st_ino)
            yield result, stamp, hashed.digests
