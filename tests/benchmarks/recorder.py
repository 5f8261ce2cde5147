"""`dl` as ever, which also writes what it observed to the file that DL_BENCH_OBSERVED names."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

from downloader import estimate
from downloader.__main__ import main
from downloader.run import report

if TYPE_CHECKING:
    from downloader.models import Observations, Sequential


def sequential(observed: Observations) -> Sequential:
    """Write it, and estimate."""
    with open(os.environ["DL_BENCH_OBSERVED"], "w", encoding="ascii") as file:
        json.dump(observed._asdict(), file)
    return estimate.sequential(observed)


if __name__ == "__main__":
    told = SimpleNamespace(
        sequential=sequential,
        held_back_by=estimate.held_back_by,
        own_limit=estimate.own_limit,
    )
    vars(report)["estimate"] = told
    main()
