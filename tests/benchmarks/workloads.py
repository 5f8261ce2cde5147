"""The workloads that clients are measured on, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KB, MB = 1000, 1_000_000
MIB = 1 << 20

Place = Literal["memory", "disk"]


@dataclass(frozen=True, slots=True)
class Link:
    """What lies between clients and server: seconds of a round trip, bits a second (0: no cap)."""

    round_trip: float = 0.0
    rate: int = 0


LOOPBACK = Link()
FAR = Link(round_trip=0.050)
SHARED = Link(rate=200 * MB)


@dataclass(frozen=True, slots=True)
class Workload:
    """`files` of `size` bytes each, fetched over `connections` into a fresh folder in `place`.

    `also` names clients that are measured beside the peers without being ones.
    """

    name: str
    title: str
    files: int
    size: int
    connections: int = 8
    place: Place = "memory"
    link: Link = LOOPBACK
    also: tuple[str, ...] = ()


WORKLOADS = (
    Workload("small-memory", "20,000 files of 10 KB, into memory", 20_000, 10 * KB),
    Workload(
        "small-disk",
        "2,000 files of 10 KB, onto a disk",
        2_000,
        10 * KB,
        place="disk",
        also=("sessions",),
    ),
    Workload("medium", "200 files of 1 MB, into memory", 200, MB),
    Workload("large", "4 files of 256 MiB, 4 connections, into memory", 4, 256 * MIB, 4),
    Workload("far", "200 files of 10 KB behind 50 ms", 200, 10 * KB, link=FAR),
    Workload(
        "far-wide",
        "2,000 files of 10 KB behind 50 ms, 64 connections",
        2_000,
        10 * KB,
        64,
        link=FAR,
    ),
    Workload("shared-link", "60 files of 1 MB over 200 Mbit/s", 60, MB, link=SHARED),
    Workload("start-up", "8 files of 10 KB: start-up", 8, 10 * KB, also=("python",)),
)


@dataclass(frozen=True, slots=True)
class Scale:
    """`items` of a few bytes, fetched over `connections`, `runs` times."""

    items: int
    connections: int = 8
    runs: int = 1


# The first one is what a run costs before it has items to speak of. Large runs are their own mean.
SCALES = (
    Scale(1, runs=5),
    Scale(1_000, runs=5),
    Scale(100_000),
    Scale(1_000_000),
    Scale(20_000, connections=512),
)
