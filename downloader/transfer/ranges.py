"""When the rest of a file may be asked for, and when a reply brings it (pure functions).

RFC 9110 sections 8.8 (validators), 13.1.5 (If-Range), 14 (ranges), 15.3.7 (206), 15.5.17 (416).
Whatever is not surely right is refused: the file is then fetched from its first byte.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from downloader.models import ResumePoint
from downloader.transfer.digest_fields import Fields, coding

# Smaller bodies are fetched again as fast as they are continued.
WORTHWHILE = 256 * 1024  # bytes

_NUMBER = "([0-9]{1,19})"
_RANGE = re.compile(rf"bytes {_NUMBER}-{_NUMBER}/{_NUMBER}", re.IGNORECASE)
_UNSATISFIED = re.compile(rf"bytes \*/{_NUMBER}", re.IGNORECASE)
_STRONG = re.compile('"[!#-~\x80-\xff]*"')  # RFC 9110 section 8.8.3: no W/
# RFC 9110 section 8.8.2.2: a reply made at least this long after the last change of what it brings
# has a Last-Modified that no later change can have.
_FINAL = timedelta(seconds=1)


class ContentRange(NamedTuple):
    """Which bytes of a file a reply brings: from `first` to `last` of `total`."""

    first: int
    last: int
    total: int


def content_range(value: str | None) -> ContentRange | None:
    """Read the Content-Range of a 206; `None` for one that is not wholly clear."""
    match = _RANGE.fullmatch(value or "")
    if match is None:
        return None
    first, last, total = map(int, match.groups())
    return ContentRange(first, last, total) if first <= last < total else None


def unsatisfied(value: str | None) -> int | None:
    """Read the Content-Range of a 416: the size of the file, `None` if it is not clear."""
    match = _UNSATISFIED.fullmatch(value or "")
    return int(match[1]) if match else None


def proof(fields: Fields, total: int | None) -> ResumePoint | None:
    """Return by what a whole reply's body can be recognised, `None` if it cannot be continued.

    `total` is its declared length.
    """
    if coding(fields) or (fields.get("Accept-Ranges") or "").lower() == "none":
        return None
    etag, changed, date = (fields.get(name) for name in ("ETag", "Last-Modified", "Date"))
    return ResumePoint(0, total, etag, changed, date)


def if_range(kept: ResumePoint) -> str | None:
    """Return the validator that If-Range may carry, `None` if there is none.

    A strong ETag; if there is no ETag at all, a Last-Modified that is strong as well. A weak
    ETag is none, and bars the date too (RFC 9110 section 13.1.5).
    """
    if kept.etag is not None:
        return kept.etag if _STRONG.fullmatch(kept.etag) else None
    changed, sent = _date(kept.last_modified), _date(kept.date)
    if changed is None or sent is None or sent - changed < _FINAL:
        return None
    return kept.last_modified


def may_continue(kept: ResumePoint, *, has_checksum: bool) -> bool:
    """Return True if the rest may be asked for: only if it will be proved to be the same file's.

    A checksum that was given proves it in the end, and the file's size in the meantime.
    """
    return if_range(kept) is not None or (has_checksum and kept.total is not None)


def asking(kept: ResumePoint) -> dict[str, str]:
    """Return the header fields that ask for the bytes after those that are held."""
    validator = if_range(kept)
    condition = {} if validator is None else {"If-Range": validator}
    return {"Range": f"bytes={kept.offset}-", **condition}


def objection(kept: ResumePoint, fields: Fields, length: int | None) -> str | None:
    """Return why a 206 is not exactly the rest that was asked for, `None` if it is.

    `length` is the declared length of its body.
    """
    found = content_range(fields.get("Content-Range"))
    if found is None:
        return "its Content-Range is not clear"
    if found.first != kept.offset or found.last != found.total - 1:
        return f"it brings other bytes than those from {kept.offset} on"
    if kept.total not in (None, found.total):
        return f"the file has {found.total} bytes by now, not {kept.total}"
    if length not in (None, found.last - found.first + 1):
        return "its length is not that of its range"
    if coding(fields):
        return "it has a Content-Encoding"
    return None if _is_same(kept, fields) else "the file has changed"


def is_complete(kept: ResumePoint, fields: Fields, *, has_checksum: bool) -> bool:
    """Return True if a 416 means that all bytes are held: there are none after them.

    Many servers leave validators out of it: then only a checksum that was given says so.
    """
    total = unsatisfied(fields.get("Content-Range"))
    if total != kept.offset or kept.total not in (None, total):
        return False
    return has_checksum or (if_range(kept) is not None and _is_same(kept, fields))


def _is_same(kept: ResumePoint, fields: Fields) -> bool:
    """Compare validators; if no strong one is held, none may differ."""
    if fields.get("ETag") != kept.etag:
        return False
    if kept.etag is not None and _STRONG.fullmatch(kept.etag):
        return True
    return fields.get("Last-Modified") == kept.last_modified


@lru_cache(maxsize=256)  # a server's replies share theirs
def _date(value: str | None) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  where a date is compared

    try:
        return parsedate_to_datetime(value or "").replace(tzinfo=None)  # HTTP-dates are all GMT
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
