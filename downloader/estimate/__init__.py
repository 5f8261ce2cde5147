"""What the sequential run would have taken, from what the parallel run observed (pure functions).

Adding up the items' own seconds is wrong wherever transfers crowd each other: on a shared link or a
busy processor each of eight takes eight times as long as it would alone. So an item's time is
taken apart, and each part is asked what it would be alone:

waits.py       request to reply: latency, which threads overlap, or a queue, which they lengthen
links.py       the body: a cap on each connection, which threads add up, or a link they share
peace.py       pauses that hosts ask for, and the user's own limits, which bind every run
sequential.py  the parts put together again, with processor time, which threading does not shrink
limits.py      which of all that held the run back
"""

from __future__ import annotations

from downloader.estimate.limits import held_back_by
from downloader.estimate.peace import own_limit
from downloader.estimate.sequential import sequential

__all__ = ["held_back_by", "own_limit", "sequential"]
