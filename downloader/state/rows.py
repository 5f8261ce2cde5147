"""Outcomes and files as rows of the journal and back (pure functions)."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from downloader import urls
from downloader.models import (
    Digest,
    DownloadResult,
    Failure,
    FileStat,
    Outcome,
    StoredFile,
    Verified,
)

# Where size and time of a file stand in its row.
STAT = slice(1, 3)

_LOGIN = re.compile(r"[^/?#]*//[^/?#]*@")


def item_row(
    outcome: Outcome, result: DownloadResult | None, key: str, run: int
) -> tuple[object, ...]:
    """Return the row of `items`, which `storable` may have to change."""
    error = outcome.error
    return (
        _without_login(key),
        run,
        now(),
        result.job.path if result and outcome.path else None,
        outcome.status,
        outcome.line,
        outcome.source,
        _without_login(outcome.url),
        _without_login(outcome.final_url),
        outcome.path,
        outcome.size,
        _digests(outcome.digests),
        outcome.verified,
        outcome.http_status,
        outcome.attempts,
        outcome.resumed_from,
        outcome.fetch_seconds,
        outcome.hash_seconds,
        *((error.kind, error.message, error.retryable) if error else (None, None, None)),
    )


def file_row(
    result: DownloadResult,
    stamp: FileStat,
    key: str,
    run: int,
    *,
    known: Sequence[Digest],
    verified: Verified,
) -> tuple[object, ...]:
    """Return the row of `files`, or of `announced`; `known` are all digests that were computed.

    A mirror's validators are not kept: its item's first URL would be asked with them. `storable`
    may have to change it.
    """
    is_of_mirror = result.job.moved is not None
    return (
        result.job.path,
        stamp.size,
        stamp.mtime_ns,
        _without_login(key),
        run,
        _digests(known),
        None if is_of_mirror else result.etag,
        None if is_of_mirror else result.last_modified,
        verified,
    )


def known(row: tuple[Any, ...], size: int) -> StoredFile:
    """Return what `KNOWN` found of a file of that size."""
    digests, etag, last_modified, verified, _ = row
    return StoredFile(
        size, read_digests(digests), read(etag), read(last_modified), verified or "none"
    )


def outcome(row: tuple[Any, ...]) -> Outcome:
    """Return the outcome that `RECALL` found."""
    status, line, source, url, final_url, shown, size, digests, verified, *rest = row
    http_status, attempts, resumed_from, fetch_seconds, hash_seconds, *error = rest
    kind, message, retryable = error
    return Outcome(
        status=status,
        line=line,
        source=read(source) or "",
        url=read(url),
        final_url=read(final_url),
        path=read(shown),
        size=size,
        digests=read_digests(digests),
        verified=verified,
        http_status=http_status,
        attempts=attempts,
        resumed_from=resumed_from,
        fetch_seconds=fetch_seconds,
        hash_seconds=hash_seconds,
        error=Failure(kind, read(message) or "", bool(retryable)) if kind else None,
    )


def text(plain: str | None) -> str | bytes | None:
    """Return text as SQLite takes it: lone surrogates, which it does not, go in as bytes."""
    if plain is None or plain.isascii():
        return plain
    try:
        plain.encode()
    except UnicodeEncodeError:
        return plain.encode("utf-8", "surrogatepass")
    return plain


def storable(row: tuple[object, ...]) -> tuple[object, ...]:
    """Return a row as SQLite takes it, if it has refused one."""
    return tuple(text(value) if isinstance(value, str) else value for value in row)


def url_text(plain: str | None) -> str | bytes | None:
    """Return a URL as `text` does; one that holds a login after all is stored without it."""
    return text(_without_login(plain))


def _without_login(plain: str | None) -> str | None:
    return urls.masked(plain) if plain and "@" in plain and _LOGIN.match(plain) else plain


def now() -> str:
    """Return the date and time: ISO 8601, UTC, to the second."""
    return _moment(int(time.time()))


@lru_cache(maxsize=1)  # thousands of records are made in one second
def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def read(stored: str | bytes | None) -> str | None:
    """Return text as it was given to `text`."""
    return stored.decode("utf-8", "surrogatepass") if isinstance(stored, bytes) else stored


def _digests(known: Sequence[Digest]) -> str:
    """Return them as JSON; names and digits need no escapes."""
    if len(known) == 1:
        return f'{{"{known[0].algorithm}": "{known[0].hexdigest}"}}'
    found = {digest.algorithm: digest.hexdigest for digest in known}
    return "{" + ", ".join([f'"{name}": "{digits}"' for name, digits in found.items()]) + "}"


def read_digests(stored: str) -> tuple[Digest, ...]:
    """Return digests that were kept as JSON."""
    return tuple(Digest(name, value) for name, value in json.loads(stored).items())
