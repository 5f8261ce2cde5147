"""Files that nobody has a record of: what stands in a folder besides those that were checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import closing
from typing import NamedTuple

from downloader.inputs.paths import walk
from downloader.models import Expected, Finished, Outcome
from downloader.pipeline.stats import RunStats
from downloader.protocols import Reporter
from downloader.shared.stop import Stop
from downloader.state.spill import SpillDict


class Searched(NamedTuple):
    """Folders that are looked through, and the paths of files that are none of theirs."""

    folders: Sequence[str] = ()
    passed_over: Sequence[str] = ()


class ExtraFiles:
    """Tells of each file in some folders that is not expected there; no link is followed."""

    def __init__(self, reporter: Reporter, stats: RunStats, stop: Stop) -> None:
        self._reporter = reporter
        self._stats = stats
        self._stop = stop

    def run(self, expected: Iterable[Expected], searched: Searched) -> None:
        """Look through the folders, sorted by name; returns early when a stop is requested."""
        if not searched.folders:
            return
        with closing(SpillDict()) as known:
            _note_all((each.path for each in expected), known)
            _note_all(searched.passed_over, known)
            for folder in searched.folders:
                self._look_through(folder, known)

    def _look_through(self, folder: str, known: SpillDict) -> None:
        for found, _ in walk(folder, links=True):
            if self._stop.requested():
                return
            path = os.path.normpath(found)
            if known.add(path, 0):
                outcome = Outcome("extra", path=path)
                self._stats.finished(outcome)
                self._reporter.tell(Finished(outcome))


def _note_all(paths: Iterable[str], known: SpillDict) -> None:
    """Note paths and the folders that lead there: one of those may be a link."""
    last = ""
    for path in map(os.path.normpath, paths):
        known.put(path, 0)
        folder = os.path.dirname(path)
        if folder != last:
            last = folder
            while folder and known.add(folder, 0):
                folder = os.path.dirname(folder)
