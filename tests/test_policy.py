"""When to try again, and how long to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader.policy import TRANSIENT_STATUSES, Retry, retry_after

DATE = "Sun, 06 Nov 1994 08:49:00 GMT"


@given(st.integers(1, 10_000), st.floats(0, 1), st.floats(0, 100), st.floats(0, 100))
def test_a_pause_lies_between_nothing_and_the_growing_ceiling(
    attempt: int, draw: float, base: float, ceiling: float
) -> None:
    pause = Retry(base=base, ceiling=ceiling).backoff(attempt, lambda: draw)
    assert 0 <= pause <= ceiling
    assert pause <= base * 2 ** min(attempt - 1, 100)


def test_pauses_double_up_to_the_ceiling() -> None:
    retry = Retry(base=0.5, ceiling=3.0)
    assert [retry.backoff(n, lambda: 1.0) for n in range(1, 6)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_pauses_are_drawn_evenly_from_zero() -> None:
    drawn = iter([0.0, 0.25, 1.0])
    assert [Retry(base=2.0).backoff(1, drawn.__next__) for _ in range(3)] == [0.0, 0.5, 2.0]


def test_after_the_last_retry_there_is_no_further_try() -> None:
    retry = Retry(retries=2)
    waits = [retry.wait(attempt, None, lambda: 0.0) for attempt in (1, 2, 3)]
    assert waits == [0.0, 0.0, None]
    assert Retry(retries=0).wait(1, 1.0) is None


def test_what_the_server_asks_for_is_obeyed_up_to_a_limit() -> None:
    retry = Retry(longest_obeyed=60)
    assert [retry.wait(1, asked) for asked in (0.0, 7.0, 60.0, 60.1)] == [0.0, 7.0, 60.0, None]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120\t", 120.0),
        ("00120", 120.0),
        ("31536000", 365 * 86400.0),
        ("9" * 400, 999999999999.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 37.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 37.0),
        ("Sun Nov  6 08:49:37 1994", 37.0),
        ("Mon, 06 Nov 1995 08:49:00 GMT", 365 * 86400.0),
    ],
)
def test_seconds_and_the_three_forms_of_a_date_are_understood(value: str, seconds: float) -> None:
    assert retry_after(value, DATE) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "-5", "+5", "1.5", "5s", "1e3", "soon", "0x10", "٣", "²", "5,5", "\0"),
        *("Sun, 06 Nov 1994 08:48:59 GMT", "Sun, 06 Nov 1994 08:49:00 GMT"),
        *("Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 99999 08:49:37 GMT"),
        "Sun, 06 Nov 1994 08:49:37 +99999999999999999999",
    ],
)
def test_garbage_and_the_past_leave_the_usual_pause(value: str | None) -> None:
    assert retry_after(value, DATE) is None


@pytest.mark.parametrize("date", [None, "", "garbage"])
def test_without_a_date_of_the_server_our_own_clock_serves(date: str | None) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    seconds = retry_after(soon, date)
    assert seconds is not None
    assert 3000 < seconds <= 3600


@given(st.text(), st.text() | st.none())
def test_no_header_is_ever_an_exception(value: str, date: str | None) -> None:
    asked = retry_after(value, date)
    assert asked is None or asked >= 0


@given(st.from_regex(r"[A-Za-z]{0,9},? ?[0-9]{1,12}[ -][A-Za-z]{3}[ -]-?[0-9]{1,12} .*"))
def test_nothing_that_resembles_a_date_is_an_exception(value: str) -> None:
    asked = retry_after(value, value)
    assert asked is None or asked >= 0


def test_statuses_that_mean_not_now() -> None:
    assert {*range(500, 600)} - TRANSIENT_STATUSES == {501, 505, 511}
    assert TRANSIENT_STATUSES - {*range(500, 600)} == {408, 425, 429}
    retry = Retry(also=frozenset({403}))
    assert [retry.covers(status) for status in (403, 404, 520, 501)] == [True, False, True, False]
