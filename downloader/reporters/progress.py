"""What bars show: how far a run is, and its lines for a terminal of a given width (no drawing)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from downloader.models import WRONG, Active, Advanced, Began, Event, Finished
from downloader.text import columns, escaped, plural, rate, seconds, shortened, size

# Seconds over which the rate is averaged: long enough to be steady, short enough to be true.
WINDOW = 5.0
# Seconds before a guess at the time left is worth reading.
FIRST_GUESS = 1.0
# The bar takes half of what the numbers beside it leave, which is nothing on a narrow terminal. So
# it keeps its place while the numbers change.
NUMBERS = 59
SHORTEST_BAR, LONGEST_BAR = 8, 30


@dataclass
class Progress:
    """How far a run is; `note` takes the events in, the rest is read from it."""

    began: float
    total: int | None = None
    fetching: bool = True
    done: int = 0
    failed: int = 0
    bytes: int = 0
    hashing: int = 0
    active: tuple[Active, ...] = ()
    samples: deque[tuple[float, int]] = field(default_factory=deque)

    def note(self, event: Event, now: float) -> None:
        """Take one event in."""
        match event:
            case Began(total, fetching):
                self.began, self.total, self.fetching = now, total, fetching
            case Finished(outcome):
                self.done += 1
                self.failed += outcome.status in WRONG
            case Advanced():
                self.bytes = event.fetched_bytes if self.fetching else event.hashed_bytes
                self.hashing, self.active = event.hashing, event.active
                self._sample(now)

    def _sample(self, now: float) -> None:
        self.samples.append((now, self.bytes))
        while len(self.samples) > 2 and self.samples[1][0] < now - WINDOW:
            self.samples.popleft()

    def rate(self, now: float) -> float:
        """Return bytes a second over the last seconds."""
        since, before = self.samples[0] if len(self.samples) > 1 else (self.began, 0)
        return (self.bytes - before) / (now - since) if now > since else 0.0

    def reached(self) -> float:
        """Return how many items are done, with the fractions of those under way."""
        parts = sum(min(a.done / a.size, 1.0) for a in self.active if a.size)
        return self.done + parts if self.total is None else min(self.done + parts, self.total)

    def left(self, now: float) -> float | None:
        """Guess the seconds that are left, `None` if there is no ground for a guess."""
        took, reached = now - self.began, self.reached()
        if self.total is None or reached <= 0 or took < FIRST_GUESS:
            return None
        return max(took / reached * (self.total - reached), self._longest())

    def _longest(self) -> float:
        """Return what the slowest of those under way still takes at its own rate."""
        under_way = [a for a in self.active if a.size and a.done]
        return max(((a.size or 0) / a.done * a.seconds - a.seconds for a in under_way), default=0.0)


def bar_columns(progress: Progress, width: int) -> int:
    """Return how long the bar is; 0 if there is none."""
    length = min(LONGEST_BAR, (width - NUMBERS) // 2)
    return length if progress.total and length >= SHORTEST_BAR else 0


def counted(progress: Progress) -> str:
    """Return the files done, of all if that is known: the same width during the whole run."""
    if progress.total is None:
        return plural("file", progress.done)
    return f"{progress.done:>{len(str(progress.total))}}/{plural('file', progress.total)}"


def facts(progress: Progress, now: float, room: int) -> str:
    """Return what fits of bytes, rate, time left, files on the hash stage and failures."""
    left = progress.left(now)
    # In the order of reading; the number says what goes first when there is no room.
    parts = [
        (2, size(progress.bytes)),
        (4, rate(progress.rate(now))),
        (3, f"{seconds(left, 0)} left" if left is not None else ""),
        (1, f"{progress.hashing} hashing" if progress.hashing and progress.fetching else ""),
        (5, f"{progress.failed} failed" if progress.failed else ""),
    ]
    parts = [part for part in parts if part[1]]
    while parts and len(_joined(parts)) > room:
        parts.remove(min(parts))
    return _joined(parts)


def _joined(parts: list[tuple[int, str]]) -> str:
    return "  ".join(text for _, text in parts)


def active_line(active: Active, width: int) -> str:
    """Return one transfer's line: its name, cut in the middle if need be, and how far it is."""
    far = _far(active)
    room = width - len(far) - 4
    if room < 8:
        return shortened(f"  {escaped(active.name)}", width)
    name = shortened(escaped(active.name), min(room, max(width // 2, 24)))
    return f"  {name}{' ' * (min(room, max(width // 2, 24)) - columns(name))}  {far}"


def _far(active: Active) -> str:
    if not active.size:
        return f"      {size(active.done):>10}"
    return f"{min(active.done / active.size, 1.0):>4.0%}  {size(active.done):>10}"
