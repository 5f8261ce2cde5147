"""The report: its layout to the letter, and the JSON that programs were promised."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator
from typing import get_args

import pytest

from downloader.models import (
    Busy,
    Counts,
    Failure,
    HeldBackBy,
    Outcome,
    Report,
    Saved,
    Sequential,
    Stages,
    replace,
)
from downloader.report.json import as_json, write_json
from downloader.report.text import ADVICE, as_text
from downloader.state.failure_log import FailureLog

LOST = Outcome("failed", 7, url="http://h/x", error=Failure("http-status", "404 Not Found"))
RUN = Report(
    mode="parallel",
    threads=8,
    processes=2,
    items=Counts(200, 199, failed=1),
    bytes=199_963_443,
    seconds=Stages(2.52, 2.48, 0.21),
    busy=Busy(19.65, 0.19),
    sequential=Sequential(3.2, 2.9, 3.5, "estimated"),
    saved=Saved(0.68, 1.27),
    held_back_by="bandwidth",
    failures=(LOST,),
)
ALONE = replace(RUN, mode="sequential", sequential=Sequential(12.21, 12.2, 12.2, "this-run"))
NAN = float("nan")


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Dates are shown in the user's own time zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def line(report: Report, label: str) -> str:
    found = [text for text in as_text(report).splitlines() if text.startswith(f"  {label} ")]
    return found[0] if found else ""


def test_the_layout_is_the_promised_one() -> None:
    assert as_text(RUN) == (
        "200 files, 190.7 MiB in 2.52 s (75.7 MiB/s): 199 stored, 1 failed\n"
        "  fetch   8 threads     2.48 s   busy 19.65 s\n"
        "  hash    2 processes   0.21 s   busy  0.19 s\n"
        "  sequential            3.2 s    estimated, 2.9 to 3.5 s\n"
        "  time saved            0.7 s    1.3x faster\n"
        "  held back by          bandwidth: more threads will not help"
    )


def test_a_sequential_run_is_compared_with_the_parallel_one_before_it() -> None:
    report = replace(ALONE, parallel_when="2026-11-20T14:03:02+00:00")
    assert as_text(report) == (
        "200 files, 190.7 MiB in 2.52 s (75.7 MiB/s): 199 stored, 1 failed\n"
        "  fetch   1 at a time    2.48 s   busy 19.65 s\n"
        "  hash    1 at a time    0.21 s   busy  0.19 s\n"
        "  sequential            12.2 s    this run\n"
        "  parallel              11.5 s    measured on 2026-11-20 14:03\n"
        "  time saved             0.7 s    parallel was 1.3x faster\n"
        "  held back by          bandwidth: more threads will not help"
    )


def test_a_sequential_run_with_nothing_to_compare_says_how_to() -> None:
    report = replace(ALONE, saved=None)
    assert "this run; compare: without --sequential" in as_text(report)
    assert "time saved" not in as_text(report)


def test_a_measured_run_is_named_with_its_date() -> None:
    report = replace(RUN, sequential=Sequential(3.2, 3.2, 3.2, "measured", "2026-11-20T14:03:59Z"))
    assert line(report, "sequential") == (
        "  sequential            3.2 s    measured on 2026-11-20 14:03"
    )


def test_a_negative_saving_is_reported_as_such() -> None:
    report = replace(RUN, saved=Saved(-0.1, 0.96))
    assert line(report, "time saved") == (
        "  time saved            none     parallel was 0.1 s slower"
    )


def test_a_saving_too_small_to_see_is_no_difference() -> None:
    report = replace(RUN, saved=Saved(-0.01, 1.0))
    assert line(report, "time saved") == "  time saved            0.0 s    no difference"


def test_a_short_run_is_told_in_hundredths() -> None:
    report = replace(
        RUN, sequential=Sequential(0.41, 0.39, 0.45, "estimated"), saved=Saved(0.2, 1.95)
    )
    assert line(report, "sequential").endswith("0.41 s   estimated, 0.39 to 0.45 s")


def test_a_long_run_is_told_in_minutes() -> None:
    report = replace(RUN, sequential=Sequential(312, 290, 450, "estimated"))
    assert line(report, "sequential").endswith("5 min 12 s   estimated, 4 min 50 s to 7 min 30 s")


def test_a_run_that_only_hashed_has_no_fetch_line() -> None:
    report = replace(RUN, fetched=False, items=Counts(1, 1), threads=1, processes=1)
    assert as_text(report).startswith("1 file, 190.7 MiB in 2.52 s (75.7 MiB/s): 1 hashed\n  hash ")
    assert line(report, "hash") == "  hash    1 process     0.21 s   busy 0.19 s"


def test_every_way_an_item_ended_is_counted() -> None:
    first = as_text(replace(RUN, items=Counts(9, 0, 1, 2, 3))).splitlines()[0]
    assert first.endswith(": 0 stored, 1 unchanged, 2 kept, 3 failed, 3 not done")


def test_an_interrupted_run_says_what_to_do() -> None:
    text = as_text(replace(RUN, interrupted=2))
    last = "interrupted: finished files are kept: run again with --continue"
    assert text.splitlines()[-1] == last
    assert "time saved" not in text


@pytest.mark.parametrize("limit", ADVICE)
def test_no_line_is_wider_than_a_terminal(limit: HeldBackBy) -> None:
    for report in (RUN, replace(ALONE, saved=None)):
        assert max(map(len, as_text(replace(report, held_back_by=limit)).splitlines())) <= 80


def test_every_cause_has_its_advice() -> None:
    assert set(ADVICE) == set(get_args(HeldBackBy))
    assert "held back by" not in as_text(replace(RUN, held_back_by=None))


@pytest.mark.parametrize("value", [0.0, -1.0, NAN, float("inf")])
def test_odd_numbers_harm_neither_form(value: float) -> None:
    report = replace(
        RUN,
        items=Counts(),
        bytes=0,
        seconds=Stages(value, value, value),
        busy=Busy(value, value),
        sequential=Sequential(value, value, value, "estimated"),
        saved=Saved(value, value),
    )
    assert as_text(report).startswith("0 files, 0 B in ")
    assert json.loads(written(report))["items"]["total"] == 0


def written(report: Report) -> str:
    stream = io.StringIO()
    write_json(report, stream)
    return stream.getvalue()


def test_the_json_has_the_promised_keys_in_order() -> None:
    assert written(replace(RUN, failures=())) == (
        '{"schema":1,"mode":"parallel","threads":8,"processes":2,"items":{"total":200,"stored":199,'
        '"unchanged":0,"kept":0,"failed":1},"bytes":199963443,"seconds":{"wall":2.52,"fetch":2.48,'
        '"hash":0.21},"busy":{"fetch":19.65,"hash":0.19},"sequential":{"seconds":3.2,"low":2.9,'
        '"high":3.5,"basis":"estimated"},"saved":{"seconds":0.68,"speedup":1.27},'
        '"held_back_by":"bandwidth","stopped":null,"passed_over":0,"gil":true,'
        '"failures":[]}\n'
    )


def test_written_and_returned_json_are_the_same() -> None:
    report = replace(RUN, failures=FailureLog([LOST, LOST]), saved=None, held_back_by=None)
    assert json.loads(written(report)) == as_json(report)
    assert as_json(report)["saved"] is None


def test_who_hashed_the_files_is_said() -> None:
    landed = replace(RUN, hashed_while_landing=200)
    assert line(landed, "hash") == "  hash    while landing   2.48 s   busy  0.19 s"
    both = replace(RUN, hashed_while_landing=150, hashed_by_workers=50)
    assert line(both, "hash").endswith("busy  0.19 s, 150 of 200 while landing")


def test_a_verbose_report_says_whether_the_interpreter_has_a_global_lock() -> None:
    assert "global lock" not in as_text(RUN)
    assert as_text(RUN, verbose=True).endswith("on: one thread at a time runs Python")
    free = replace(RUN, gil=False)
    assert as_text(free, verbose=True).endswith("off: threads run side by side")
    assert as_json(free)["gil"] is False
