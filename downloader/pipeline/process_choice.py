"""Whether processes are to share the work of fetch threads: if one interpreter is the limit."""

from __future__ import annotations

import time
from collections.abc import Callable

# Seconds that the run is watched before anything is decided, and between two looks.
WATCHED = 0.1
# Share of a processor from which the coordinator's thread is what all others wait for.
BOUND = 0.7
# Items a second, and items still to come, below which starting processes costs more than it saves.
MANY_A_SECOND = 1000
MANY = 4000
# One coordinator keeps about this many busy.
MOST = 3


class ProcessChoice:
    """Decides once, for the coordinator's thread, on whose processor clock it looks.

    `asked` is the user's number, `None` to have it decided here; `expected` the length of the
    list, if that is known.
    """

    def __init__(
        self,
        asked: int | None,
        *,
        processors: int,
        transfers: int,
        expected: int | None,
        clock: Callable[[], float] = time.monotonic,
        cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self._size = min(asked or max(1, min(processors - 1, MOST)), transfers)
        self._is_open = transfers > 1 and (processors > 1 if asked is None else asked > 1)
        self._is_asked = asked is not None
        self._expected = expected
        self._clock = clock
        self._cpu = cpu
        self._last: tuple[float, float, int] | None = None

    def size(self, landed: int, done: int) -> int:
        """Return how many processes to start now, 0 for none.

        `landed` is the number of usual jobs that were done on the coordinator's thread, `done`
        that of all items.
        """
        if not self._is_open or not landed:
            return 0
        if not self._is_asked and not self._is_worth_it(landed, done):
            return 0
        self._is_open = False
        return self._size

    def _is_worth_it(self, landed: int, done: int) -> bool:
        now = self._clock()
        began, cpu_began, landed_before = self._last or (now - WATCHED, 0.0, landed)
        seconds = now - began
        if seconds < WATCHED:
            return False
        cpu = self._cpu()  # dear to ask for, so not oftener than this
        self._last = (now, cpu, landed)
        is_bound = cpu - cpu_began > BOUND * seconds
        is_fast = landed - landed_before > MANY_A_SECOND * seconds
        left = done if self._expected is None else self._expected - done
        return is_bound and is_fast and left > MANY
