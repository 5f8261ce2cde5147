"""Messages on standard error: one line each, whatever servers and lists hold."""

from __future__ import annotations

import io
import os

import pytest

from downloader.models import (
    Began,
    Busy,
    Counts,
    Digest,
    Ended,
    Event,
    Failure,
    Finished,
    Outcome,
    Report,
    Sequential,
    Stages,
    Warned,
)
from downloader.reporters.failures import FailureCounts
from downloader.reporters.messages import Messages, failure_line, stored_line

REPORT = Report(
    "parallel",
    8,
    2,
    Counts(),
    0,
    Stages(),
    Busy(),
    Sequential(0.0, 0.0, 0.0, "estimated"),
    None,
    None,
)
FAILED = Outcome(
    "failed",
    3,
    "urls.txt",
    "http://host/x",
    error=Failure("http-status", "404 Not Found"),
)
STORED = Outcome(
    "stored",
    4,
    url="http://host/y",
    path="d/y",
    size=199_963_443,
    digests=(Digest("sha256", "ab"),),
    attempts=2,
    fetch_seconds=2.1,
)
EVENTS: tuple[Event, ...] = (
    Finished(FAILED),
    Warned("odd\nserver"),
    Finished(STORED),
    Ended(REPORT),
)


def said(*, quiet: bool = False, verbose: bool = False) -> str:
    stream = io.StringIO()
    messages = Messages(stream, lambda report: "the report", quiet=quiet, verbose=verbose)
    for event in EVENTS:
        messages.tell(event)
    return stream.getvalue()


def test_failures_warnings_and_the_report_are_said() -> None:
    assert said() == (
        "dl: urls.txt:3: http://host/x: 404 Not Found\ndl: warning: odd\\nserver\nthe report\n"
    )


def test_quiet_leaves_failures_only() -> None:
    assert said(quiet=True) == "dl: urls.txt:3: http://host/x: 404 Not Found\n"


def test_verbose_adds_a_line_for_each_item_that_is_there() -> None:
    assert "dl: stored d/y: 190.7 MiB in 2.10 s (90.8 MiB/s), 2 tries\n" in said(verbose=True)


def test_a_run_that_broke_off_has_no_report() -> None:
    stream = io.StringIO()
    Messages(stream, lambda report: "the report").tell(Ended(None))
    assert stream.getvalue() == ""


@pytest.mark.parametrize(
    ("outcome", "line"),
    [
        (Outcome("failed", url="http://h/", error=Failure("dns", "no")), "dl: http://h/: no"),
        (Outcome("failed", path="p", error=Failure("disk", "no")), "dl: p: no"),
        (Outcome("failed", 2, "-", error=Failure("bad-url", "empty")), "dl: -:2: empty"),
        (
            Outcome("failed", 1, "a\nb", "\x1b[2J\u202e", error=Failure("dns", "\x9b\x00")),
            "dl: a\\nb:1: \\x1b[2J\\u202e: \\x9b\\x00",
        ),
    ],
)
def test_a_failure_is_one_harmless_line(outcome: Outcome, line: str) -> None:
    assert failure_line(outcome) == line


def test_an_endless_url_does_not_flood_the_screen() -> None:
    line = failure_line(Outcome("failed", url="x" * 70_000, error=Failure("bad-url", "too long")))
    assert len(line) < 2100
    assert line.endswith("xxx: too long")


def many_failed(*, quiet: bool = False, fetching: bool = True) -> list[str]:
    stream = io.StringIO()
    messages = Messages(
        *(stream, lambda report: "the report"),
        quiet=quiet,
        failures=FailureCounts(20),
        hint=lambda fetching: f"as a list: {fetching}",
    )
    messages.tell(Began(99, fetching))
    for _ in range(99):
        messages.tell(Finished(FAILED))
    messages.tell(Ended(REPORT))
    return stream.getvalue().splitlines()


def test_what_is_withheld_is_counted_at_the_end_and_summed_up_below_the_report() -> None:
    lines = many_failed()
    assert lines[:20] == ["dl: urls.txt:3: http://host/x: 404 Not Found"] * 20
    assert lines[20:] == [
        "dl: … and 79 more: http-status",
        "the report",
        "failed, by kind and host:",
        "  99  http-status  host",
        "as a list: True",
    ]


def test_quiet_leaves_what_failed_in_numbers_too() -> None:
    lines = many_failed(quiet=True, fetching=False)
    assert lines[20] == "dl: … and 79 more: http-status"
    assert lines[-1] == "as a list: False"
    assert "the report" not in lines


def test_a_run_that_broke_off_says_what_it_withheld_but_has_no_list() -> None:
    stream = io.StringIO()
    messages = Messages(stream, str, failures=FailureCounts(20), hint=lambda _: "as a list")
    for _ in range(21):
        messages.tell(Finished(FAILED))
    messages.tell(Ended(None))
    assert "… and 1 more: http-status" in stream.getvalue()
    assert "as a list" not in stream.getvalue()


def test_a_file_that_was_only_hashed_is_said_so() -> None:
    outcome = Outcome("stored", path="p\x1b", size=5, hash_seconds=0.0)
    assert stored_line(outcome) == "dl: hashed p\\x1b: 5 B in 0.00 s"


def test_what_the_stream_cannot_express_is_escaped() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    Messages(stream, lambda report: "").tell(Warned("é\udc80"))
    assert raw.getvalue() == b"dl: warning: \\xe9\\udc80\n"


def test_a_lost_stream_is_nobodys_failure() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w", buffering=1)
    messages = Messages(stream, lambda report: "")
    messages.tell(Warned("nobody hears this"))
    with pytest.raises(BrokenPipeError):
        stream.close()
    messages.tell(Warned("nor this"))
    Messages(None, lambda report: "").tell(Warned("nor this"))


def test_lines_go_to_the_bars_where_there_are_some() -> None:
    lines: list[str] = []
    Messages(io.StringIO(), lambda report: "", write_line=lines.append).tell(Finished(FAILED))
    assert lines == ["dl: urls.txt:3: http://host/x: 404 Not Found"]
