"""How fast bodies come: r bytes a second on one connection, R on all together.

With n connections reading, the model says n * r until the link is full, and R from there on. Both
are fitted to the windows of the run, in which n varies: one at the start, fewer towards the end.
If the windows leave several pairs possible, the fit keeps them all, and the range shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from downloader.models import Window

# Seconds of windows at a level below which the level says nothing.
LEAST_SECONDS = 0.01
# Seconds past which a level weighs no more: an hour at eight must not outweigh the start at one.
WEIGHTIEST = 0.1
# Share of its time for which a link that is full does not idle while bodies are waited for.
IDLE = 0.25
# Share of the best rate of all that a transfer alone must reach to be held back by processors.
HAS_PROCESSORS = 0.3
# Mean squared error of the logarithm that a fit may have above the best one and still be believed.
BELIEVED = 0.02


class Level(NamedTuple):
    """The windows in which about `reading` connections read: seconds, bytes per second."""

    reading: float
    seconds: float
    rate: float


class Link(NamedTuple):
    """Bytes per second: of one connection by itself, and of all of them together."""

    alone: float
    ceiling: float

    def rate(self, reading: float) -> float:
        """Return the bytes per second of `reading` connections together."""
        return min(reading * self.alone, self.ceiling)

    @property
    def single(self) -> float:
        """Return the bytes per second that one connection reaches when it is alone."""
        return self.rate(1.0)

    def crowded(self, reading: float) -> float:
        """Return how many times slower a connection is among `reading` ones than alone."""
        return max(1.0, reading * self.single / self.rate(reading))


class Fit(NamedTuple):
    """The simplest link that explains the windows, and all that explain them about as well.

    A link without a ceiling is simplest, then one that a single connection fills.
    """

    best: Link
    believed: tuple[Link, ...]


def levels(windows: Sequence[Window]) -> list[Level]:
    """Gather windows by the number of connections that read, in order."""
    gathered: dict[int, list[Window]] = {}
    for window in windows:
        if window.reading >= 0.75:
            gathered.setdefault(round(window.reading), []).append(window)
    found = [_level(group) for _, group in sorted(gathered.items())]
    return [level for level in found if level.seconds >= LEAST_SECONDS and level.rate > 0]


def idles(windows: Sequence[Window], host: str) -> bool:
    """Return True if no byte came for much of the time in which bodies were waited for.

    Then neither a link nor a processor was busy: who waits for such a server waits for it alone.
    """
    mine = [w for w in windows if w.reading >= 0.75 and w.host in (host, None) and not w.alone]
    seconds = sum(window.seconds for window in mine)
    return sum(window.seconds for window in mine if not window.bytes) > IDLE * seconds


def fit(windows: Sequence[Window], host: str, *, computing: bool = False) -> Fit | None:
    """Fit a host's link to the windows; `None` if no body was seen on its way.

    What other hosts did by themselves says nothing of this one. `computing` says that bodies kept
    processors busy: then these may be the link.
    """
    mine = [window for window in windows if window.host in (host, None)]
    if computing and (found := _processors(mine)):
        return found
    steady = levels([window for window in mine if window.steady])
    measured = steady if len(steady) > 1 else levels(mine)
    if not measured:
        return None
    ceilings = sorted({level.rate for level in measured})
    singles = sorted({level.rate / level.reading for level in measured} | set(ceilings))
    links = [Link(r, top) for r in singles for top in (*ceilings, math.inf) if r <= top]
    errors = {link: _error(link, measured) for link in links}
    least = min(errors.values())
    believed = [link for link in links if errors[link] <= least + BELIEVED]
    best = min(believed, key=lambda link: (*_complexity(link), errors[link]))
    return Fit(best, tuple(believed))


def _processors(windows: Sequence[Window]) -> Fit | None:
    """Return the link that processors make, `None` if connections have caps of their own.

    One transfer gets as much of them as many do, once it has got going; in the short time that it
    is watched alone it has not.
    """
    alone = levels([window for window in windows if window.alone])
    everyone = levels(windows)
    if not alone:
        return None
    first, top = alone[0].rate, max(level.rate for level in everyone)
    if first < HAS_PROCESSORS * top:
        return None
    believed = (Link(first, top), Link(top, top), Link(1.3 * top, 1.3 * top))
    return Fit(believed[1], believed)


def _complexity(link: Link) -> tuple[bool, bool]:
    return link.ceiling < math.inf, link.alone < link.ceiling


def _level(group: list[Window]) -> Level:
    seconds = sum(window.seconds for window in group)
    reading = sum(window.reading * window.seconds for window in group) / seconds
    return Level(reading, seconds, sum(window.bytes for window in group) / seconds)


def _error(link: Link, measured: Sequence[Level]) -> float:
    """Return the mean squared error of the logarithm of the rate, weighted by bounded time."""
    weights = [min(level.seconds, WEIGHTIEST) for level in measured]
    errors = [math.log(level.rate / link.rate(level.reading)) ** 2 for level in measured]
    return sum(w * e for w, e in zip(weights, errors, strict=True)) / sum(weights)
