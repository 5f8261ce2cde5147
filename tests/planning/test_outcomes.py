"""Outcomes say all that the stages returned, and no login."""

from __future__ import annotations

from downloader.models import Digest, DownloadResult, Failure, HashResult, Job, Timing, UrlItem
from downloader.planning import outcomes

ITEM = UrlItem("http://u:secret@example.org/a", 7, "list")
RESULT = DownloadResult(
    Job(ITEM, ITEM.url, "a"),
    part="/parts/1",
    size=3,
    final_url="http://cdn.example.org/a",
    http_status=200,
    attempts=2,
    resumed_from=1,
    timing=Timing(began=10, ended=12.5),
)
HASHES = HashResult("/parts/1", 3, (Digest("md5", "00"),), seconds=0.25)
FAILURE = Failure("timeout", "no data", retryable=True)


def test_a_stored_item() -> None:
    outcome = outcomes.stored(RESULT, HASHES, "downloads/a")
    assert (outcome.status, outcome.path, outcome.size) == ("stored", "downloads/a", 3)
    assert (outcome.line, outcome.source, outcome.url) == (7, "list", "http://example.org/a")
    assert (outcome.final_url, outcome.http_status) == ("http://cdn.example.org/a", 200)
    assert (outcome.attempts, outcome.resumed_from) == (2, 1)
    assert (outcome.fetch_seconds, outcome.hash_seconds) == (2.5, 0.25)
    assert (outcome.digests, outcome.error) == ((Digest("md5", "00"),), None)


def test_a_lost_item_has_no_file() -> None:
    outcome = outcomes.lost(RESULT, FAILURE)
    assert (outcome.status, outcome.error) == ("failed", FAILURE)
    assert (outcome.path, outcome.size, outcome.digests) == (None, None, ())
    assert (outcome.url, outcome.attempts) == ("http://example.org/a", 2)


def test_a_refused_item_was_never_asked_for() -> None:
    outcome = outcomes.refused(ITEM, FAILURE)
    assert (outcome.status, outcome.line, outcome.attempts) == ("failed", 7, 0)
    assert (outcome.url, outcome.http_status) == ("http://example.org/a", None)


def test_the_same_again_for_another_line() -> None:
    outcome = outcomes.again(
        outcomes.stored(RESULT, HASHES, "a"), UrlItem("HTTP://x/a", 9, "other")
    )
    assert (outcome.line, outcome.source, outcome.url) == (9, "other", "HTTP://x/a")
    assert (outcome.path, outcome.digests) == ("a", HASHES.digests)


def test_a_file_hashed_in_place() -> None:
    outcome = outcomes.hashed(3, "-", HASHES)
    assert (outcome.status, outcome.line, outcome.source) == ("stored", 3, "-")
    assert (outcome.url, outcome.path, outcome.size) == (None, "/parts/1", 3)


def test_a_file_that_could_not_be_hashed_has_no_size() -> None:
    outcome = outcomes.hashed(3, "-", HashResult("gone", failure=FAILURE))
    assert (outcome.status, outcome.size, outcome.error) == ("failed", None, FAILURE)
