"""What is to be done with each line of the list, decided in list order before its first request.

Names depend on the list alone, never on timing: the n-th line's name is a function of the lines
up to it, so every run of the same list gives the same names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from downloader.errors import LocalError, UsageError
from downloader.models import UrlItem
from downloader.planning.checks import Checks
from downloader.planning.line_planner import Earlier, LinePlanner, NothingEarlier
from downloader.planning.place import Place
from downloader.planning.planned import Kept, PassedOver, Planned, Refused, Repeat
from downloader.state.spill import SpillDict

__all__ = ["Kept", "PassedOver", "Place", "Planned", "Planner", "Refused", "Repeat"]


def _at_once() -> bool:
    return True


class Planner:
    """Turns items into jobs, in order, by the batch, and takes the list's fingerprint."""

    def __init__(
        self,
        items: Iterable[UrlItem],
        place: Place,
        urls_so_far: SpillDict,
        checks: Checks | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        self._items = iter(items)
        self._lines = LinePlanner(place, urls_so_far, checks, earlier or NothingEarlier())
        self._error: UsageError | LocalError | None = None
        self._is_read = False

    @property
    def is_read(self) -> bool:
        """Return True if the list has ended, or broken off, and nothing more is to be taken."""
        return self._is_read

    def take(self, most: int, ready: Callable[[], bool] = _at_once) -> list[Planned]:
        """Decide up to `most` lines, in list order; nothing is read ahead.

        Fewer if the next line is not `ready` (it is not waited for), or if the list ends. Raises
        `UsageError` if the list breaks off, and `LocalError`, once everything that was decided
        before has been taken.
        """
        planned: list[Planned] = []
        try:
            if not self._is_read:
                self._fill(planned, most, ready)
        except (UsageError, LocalError) as error:
            if not planned:
                self._is_read = True
                raise
            self._error = error
        return planned

    def __iter__(self) -> Iterator[Planned]:
        """Decide one line after the other; nothing is read ahead."""
        while not self._is_read:
            yield from self.take(1)

    def fingerprint(self) -> str:
        """Identify the list that was read so far: its usable URLs and names, in order."""
        return self._lines.fingerprint()

    def notices(self) -> Iterator[str]:
        """Yield what there is to say of names that were changed, at the end of a run."""
        return self._lines.notices()

    def _fill(self, planned: list[Planned], most: int, ready: Callable[[], bool]) -> None:
        if self._error:
            raise self._error
        while len(planned) < most and ready():
            item = next(self._items, None)
            if item is None:
                self._is_read = True
                return
            planned.append(self._lines.plan(item))
