"""What is wrong with files waits here, to be told once they were fetched again or could not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from downloader.models import Advanced, Event, Expected, Failure, Finished, Outcome, Warned, replace
from downloader.protocols import Reporter
from downloader.state.failure_log import FailureLog
from downloader.state.spill import SpillDict

Tell = Callable[[Outcome], None]

# Kinds of failures that another copy of the file mends.
_MENDABLE = frozenset({"checksum", "disk"})


class Repairs:
    """Keeps outcomes that may be mended back, in bounded memory; tells all others at once."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._kept = FailureLog()
        self._numbers = SpillDict()  # by path
        self._ended = bytearray()

    def __len__(self) -> int:
        return len(self._kept)

    def take(self, outcome: Outcome) -> None:
        """Take what became of a file when it was checked."""
        kind = outcome.error.kind if outcome.error else ""
        is_mendable = outcome.status == "missing" or kind in _MENDABLE
        if not is_mendable or outcome.path is None:
            self._tell(outcome)
            return
        self._numbers.put(outcome.path, len(self._kept))
        self._kept.append(outcome)
        self._ended.append(False)

    def number(self, expected: Expected) -> int | None:
        """Return the number of what is to be mended, `None` for a file that is right."""
        return self._numbers.get(expected.path)

    def mended(self, number: int, fetched: Outcome) -> None:
        """Tell that a file was fetched again and is in place."""
        kept = self._kept[number]
        line, source, path = kept.line, kept.source, kept.path
        mended = replace(fetched, status="repaired", line=line, source=source, path=path)
        self._end(number, mended)

    def lost(self, number: int, why: Failure) -> None:
        """Tell that a file stays as it is, and why it could not be mended."""
        self._end(number, replace(self._kept[number], error=why))

    def tell_rest(self) -> None:
        """Tell what nothing became of, since the run is to end."""
        for number, outcome in enumerate(self._kept):
            if not self._ended[number]:
                self._tell(outcome)

    def close(self) -> None:
        """Forget everything."""
        self._kept.close()
        self._numbers.close()

    def _end(self, number: int, outcome: Outcome) -> None:
        if not self._ended[number]:
            self._ended[number] = True
            self._tell(outcome)


class RepairReporter:
    """Is told what becomes of fetches: those of a repair, numbered from 1 by their lines."""

    def __init__(self, repairs: Repairs, reporter: Reporter) -> None:
        self._repairs = repairs
        self._reporter = reporter

    def tell(self, event: Event) -> None:
        """Tell of files in place of items, and hand on what else a user should know."""
        match event:
            case Finished(outcome):
                self._ended(outcome.line - 1, outcome)
            case Advanced() | Warned():
                self._reporter.tell(event)

    def _ended(self, number: int, outcome: Outcome) -> None:
        if outcome.error is None:
            self._repairs.mended(number, outcome)
        else:
            self._repairs.lost(number, unmended(outcome.error, outcome.url or ""))


def unmended(failure: Failure, url: str) -> Failure:
    """Say why a file could not be fetched again; a source that has changed is named as such."""
    has_changed = failure.kind == "checksum"
    what = "the source has changed" if has_changed else "it could not be fetched again"
    return replace(failure, message=f"{what}: {url}: {failure.message}")


@contextmanager
def repairs_of(tell: Tell) -> Iterator[Repairs]:
    """Give what keeps outcomes back; what is left is told in the end, whatever happens."""
    with closing(Repairs(tell)) as repairs:
        try:
            yield repairs
        finally:
            repairs.tell_rest()
