"""Plans whose lines are given by hand, in place of a planner."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from downloader.planning.planner import Planned


class OneByOne:
    """Lines that are decided one by one, so that every line that is read was asked for."""

    def __init__(self, planned: Iterable[Planned]) -> None:
        self._planned = iter(planned)
        self.is_read = False

    def take(self, most: int, ready: Callable[[], bool]) -> list[Planned]:
        """Return the next line, none if it is not ready; an error ends the plan."""
        try:
            if self.is_read or not ready():
                return []
            planned = next(self._planned, None)
        except BaseException:
            self.is_read = True
            raise
        self.is_read = planned is None
        return [] if planned is None else [planned]
