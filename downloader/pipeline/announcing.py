"""What is about to appear at which final path: the stamps of parts, and what they hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from downloader.errors import LocalError
from downloader.models import Digest, DownloadResult, FileStat, HashResult
from downloader.pipeline.context import Ledger
from downloader.pipeline.hash_stage import Landed

Hashed = tuple[Landed[DownloadResult], HashResult]


def announce(
    ledger: Ledger, hashed: Iterable[Hashed], break_off: Callable[[LocalError], None]
) -> bool:
    """Note what is about to appear, for the run that follows if this one is killed.

    False where that fails, which stops the run: a file that appeared then would be nobody's.
    """
    try:
        ledger.announce(_announced(hashed))
    except LocalError as error:
        break_off(error)
        return False
    return True


def _announced(
    hashed: Iterable[Hashed],
) -> Iterator[tuple[DownloadResult, FileStat, tuple[Digest, ...]]]:
    """Yield result, stamp and digests of each part that is a file and was hashed.

    A rename changes neither size nor time.
    """
    for (result, _, _), hashes in hashed:
        if hashes.failure or result.unchanged:
            continue
        with suppress(OSError):
            found = os.stat(result.part, follow_symlinks=False)
            stamp = FileStat(found.st_size, found.st_mtime_ns, found.st_ino)
            yield result, stamp, hashes.digests
