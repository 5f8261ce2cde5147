"""Notes of unfinished parts as rows of the journal and back.

`offset` is what surely outlives the machine: the bytes of a part that reached the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from downloader.models import ResumePoint, replace
from downloader.state.rows import now, read, text, url_text

PUT = f"INSERT OR REPLACE INTO parts VALUES ({', '.join('?' * 10)})"
FIND = "SELECT * FROM parts WHERE path = ?"
ALL = "SELECT * FROM parts"
DROP = "DELETE FROM parts WHERE path = ?"
DROP_ALL = "DELETE FROM parts"

# What tells one boot of this machine from another: bytes that no crash of ours can lose may be
# lost when the machine itself goes down.
_BOOT_ID = "/proc/sys/kernel/random/boot_id"


@lru_cache(maxsize=1)
def boot() -> str:
    """Return what identifies this boot, "" if the system does not tell."""
    with contextlib.suppress(OSError), open(_BOOT_ID, encoding="ascii") as boot_id:
        return boot_id.read().strip()
    return ""


def row(path: str, key: str, resume: ResumePoint) -> tuple[object, ...]:
    """Return the row of `parts`; its seal tells it from one that was changed by others."""
    texts = (resume.etag, resume.last_modified, resume.date)
    fields: tuple[object, ...] = (
        text(path),
        url_text(key),
        *map(text, texts),
        resume.total,
        resume.offset,
        boot(),
    )
    fields = (*fields, now())
    return (*fields, _seal(fields))


def resume(row: tuple[Any, ...], key: str, size_of: Callable[[str], int]) -> ResumePoint | None:
    """Return the proof with which a part may be continued, `None` if there is none.

    `size_of` gives the bytes of the part that holds a version. A note of another URL, and one
    that was changed by others, proves nothing; nor does one of bytes that are not there.
    """
    proof = _proof(row)
    if proof is None or row[1] != url_text(key):
        return None
    size = size_of(proof.version)
    # If the machine has not gone down since, all that the part holds was written by us.
    offset = size if row[7] and row[7] == boot() else proof.offset
    is_sound = 0 < offset <= size and (proof.total is None or size <= proof.total)
    return replace(proof, offset=offset) if is_sound else None


def version(row: tuple[Any, ...]) -> tuple[str, str] | None:
    """Return the path of a noted part and the version that it holds, `None` for an odd row."""
    proof = _proof(row)
    return (read(row[0]) or "", proof.version) if proof else None


def owner(row: tuple[Any, ...]) -> tuple[str, str] | None:
    """Return the path of a noted part and the key of its URL, `None` for an odd row."""
    return (read(row[0]) or "", read(row[1]) or "") if _proof(row) else None


def _proof(row: tuple[Any, ...]) -> ResumePoint | None:
    *fields, seal = row
    if seal != _seal(tuple(fields)):
        return None
    _, _, etag, last_modified, date, total, offset, _, _ = fields
    return ResumePoint(offset, total, read(etag), read(last_modified), read(date))


def _seal(fields: tuple[object, ...]) -> str:
    return hashlib.blake2b(repr(fields).encode(), digest_size=8).hexdigest()
