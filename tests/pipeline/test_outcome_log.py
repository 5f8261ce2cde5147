"""Outcomes are recorded and told, those of a repeated URL for each of its lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pipeline_rig import Book, Told, items, url

from downloader.errors import DiskFailed, LocalError
from downloader.models import Outcome
from downloader.pipeline import outcome_log
from downloader.pipeline.outcome_log import OutcomeLog
from downloader.pipeline.stats import RunStats

ONE, TWO, THREE = items("a", "a", "a")
DONE = Outcome("stored", line=1, url=url("a"), path="a", size=5)


class Desk:
    """Somebody who tells, and those who are told."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.stats = RunStats()
        self.told = Told()
        self.log = OutcomeLog(book, self.stats, self.told)

    @property
    def lines(self) -> list[int]:
        return [outcome.line for outcome in self.told.outcomes]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with closing(Book(str(tmp_path))) as book:
        yield Desk(book)


def test_an_outcome_is_recorded_counted_and_told(desk: Desk) -> None:
    desk.log.finish(DONE, "key")
    assert desk.book.kept == {"key": DONE}
    assert desk.told.outcomes == [DONE]
    assert desk.stats.counts.stored == 1


def test_without_a_key_there_is_nothing_to_record(desk: Desk) -> None:
    desk.log.finish(DONE, None)
    assert desk.book.kept == {}
    assert desk.lines == [1]


def test_lines_wait_for_the_one_that_is_under_way(desk: Desk) -> None:
    desk.log.expect("key")
    desk.log.repeat(TWO, "key")
    desk.log.repeat(THREE, "key")
    assert desk.lines == []
    desk.log.finish(DONE, "key")
    assert desk.lines == [1, 2, 3]
    assert desk.stats.bytes == 5


def test_a_line_after_that_is_told_at_once(desk: Desk) -> None:
    desk.log.finish(DONE, "key")
    desk.log.repeat(TWO, "key")
    assert desk.lines == [1, 2]
    assert desk.told.outcomes[1].path == "a"


def test_keys_are_apart(desk: Desk) -> None:
    desk.log.expect("one")
    desk.log.expect("two")
    desk.log.repeat(TWO, "one")
    desk.log.finish(DONE, "two")
    assert desk.lines == [1]


def test_what_left_no_record_is_said_to_be_so(desk: Desk) -> None:
    desk.log.repeat(TWO, "key")
    [outcome] = desk.told.outcomes
    assert outcome.error
    assert (outcome.line, outcome.error.kind) == (2, "internal")


def test_how_many_lines_wait_is_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome_log, "WAITING_AT_MOST", 2)
    desk.log.expect("key")
    desk.log.repeat(TWO, "key")
    assert not desk.log.is_full
    desk.log.repeat(THREE, "key")
    assert desk.log.is_full
    desk.log.finish(DONE, "key")
    assert not desk.log.is_full


@pytest.mark.parametrize(("part", "method"), [("book", "record"), ("stats", "finished")])
def test_trouble_keeps_nobody_from_being_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, part: str, method: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DiskFailed("full")

    monkeypatch.setattr(getattr(desk, part), method, fail)
    desk.log.expect("key")
    desk.log.repeat(TWO, "key")
    with pytest.raises(LocalError, match="full"):
        desk.log.finish(DONE, "key")
    assert desk.lines == [1, 2]


def test_a_record_that_cannot_be_read_is_trouble_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(key: str) -> Outcome | None:
        raise DiskFailed("damaged")

    monkeypatch.setattr(desk.book, "recall", fail)
    with pytest.raises(LocalError, match="damaged"):
        desk.log.repeat(TWO, "key")
    assert desk.lines == [2]
