"""What every reporter promises: it takes all events of a run, in order, and keeps quiet about it.

A row of the table that has no way to be made here fails, so that no reporter goes untested.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator

import pytest

from downloader.models import (
    Active,
    Advanced,
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
    Saved,
    Sequential,
    Stages,
    Warned,
)
from downloader.protocols import Reporter
from downloader.registry import load
from downloader.report.text import as_text
from downloader.reporters import REPORTERS

REPORT = Report(
    "parallel",
    8,
    2,
    Counts(2, 1, failed=1),
    5,
    Stages(1.0, 1.0, 0.1),
    Busy(1.0, 0.1),
    Sequential(2.0, 1.5, 2.5, "estimated"),
    Saved(1.0, 2.0),
    "latency",
)
RUN: tuple[Event, ...] = (
    Began(2),
    Advanced(0, 0, 0),
    Finished(Outcome("stored", 1, "l", "http://h/a", path="a", digests=(Digest("sha256", "ab"),))),
    Warned("slow"),
    Advanced(5, 5, 1, (Active("b\x1b", 0, None, 0.1),)),
    Finished(Outcome("failed", 2, "l", "http://h/b", error=Failure("timeout", "no byte in 10 s"))),
    Ended(REPORT),
)


@pytest.fixture
def descriptor() -> Iterator[int]:
    descriptor = os.open(os.devnull, os.O_WRONLY)
    yield descriptor
    os.close(descriptor)


@pytest.fixture(params=sorted(REPORTERS))
def make(request: pytest.FixtureRequest, descriptor: int) -> Callable[[], Reporter]:
    part = load(REPORTERS[request.param])
    arguments: dict[str, tuple[object, ...]] = {
        "silent": (),
        "fan": (load(REPORTERS["silent"])(),),
        "lines": (descriptor,),
        "messages": (io.StringIO(), as_text),
        "bars": (io.StringIO(),),
    }
    return lambda: part(*arguments[request.param])


def test_a_whole_run_can_be_told(make: Callable[[], Reporter]) -> None:
    reporter = make()
    for event in RUN:
        assert reporter.tell(event) is None  # type: ignore[func-returns-value]


def test_a_run_that_breaks_off_at_any_point_can_be_ended(make: Callable[[], Reporter]) -> None:
    for length in range(len(RUN)):
        reporter = make()
        for event in (*RUN[:length], Ended(None)):
            reporter.tell(event)


def test_nothing_reaches_the_standard_streams(
    make: Callable[[], Reporter], capfd: pytest.CaptureFixture[str]
) -> None:
    reporter = make()
    for event in RUN:
        reporter.tell(event)
    assert capfd.readouterr() == ("", "")
