"""Bars on a real terminal (a pty): what it receives, and what it shows in the end."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import termios
import threading
from collections.abc import Iterator
from typing import TextIO

import pytest

from downloader.models import Active, Advanced, Began, Ended, Failure, Finished, Outcome
from downloader.reporters.bars import Bars
from downloader.reporters.messages import Messages
from downloader.reporters.terminal import can_draw

ACTIVE = tuple(Active(f"file-{n}.bin", n, 10, 1.0) for n in range(6))
NOW = Advanced(5 << 20, 0, 2, ACTIVE)
FAILED = Outcome("failed", url="http://h/\x1b[2J", error=Failure("dns", "no host"))


class Terminal:
    """The two ends of a pty: the program's stream, and what a person would see."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.screen, end = pty.openpty()
        self.stream: TextIO = os.fdopen(end, "w", encoding="utf-8")
        self.resize(columns, rows)
        os.set_blocking(self.screen, False)

    def resize(self, columns: int, rows: int) -> None:
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.stream, termios.TIOCSWINSZ, size)

    def received(self) -> str:
        """Return what was written since the last time."""
        self.stream.flush()
        received = b""
        while True:
            try:
                received += os.read(self.screen, 1 << 16)
            except BlockingIOError:
                return received.decode()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    terminal = Terminal()
    yield terminal
    os.close(terminal.screen)
    terminal.stream.close()


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def seen(received: str) -> list[str]:
    """Play the few movements that bars use, and return the lines of the screen."""
    lines, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[[A-Z]|\r|\n|[^\x1b\r\n]+", received):
        if token == "\x1b[A":
            row -= 1
        elif token == "\x1b[J":
            lines[row:] = [lines[row][:column]]
        elif token == "\r":
            column = 0
        elif token == "\n":
            row += 1
            lines += [""] * (row - len(lines) + 1)
        else:
            line = lines[row].ljust(column)
            lines[row] = line[:column] + token + line[column + len(token) :]
            column += len(token)
    return [line.rstrip() for line in lines]


def test_bars_are_wanted_on_a_terminal_that_can_move_its_cursor(terminal: Terminal) -> None:
    assert can_draw(terminal.stream, {"TERM": "xterm"})
    assert not can_draw(terminal.stream, {"TERM": "dumb"})
    assert not can_draw(terminal.stream, {})
    assert not can_draw(io.StringIO(), {"TERM": "xterm"})
    assert not can_draw(None, {"TERM": "xterm"})


def test_the_run_is_shown_with_its_slowest_transfers(terminal: Terminal) -> None:
    clock = Clock()
    bars = Bars(terminal.stream, clock)
    bars.tell(Began(4))
    clock.now += 1
    bars.tell(NOW)
    main, *rows = seen(terminal.received())
    assert main.startswith("0/4 files |")
    assert main.endswith("| 5.0 MiB  5.0 MiB/s  9 s left  2 hashing")
    assert [row.split()[0] for row in rows] == [f"file-{n}.bin" for n in range(4)]
    bars.close()


@pytest.mark.parametrize(("rows", "named"), [(7, 0), (8, 2), (12, 4), (60, 4)])
def test_transfers_are_named_as_far_as_there_is_room(
    terminal: Terminal, rows: int, named: int
) -> None:
    terminal.resize(80, rows)
    bars = Bars(terminal.stream)
    bars.tell(Began(4))
    bars.tell(NOW)
    assert sum("file-" in line for line in seen(terminal.received())) == named
    bars.close()


def test_nothing_is_left_when_the_run_has_ended(terminal: Terminal) -> None:
    bars = Bars(terminal.stream)
    for event in (Began(4), NOW, Ended(None)):
        bars.tell(event)
    bars.write_line("the report")
    assert [line for line in seen(terminal.received()) if line] == ["the report"]


def test_failures_appear_above_the_bars_and_harmless(terminal: Terminal) -> None:
    clock = Clock()
    bars = Bars(terminal.stream, clock)
    messages = Messages(terminal.stream, lambda report: "", write_line=bars.write_line)
    bars.tell(Began(4))
    for event in (Finished(FAILED), NOW):
        bars.tell(event)
        messages.tell(event)
        clock.now += 1
    first, main, *_ = seen(terminal.received())
    assert first == "dl: http://h/\\x1b[2J: no host"
    assert main.startswith("1/4 files")
    assert main.endswith("1 failed")
    bars.close()


def test_a_remark_stands_below_the_first_bar(terminal: Terminal) -> None:
    terminal.resize(40, 24)
    bars = Bars(terminal.stream, remark=lambda: f"… and 19,980 more: {'x' * 80}")
    for event in (Began(4), NOW):
        bars.tell(event)
    _, remark, *rows = seen(terminal.received())
    assert remark.startswith("  … and 19,980 m")
    assert len(remark) < 40
    assert [row.split()[0] for row in rows] == [f"file-{n}.bin" for n in range(3)]
    bars.close()


def test_bars_are_drawn_ten_times_a_second_at_most(terminal: Terminal) -> None:
    clock = Clock()
    bars = Bars(terminal.stream, clock)
    bars.tell(Began(5000))
    terminal.received()
    drawn = 0
    for _ in range(1000):
        clock.now += 0.001
        bars.tell(Finished(FAILED))
        bars.write_line("failed")
        bars.tell(NOW)
        drawn += bool(terminal.received())
    assert drawn == 10
    bars.close()


def test_ten_calls_a_second_are_ten_drawings_though_some_come_early(terminal: Terminal) -> None:
    clock = Clock()
    bars = Bars(terminal.stream, clock)
    bars.tell(Began(5000))
    terminal.received()
    drawn = 0
    for tick in range(100):
        clock.now = 100.0 + tick * 0.1 + (0.003 if tick % 2 else 0.001)
        bars.tell(NOW)
        drawn += bool(terminal.received())
    assert drawn >= 98
    bars.close()


def test_a_resized_terminal_is_drawn_anew(terminal: Terminal) -> None:
    clock = Clock()
    bars = Bars(terminal.stream, clock)
    bars.tell(Began(4))
    for columns, rows in ((120, 24), (40, 10), (20, 5), (80, 24)):
        terminal.resize(columns, rows)
        terminal.received()
        clock.now += 1
        bars.tell(NOW)
        received = terminal.received()
        assert received.startswith("\r\x1b[J")
        assert all(len(line) < columns for line in seen(received))
    bars.close()


def test_other_writers_find_the_terminal_cleared(terminal: Terminal) -> None:
    bars = Bars(terminal.stream)
    bars.tell(Began(4))
    bars.tell(NOW)
    with bars.cleared():
        terminal.stream.write("ab  d/a\n")
    first, main, *_ = seen(terminal.received())
    assert first == "ab  d/a"
    assert main.startswith("0/4 files")
    bars.close()


def test_a_name_that_the_terminal_cannot_express_is_escaped() -> None:
    screen, end = pty.openpty()
    with os.fdopen(screen, "rb", buffering=0) as shown, os.fdopen(end, "w", encoding="ascii") as to:
        bars = Bars(to)
        bars.tell(Began(1))
        bars.tell(Advanced(0, 0, 0, (Active("日\udc80", 0, None, 0.0),)))
        bars.close()
        received = b""
        while b"\\u65e5\\udc80" not in received:  # a terminal hands on what it has so far
            received += shown.read(1 << 16)


def test_no_colour_and_no_thread_comes_with_bars(terminal: Terminal) -> None:
    threads = threading.active_count()
    bars = Bars(terminal.stream)
    for event in (Began(4), NOW):
        bars.tell(event)
    assert threading.active_count() == threads
    bars.close()
    assert not re.search(r"\x1b\[[0-9;]*m", terminal.received())


def test_a_terminal_that_goes_away_is_ignored() -> None:
    screen, end = pty.openpty()
    stream = os.fdopen(end, "w")
    clock = Clock()
    bars = Bars(stream, clock)
    bars.tell(Began(4))
    os.close(screen)
    for _ in range(3):
        clock.now += 1
        bars.write_line("nobody sees this")
        bars.tell(NOW)
    bars.tell(Ended(None))
    with pytest.raises(OSError, match="Input/output"):
        stream.close()
