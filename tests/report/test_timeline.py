"""What is recorded of a run is what its items' clocks said; the page holds it as data only."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from downloader.errors import DiskFailed
from downloader.models import (
    Began,
    Ended,
    Event,
    Failure,
    FileHashed,
    Finished,
    HashResult,
    Outcome,
    Report,
    Sequential,
    Stages,
    Timing,
    replace,
)
from downloader.models.reports import Busy, Counts
from downloader.report.timeline import Timeline
from downloader.state.span_log import SpanLog

STORED = Outcome(
    *("stored", 1, "l", "http://h/a", "http://h/a", "d/a.bin", 4000),
    attempts=1,
    http_status=200,
)
TIMING = Timing(
    began=101.0, requested=101.5, answered=103.0, ended=104.0, connecting=0.5, paused=0.0
)
FAILED = replace(
    STORED, status="failed", path=None, size=None, error=Failure("timeout", "x"), attempts=3
)
REPORT = Report(
    mode="parallel",
    threads=8,
    processes=2,
    items=Counts(2, 1, failed=1),
    bytes=4000,
    seconds=Stages(10.0, 9.0, 1.0),
    busy=Busy(9.0, 1.0),
    sequential=Sequential(20.0, 18.0, 22.0, "estimated"),
    saved=None,
    held_back_by=None,
)
HASHED = FileHashed("a.bin", HashResult("part", 4000, seconds=0.5, began=104.5))


@pytest.fixture
def timeline() -> Iterator[Timeline]:
    """Begins at second 100."""
    with closing(Timeline(clock=lambda: 100.0)) as made:
        yield made


def told(timeline: Timeline, *events: Event) -> Timeline:
    for event in (Began(2), *events, Ended(REPORT)):
        timeline.tell(event)
    return timeline


def page(timeline: Timeline) -> str:
    stream = io.StringIO()
    timeline.write_page(stream)
    return stream.getvalue()


def data(timeline: Timeline) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page(timeline))
    assert found
    return json.loads(found[1])


def trace(timeline: Timeline) -> list[dict[str, Any]]:
    """Return the complete events, having read all as a reader of the format would."""
    stream = io.StringIO()
    timeline.write_trace(stream)
    events: list[dict[str, Any]] = json.loads(stream.getvalue())["traceEvents"]
    for event in events:
        assert event["ph"] in {"M", "X"}
        assert {"name", "pid", "tid"} <= event.keys()
        assert event["ph"] == "M" or (event["ts"] >= 0 and event["dur"] >= 0)
    return [event for event in events if event["ph"] == "X"]


def test_an_item_is_taken_apart_into_what_it_did(timeline: Timeline) -> None:
    told(timeline, Finished(STORED, TIMING))
    (span,) = data(timeline)["spans"]
    assert span[:6] == ["fetch", 0, "d/a.bin", "stored", 4000, 1]
    assert span[6:] == [1000, 1000, 2000, 3000, 4000]


def test_what_was_before_the_last_try_is_told_apart(timeline: Timeline) -> None:
    told(timeline, Finished(FAILED, TIMING))
    (span,) = data(timeline)["spans"]
    assert span[2:6] == ["http://h/a", "failed", 0, 3]
    assert span[6:] == [1000, 1500, 2000, 3000, 4000]


def test_files_that_workers_read_have_lanes_of_their_own(timeline: Timeline) -> None:
    told(timeline, HASHED, Finished(STORED, TIMING))
    assert data(timeline)["lanes"] == {"fetch": 1, "hash": 1}
    assert [event["pid"] for event in trace(timeline) if "args" in event] == [1, 2]


def test_items_that_nothing_was_asked_for_are_not_in_it(timeline: Timeline) -> None:
    told(timeline, Finished(STORED), Finished(STORED, Timing()))
    assert data(timeline)["spans"] == []


def test_the_states_of_a_trace_lie_within_their_items(timeline: Timeline) -> None:
    told(timeline, Finished(STORED, TIMING))
    whole, *parts = trace(timeline)
    assert (whole["ts"], whole["dur"], whole["name"]) == (1e6, 3e6, "d/a.bin")
    assert [part["name"] for part in parts] == ["connecting", "waiting", "receiving"]
    assert sum(part["dur"] for part in parts) == whole["dur"]


def test_text_of_strangers_is_data_and_harmless(timeline: Timeline) -> None:
    evil = replace(STORED, path="</script><script>alert(1)\x1b[2J\u202e")
    told(timeline, Finished(evil, TIMING))
    assert "<script>alert" not in page(timeline)
    assert data(timeline)["spans"][0][2] == "</script><script>alert(1)\\x1b[2J\\u202e"


def test_the_page_asks_no_network(timeline: Timeline) -> None:
    text = page(told(timeline, Finished(STORED, TIMING)))
    assert "default-src 'none'" in text
    assert not re.search(r"(src|href)=|@import|url\(", text)


def test_a_run_that_broke_off_leaves_no_page(timeline: Timeline) -> None:
    timeline.tell(Began(1))
    timeline.tell(Ended(None))
    assert page(timeline) == ""


def test_a_full_temporary_folder_is_said_when_it_is_written_and_not_before(
    timeline: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DiskFailed("the temporary folder is full")

    monkeypatch.setattr(SpanLog, "add", full)
    told(timeline, Finished(STORED, TIMING), Finished(STORED, TIMING))
    with pytest.raises(DiskFailed, match="full"):
        page(timeline)


@pytest.mark.skipif(not shutil.which("chromium"), reason="no chromium here")
def test_a_browser_draws_it_without_an_error(timeline: Timeline, tmp_path: Path) -> None:
    text = page(told(timeline, HASHED, Finished(STORED, TIMING), Finished(FAILED, TIMING)))
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom"]
    options = ["--enable-logging=stderr", f"--user-data-dir={tmp_path / 'profile'}"]
    run = subprocess.run(
        [*command, *options, (tmp_path / "page.html").as_uri()],
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"Uncaught" not in run.stderr
    assert run.stdout.decode().count('<td class="name">d/a.bin</td>') == 1
    assert 'aria-label="2 items on 2 fetch and 1 hash lanes in 10.00 s"' in run.stdout.decode()
