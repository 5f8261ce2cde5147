"""When failures end a run."""

from __future__ import annotations

import pytest

from downloader.models import Counts
from downloader.pipeline.failure_limit import FailureLimit
from downloader.shared.stop import Stop


@pytest.mark.parametrize(
    ("failed", "total", "ends"),
    [(0, 20, False), (19, 19, False), (5, 20, False), (6, 20, True), (5, 21, False)],
)
def test_a_share_ends_a_run_once_it_is_larger_and_of_enough(
    failed: int, total: int, ends: bool
) -> None:
    stop = Stop()
    limit = FailureLimit(stop, share=25.0)
    limit.watch(Counts(total=total, failed=failed))
    assert (stop.requested(), bool(limit.reached)) == (ends, ends)


def test_what_came_first_is_why_the_run_ended() -> None:
    """What fails because a run is asked to end is not why it was."""
    stop = Stop()
    limit = FailureLimit(stop, fast=True)
    stop.request()
    limit.watch(Counts(total=1, failed=1))
    assert limit.reached == ""
