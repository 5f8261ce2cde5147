"""What one item may take: bytes, free disk, and time with all its tries and pauses."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest
from good import GoodServer, Reply
from raw import RawServer, Script
from transfer_rig import Rig

from downloader.models import Job, Timing, UrlItem, replace
from downloader.policy import Retry, Timeouts
from downloader.shared.rate_limiter import RateLimiter

ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000
DECLARED = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"


def test_a_declared_length_above_the_limit_is_refused_before_a_byte_is_written(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(max_size=4999)
    with RawServer([DECLARED], then="stall") as server:
        assert rig.message(server.url()) == (
            "too-large: the reply declares 5000 bytes, more than 4999"
        )
        assert len(server.requests) == 1
    assert not rig.parts.exists() or rig.left_over() == []


def test_a_length_at_the_limit_is_taken(make_rig: Callable[..., Rig]) -> None:
    with GoodServer({"/a": b"x" * 5000}) as server:
        assert len(make_rig(max_size=5000).body(server.url("/a"))) == 5000


@pytest.mark.parametrize("chunked", [0, 700])
def test_a_body_that_goes_on_beyond_the_limit_is_cut_off_and_never_tried_again(
    make_rig: Callable[..., Rig], chunked: int
) -> None:
    rig = make_rig(max_size=3000)
    reply = Script([ENDLESS], "stall")
    with RawServer(each=[reply]) as raw, GoodServer({"/": Reply(b"x" * 5000, chunked=700)}) as good:
        server = good if chunked else raw
        assert rig.message(server.url()) == "too-large: the body has more than 3000 bytes"
        assert len(server.requests) == 1
    assert rig.left_over() == []


def test_a_file_larger_than_the_free_disk_is_refused_before_a_byte_is_written(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = os.statvfs_result((4096, 4096, 9, 9, 7, 9, 9, 9, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda path: full)
    declared = b"HTTP/1.1 200 OK\r\nContent-Length: 99000000\r\n\r\n"
    with RawServer([declared], then="stall") as server:
        message = rig.message(server.url())
        assert len(server.requests) == 1
    assert message == f"disk: the reply declares 99000000 bytes, {7 * 4096} are free"
    assert rig.left_over() == []


def test_the_time_of_an_item_holds_for_all_its_tries_and_pauses(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(timeouts=Timeouts(total=5.0), retry=Retry(base=0.0))
    with GoodServer({"/a": Reply(status=503, headers={"Retry-After": "9"})}) as server:
        assert rig.message(server.url("/a")) == (
            "http-status: 503 Service Unavailable: no time left within 5 s"
        )
        assert len(server.requests) == 1


def test_a_stalled_body_ends_with_the_items_time(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(timeouts=Timeouts(total=0.3))
    with RawServer([DECLARED + b"x"], then="stall") as server:
        assert rig.message(server.url()) == "timeout: not complete within 0.3 s"
        assert len(server.requests) == 1
    assert rig.left_over() == []


def test_time_spent_before_the_queue_counts(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(timeouts=Timeouts(total=5.0))
    now = time.monotonic()
    with GoodServer({"/a": b"x"}) as server:
        url = server.url("/a")
        job = Job(UrlItem(url), url, "a", attempts=1)
        job = replace(job, earlier=Timing(began=now - 9, ended=now - 8))
        failure = rig.fetcher.fetch(job).failure
    assert failure is not None
    assert (failure.kind, failure.message) == ("timeout", "not complete within 5 s")


def test_a_limit_of_bytes_per_second_is_no_way_around_the_items_time(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(timeouts=Timeouts(total=5.0), limit_rate=1)
    with GoodServer({"/a": b"x" * 9000}) as server:
        rig.fetch(server.url("/a"))
    assert max(rig.stop.sleeps) <= 5.0


def test_a_second_request_for_an_item_waits_for_its_hosts_turn(
    make_rig: Callable[..., Rig],
) -> None:
    """The first one's time came with the job."""
    rig = make_rig(limiter=RateLimiter(0.01))
    with GoodServer({"/a": Reply(status=302, headers={"Location": "/b"}), "/b": b"b"}) as server:
        assert rig.body(server.url("/a")) == b"b"
        assert rig.stop.sleeps == []
        assert rig.body(server.url("/a")) == b"b"
    assert rig.stop.sleeps == [pytest.approx(100.0, abs=5.0)]
