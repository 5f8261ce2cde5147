"""What is told while a run goes on: nothing, to several at once, records, messages, bars."""

from __future__ import annotations

from collections.abc import Mapping

from downloader.models import Event
from downloader.protocols import Reporter

# Loaded when used (`registry.load`): drawing bars is the only part that needs another package.
REPORTERS: Mapping[str, str] = {
    "silent": "downloader.reporters:Silent",
    "fan": "downloader.reporters:Fan",
    "lines": "downloader.reporters.lines:Lines",
    "messages": "downloader.reporters.messages:Messages",
    "bars": "downloader.reporters.bars:Bars",
}


class Silent:
    """Takes note of nothing."""

    def tell(self, event: Event) -> None:
        """Do nothing."""


class Fan:
    """Tells each of several reporters, in their order."""

    def __init__(self, *reporters: Reporter) -> None:
        self._reporters = reporters

    def tell(self, event: Event) -> None:
        """Tell all; a lost stream does not keep the others from being told.

        Raises the first `OSError` once everybody was told.
        """
        lost: OSError | None = None
        for reporter in self._reporters:
            try:
                reporter.tell(event)
            except OSError as error:
                lost = lost or error
        if lost is not None:
            raise lost
