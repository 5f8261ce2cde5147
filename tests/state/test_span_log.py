"""Spans come back in the order in which they began, however many there are."""

from __future__ import annotations

import random

import pytest
from spans import fetched

from downloader.errors import DiskFailed
from downloader.models import Span
from downloader.state import span_log
from downloader.state.span_log import SpanLog


def test_spans_come_back_as_they_were_in_the_order_of_their_beginnings() -> None:
    spans = [fetched(began, began + 1.5, name=f"é{began}") for began in range(2000)]
    log = SpanLog()
    for span in random.Random(1).sample(spans, len(spans)):
        log.add(span)
    assert list(log) == spans


def test_they_can_be_read_again_and_added_to() -> None:
    log = SpanLog()
    log.add(fetched(2, 3))
    assert [span.began for span in log] == [2]
    log.add(fetched(1, 3))
    assert [span.began for span in log] == [1, 2]


def fill(log: SpanLog) -> None:
    for began in range(10_000):
        log.add(fetched(began, began + 1))


def test_a_temporary_folder_that_is_full_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(span_log, "SETTINGS", ("PRAGMA max_page_count=2",))
    log = SpanLog()
    with pytest.raises(DiskFailed, match="temporary folder"):
        fill(log)


def test_a_span_says_how_long_it_was() -> None:
    assert fetched(1, 3.5).seconds == 2.5
    assert isinstance(fetched(1, 2), Span)
