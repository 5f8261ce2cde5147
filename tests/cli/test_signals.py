"""Signals ask a run to end from a thread of their own, and leave no trace afterwards."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Iterator

import pytest

from downloader.cli import stdin
from downloader.cli.signals import ENDING, Signals
from downloader.shared.stop import Stop


@pytest.fixture(autouse=True)
def unchanged() -> Iterator[None]:
    """Every handler is as it was."""
    before = [signal.getsignal(number) for number in ENDING]
    yield
    assert [signal.getsignal(number) for number in ENDING] == before


@pytest.mark.parametrize("number", ENDING)
def test_the_first_signal_asks_for_the_end(number: int) -> None:
    stop = Stop()
    with Signals(stop) as signals:
        assert not signals.came
        signal.raise_signal(number)
        assert signals.came
        assert stop.sleep(10)
    assert stop.signum == number


def test_an_echo_of_the_first_one_is_not_a_second_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("downloader.cli.signals.ECHO", 60.0)
    stop = Stop()
    with Signals(stop):
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert stop.sleep(10)


def test_what_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stop = Stop()
        with Signals(stop):
            signal.raise_signal(signal.SIGHUP)
        assert not stop.requested()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_run_that_is_stuck_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("downloader.cli.signals.PATIENCE", 0.0)
    with Signals(Stop()), pytest.raises(KeyboardInterrupt):
        _be_stuck_after(signal.SIGTERM)


def _be_stuck_after(number: int) -> None:
    signal.raise_signal(number)
    while True:  # in short sleeps: a signal that comes just before one begins does not end it
        time.sleep(0.01)


def test_reading_ends_at_the_first_signal_and_for_ever() -> None:
    reading, writing = os.pipe()
    stop = Stop()
    with Signals(stop) as signals:
        stream = stdin.Interruptible(io.FileIO(reading), signals, stop)
        os.write(writing, b"one\ntwo\n")
        assert stream.readline() == b"one\n"
        signal.raise_signal(signal.SIGINT)
        assert stream.readline() == b""
        assert stream.read(5) == b""
        stream.close()
    os.close(writing)


def test_reading_does_not_wait_for_more_than_there_is() -> None:
    reading, writing = os.pipe()
    with Signals(Stop()) as signals:
        stream = stdin.Interruptible(io.FileIO(reading), signals, Stop())
        os.write(writing, b"path")
        assert stream.read(1 << 16) == b"path"
        stream.close()
    os.close(writing)
