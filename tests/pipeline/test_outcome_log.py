"""Outcomes are recorded and told, those of a repeated URL for each of its lines."""

from __future__ import annotations

import pytest
from downloader.pipeline.telling import Telling
from pipeline_rig import Book, Told, items, url

from downloader.errors import DiskFailed, LocalError
from downloader.models import Outcome
from downloader.pipeline import telling
from downloader.pipeline.stats import RunStats

ONE, TWO, THREE = items("a", "a", "a")
DONE = Outcome("stored", line=1, url=url("a"), path="a", size=5)


class Desk:
    """Somebody who tells, and those who are told."""

    def __init__(self) -> None:
        self.book = Book()
        self.account = RunStats()
        self.told = Told()
        self.trouble: list[LocalError] = []
        self.telling = Telling(self.book, self.account, self.told, self.trouble.append)

    @property
    def lines(self) -> list[int]:
        return [outcome.line for outcome in self.told.outcomes]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_outcome_is_recorded_counted_and_told(desk: Desk) -> None:
    desk.telling.finish(DONE, "key")
    assert desk.book.kept == {"key": DONE}
    assert desk.told.outcomes == [DONE]
    assert desk.account.counts.stored == 1


def test_without_a_key_there_is_nothing_to_record(desk: Desk) -> None:
    desk.telling.finish(DONE, None)
    assert desk.book.kept == {}
    assert desk.lines == [1]


def test_lines_wait_for_the_one_that_is_under_way(desk: Desk) -> None:
    desk.telling.expect("key")
    desk.telling.repeat(TWO, "key")
    desk.telling.repeat(THREE, "key")
    assert desk.lines == []
    desk.telling.finish(DONE, "key")
    assert desk.lines == [1, 2, 3]
    assert desk.account.bytes == 5


def test_a_line_after_that_is_told_at_once(desk: Desk) -> None:
    desk.telling.finish(DONE, "key")
    desk.telling.repeat(TWO, "key")
    assert desk.lines == [1, 2]
    assert desk.told.outcomes[1].path == "a"


def test_keys_are_apart(desk: Desk) -> None:
    desk.telling.expect("one")
    desk.telling.expect("two")
    desk.telling.repeat(TWO, "one")
    desk.telling.finish(DONE, "two")
    assert desk.lines == [1]


def test_what_left_no_record_is_said_to_be_so(desk: Desk) -> None:
    desk.telling.repeat(TWO, "key")
    [outcome] = desk.told.outcomes
    assert outcome.error
    assert (outcome.line, outcome.error.kind) == (2, "internal")


def test_how_many_lines_wait_is_known(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "WAITING_AT_MOST", 2)
    desk.telling.expect("key")
    desk.telling.repeat(TWO, "key")
    assert not desk.telling.is_full
    desk.telling.repeat(THREE, "key")
    assert desk.telling.is_full
    desk.telling.finish(DONE, "key")
    assert not desk.telling.is_full


@pytest.mark.parametrize(("part", "method"), [("book", "record"), ("account", "finished")])
def test_trouble_keeps_nobody_from_being_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, part: str, method: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise DiskFailed("full")

    monkeypatch.setattr(getattr(desk, part), method, fail)
    desk.telling.expect("key")
    desk.telling.repeat(TWO, "key")
    desk.telling.finish(DONE, "key")
    assert desk.lines == [1, 2]
    assert "full" in str(desk.trouble[0])


def test_a_record_that_cannot_be_read_is_trouble_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(key: str) -> Outcome | None:
        raise DiskFailed("damaged")

    monkeypatch.setattr(desk.book, "recall", fail)
    desk.telling.repeat(TWO, "key")
    assert (desk.lines, len(desk.trouble)) == ([2], 1)
