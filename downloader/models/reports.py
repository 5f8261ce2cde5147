"""The account of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from downloader.models.results import Outcome

Mode = Literal["parallel", "sequential"]
Basis = Literal["measured", "estimated", "this-run"]
HeldBackBy = Literal[
    "latency",
    "bandwidth",
    "cpu",
    "hashing",
    "host-limit",
    "server",
    "pushed-back",
    "own-limit",
    "disk",
]


class Counts(NamedTuple):
    """How many items of a run ended in which way; the last four are of one that checks files."""

    total: int = 0
    stored: int = 0
    unchanged: int = 0
    kept: int = 0
    failed: int = 0
    ok: int = 0
    repaired: int = 0
    missing: int = 0
    extra: int = 0


class Stages(NamedTuple):
    """Seconds of the whole run and of its two stages, each from its first start to its last end."""

    wall: float = 0.0
    fetch: float = 0.0
    hash: float = 0.0


class Busy(NamedTuple):
    """Seconds of work summed over all threads or processes of a stage."""

    fetch: float = 0.0
    hash: float = 0.0


class Sequential(NamedTuple):
    """What the same work takes one item after another: seconds, with the range that is believed.

    `when` is the date of the run that was measured (ISO 8601, UTC), else `None`.
    """

    seconds: float
    low: float
    high: float
    basis: Basis
    when: str | None = None


class Saved(NamedTuple):
    """Sequential minus parallel seconds (negative: parallel was slower), and their ratio."""

    seconds: float
    speedup: float


class Report(NamedTuple):
    """The account of one run. `failures` can be read again and again, however many there are.

    `parallel_when` is set in a sequential run that is compared with an earlier parallel one;
    `saved` is `None` in a sequential run without one. `own_limit` is the option that held the run
    back, empty if none did. `interrupted` is the signal that ended the
    run early, else `None`; with `is_unchecked` sums were given and not one of them was of an item,
    or they could not be understood in full.
    `stopped` says which limit of failures ended it early, empty if none did; `passed_over` lines
    were not to be fetched, and their files are not known to stand.
    `gil` is False if the interpreter ran threads without a global lock.
    `hashed_while_landing` and `hashed_by_workers` count files by who hashed
    them: those that received them, or the hash workers afterwards. One that `checked` files that
    are there told for each whether it is right.
    """

    mode: Mode
    threads: int
    processes: int
    items: Counts
    bytes: int
    seconds: Stages
    busy: Busy
    sequential: Sequential
    saved: Saved | None
    held_back_by: HeldBackBy | None
    failures: Sequence[Outcome] = ()
    fetched: bool = True
    parallel_when: str | None = None
    interrupted: int | None = None
    hashed_while_landing: int = 0
    hashed_by_workers: int = 0
    own_limit: str = ""
    is_unchecked: bool = False
    stopped: str = ""
    passed_over: int = 0
    gil: bool = True
    checked: bool = False
