"""A world whose laws are known: what a run would observe in it, and what sequential really takes.

Time advances in steps of a millisecond. Each transfer waits for its reply, then reads its body at
the lesser of its own cap and its even share of the link. As in a real run the first transfer is
alone for a moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from downloader.models import Observations, Sample, Window

STEP = 0.001
WINDOW = 5  # steps
PATIENCE = 0.012
ALONE = 0.025
MB = 1_000_000


@dataclass
class Transfer:
    """One item on its way."""

    size: int
    latency: float
    cap: float
    host: str
    rank: int
    began: float
    left: float
    queued: bool
    answered: float | None = None
    ended: float | None = None
    load_waiting: list[int] = field(default_factory=list)
    load_reading: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class World:
    """Latency in seconds, bytes a second of a connection and of the link; `serial`: one by one."""

    latency: float = 0.0
    cap: float = 1e12
    link: float = 1e12
    serial: bool = False
    host: str = "a"

    def sequential(self, sizes: Sequence[int]) -> float:
        """Return what one item after another takes."""
        return sum(self.latency + size / min(self.cap, self.link) for size in sizes)

    def observe(self, sizes: Sequence[int], threads: int) -> Observations:
        """Return what a run with that many threads observes."""
        return observe([(self, size) for size in sizes], threads)


def observe(items: Sequence[tuple[World, int]], threads: int) -> Observations:
    """Return what a run observes whose items lie in several worlds; they share the first's link."""
    return Run(items, threads).observations()


class Run:
    """A parallel run in a world."""

    def __init__(self, items: Sequence[tuple[World, int]], threads: int) -> None:
        self.link = items[0][0].link if items else 0.0
        self.waiting = list(items)
        self.threads = threads
        self.now = 0.0
        self.active: list[Transfer] = []
        self.done: list[Transfer] = []
        self.windows: list[Window] = []
        self.steps: list[tuple[int, list[str], float]] = []

    def observations(self) -> Observations:
        """Run to the end."""
        total = sum(size for _, size in self.waiting)
        while self.waiting or self.active:
            self._begin()
            self._step()
        return Observations(
            wall=self.now,
            fetch=self.now,
            hash=0.0,
            busy_fetch=sum(t.ended - t.began for t in self.done if t.ended),
            busy_hash=0.0,
            hash_cpu=0.0,
            cpu=0.0,
            coordinator_cpu=0.0,
            threads=self.threads,
            processes=1,
            items=len(self.done),
            bytes=total,
            samples=tuple(_sample(t) for t in self.done),
            windows=tuple(self.windows),
        )

    def _allowed(self) -> int:
        first = next(iter([*self.done, *self.active]), None)
        if first is None:
            return 1
        if first.answered is None:
            return 1 if self.now < PATIENCE else self.threads
        return 1 if self.now < first.answered + ALONE else self.threads

    def _begin(self) -> None:
        while self.waiting and len(self.active) < self._allowed():
            world, size = self.waiting.pop(0)
            rank = len(self.active) + 1
            self.active.append(
                Transfer(
                    size,
                    world.latency,
                    world.cap,
                    world.host,
                    rank,
                    self.now,
                    float(size),
                    world.serial,
                )
            )

    def _step(self) -> None:
        served = False
        reading = [t for t in self.active if t.answered is not None]
        for transfer in self.active:
            if transfer.answered is None:
                transfer.load_waiting.append(len(self.active))
                if not (transfer.queued and served):
                    transfer.latency -= STEP
                served = True
                if transfer.latency < STEP / 2:
                    transfer.answered = self.now + STEP
        moved = self._move(reading)
        self.now += STEP
        self.steps.append((len(self.active), [transfer.host for transfer in reading], moved))
        if len(self.steps) == WINDOW:
            self._end_window()
        self.done += [t for t in self.active if t.ended is not None]
        self.active = [t for t in self.active if t.ended is None]

    def _end_window(self) -> None:
        hosts = {host for _, reading, _ in self.steps for host in reading}
        self.windows.append(
            Window(
                seconds=WINDOW * STEP,
                active=_mean([active for active, _, _ in self.steps]),
                reading=_mean([len(reading) for _, reading, _ in self.steps]),
                bytes=round(sum(moved for _, _, moved in self.steps)),
                items=0,
                host=hosts.pop() if len(hosts) == 1 else None,
            )
        )
        self.steps.clear()

    def _move(self, reading: Sequence[Transfer]) -> float:
        """Let bodies come: each gets its cap or an even share of what the others leave."""
        moved, link, open_ = 0.0, self.link, len(reading)
        for transfer in sorted(reading, key=lambda t: t.cap):
            transfer.load_reading.append(len(self.active))
            rate = min(transfer.cap, link / open_)
            link, open_ = link - rate, open_ - 1
            step = min(transfer.left, rate * STEP)
            transfer.left -= step
            moved += step
            if transfer.left <= 0:
                transfer.ended = self.now + STEP
        return moved


def _sample(transfer: Transfer) -> Sample:
    answered = transfer.answered or 0.0
    return Sample(
        host=transfer.host,
        size=transfer.size,
        waiting=answered - transfer.began,
        reading=(transfer.ended or 0.0) - answered,
        load_waiting=_mean(transfer.load_waiting),
        load_reading=_mean(transfer.load_reading),
        rank=transfer.rank,
        at=transfer.began,
    )


def _mean(loads: Sequence[int]) -> float:
    return sum(loads) / len(loads) if loads else 1.0
