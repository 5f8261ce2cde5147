"""Outcomes from what the stages returned (pure functions)."""

from __future__ import annotations

from collections.abc import Sequence

from downloader import urls
from downloader.checksums import compare
from downloader.models import (
    Digest,
    DownloadResult,
    Expected,
    Failure,
    HashResult,
    Outcome,
    PathItem,
    StoredFile,
    UrlItem,
    Verified,
    replace,
)


def refused(item: UrlItem, failure: Failure) -> Outcome:
    """An item that failed before any request."""
    return Outcome(
        status="failed",
        line=item.line,
        source=item.source,
        url=urls.masked(item.url),
        error=failure,
    )


def stored(
    result: DownloadResult, hashes: HashResult, path: str, verified: Verified = "none"
) -> Outcome:
    """An item whose file stands at `path`."""
    item = result.job.item
    return Outcome(
        status="stored",
        line=item.line,
        source=item.source,
        url=urls.masked(item.url),
        final_url=result.final_url,
        path=path,
        size=result.size,
        digests=hashes.digests,
        verified=verified,
        http_status=result.http_status,
        attempts=_attempts(result),
        resumed_from=result.resumed_from,
        fetch_seconds=result.timing.seconds,
        hash_seconds=hashes.seconds,
    )


def kept(item: UrlItem, known: StoredFile, digests: Sequence[Digest], path: str) -> Outcome:
    """An item whose file stands at `path` since an earlier run, and stays."""
    return Outcome(
        status="kept",
        line=item.line,
        source=item.source,
        url=urls.masked(item.url),
        path=path,
        size=known.size,
        digests=tuple(digests),
        verified="given" if item.checksums else known.verified,
    )


def unchanged(result: DownloadResult, kept: Outcome) -> Outcome:
    """An item whose file stays because the server says that it is still the same."""
    return replace(
        _fetched(result),
        status="unchanged",
        path=kept.path,
        size=kept.size,
        digests=kept.digests,
        verified=kept.verified,
        hash_seconds=kept.hash_seconds,
    )


def lost(result: DownloadResult, failure: Failure) -> Outcome:
    """An item that was asked for and did not become a file."""
    return replace(_fetched(result), status="failed", error=failure)


def again(outcome: Outcome, item: UrlItem) -> Outcome:
    """The same outcome for another line with the same URL, if that line's checksums allow it."""
    line = replace(outcome, line=item.line, source=item.source, url=urls.masked(item.url))
    if outcome.status == "failed":
        return line
    verdict = compare.repeated(item, outcome)
    if verdict.failure is None:
        return replace(line, verified=verdict.verified)
    nothing = replace(line, path=None, size=None, digests=(), verified="none")
    return replace(nothing, status="failed", error=verdict.failure)


def hashed(line: int, source: str, hashes: HashResult) -> Outcome:
    """A file that was hashed where it is."""
    return Outcome(
        status="failed" if hashes.failure else "stored",
        line=line,
        source=source,
        path=hashes.path,
        size=None if hashes.failure else hashes.size,
        digests=hashes.digests,
        hash_seconds=hashes.seconds,
        error=hashes.failure,
    )


def checked(item: PathItem, hashes: HashResult) -> Outcome:
    """A file that was hashed where it is, and has the digests that it must have or has not."""
    plain = hashed(item.line, item.source, hashes)
    if hashes.failure is not None:
        return plain
    wrong = compare.differing(item.digests, hashes.digests)
    if wrong is None:
        return replace(plain, status="ok", verified="given")
    return replace(plain, status="failed", error=Failure("checksum", wrong))


def amiss(expected: Expected, failure: Failure | None) -> Outcome:
    """A file that need not be hashed to know that it is wrong: without a failure it is missing."""
    return Outcome(
        status="failed" if failure else "missing",
        line=expected.line,
        source=expected.source,
        path=expected.path,
        error=failure,
    )


def _attempts(result: DownloadResult) -> int:
    """Return the tries of all URLs of an item."""
    moved = result.job.moved
    return result.attempts if moved is None else result.attempts + moved.tries


def _fetched(result: DownloadResult) -> Outcome:
    item = result.job.item
    return Outcome(
        status="failed",
        line=item.line,
        source=item.source,
        url=urls.masked(item.url),
        final_url=result.final_url,
        http_status=result.http_status,
        attempts=_attempts(result),
        resumed_from=result.resumed_from,
        fetch_seconds=result.timing.seconds,
    )
