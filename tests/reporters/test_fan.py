"""Several reporters are told as one, and none suffers from what another one loses."""

from __future__ import annotations

import pytest

from downloader.models import Ended, Event, Warned
from downloader.reporters import Fan, Silent


class Remembering:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Event] = []

    def tell(self, event: Event) -> None:
        self.told.append(event)


class Lost:
    """Its stream is lost."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def tell(self, event: Event) -> None:
        raise self.error


def test_all_are_told_in_their_order() -> None:
    first, second = Remembering(), Remembering()
    Fan(first, Silent(), second).tell(Warned("careful"))
    assert first.told == second.told == [Warned("careful")]


def test_a_lost_stream_is_raised_once_all_were_told() -> None:
    remembering, broken = Remembering(), BrokenPipeError()
    with pytest.raises(BrokenPipeError) as caught:
        Fan(Lost(broken), Lost(OSError("full")), remembering).tell(Ended(None))
    assert caught.value is broken
    assert remembering.told == [Ended(None)]
