"""What a caller may plug in in place of the usual parts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from downloader.protocols import Fetcher, Reporter, Storage, Workers
from downloader.reporters import Silent
from downloader.shared.load import LoadMeter
from downloader.shared.stop import Stop

MakeFetcher = Callable[[Storage, LoadMeter, Stop], Fetcher]


def standard_input() -> BinaryIO | None:
    """Return this process's standard input, `None` if it was closed."""
    return sys.stdin.buffer if sys.stdin else None


@dataclass(frozen=True, slots=True)
class Plugged:
    """A caller's parts; `None` for those that the options describe."""

    reporter: Reporter = field(default_factory=Silent)
    stop: Stop = field(default_factory=Stop)
    stdin: BinaryIO | None = None
    storage: Storage | None = None
    workers: Workers | None = None
    make_fetcher: MakeFetcher | None = None
