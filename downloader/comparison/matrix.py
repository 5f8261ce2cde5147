"""Each stage alone over the sizes of its pool: what threads do for fetching, processes for hashing.

Fetching is timed with hashing left out, hashing on files that are there already, so neither takes
processors from the other. A cell's seconds are the wall of such a run, storing and the start of
the pool included.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from downloader import api
from downloader.comparison.cells import Cell, Matrix, scale
from downloader.comparison.fetch_only import FetchOnly
from downloader.comparison.spool import Lists
from downloader.models import Ended, Event, Report
from downloader.options import Options
from downloader.protocols import Reporter
from downloader.shared.stop import Stop
from downloader.storage.throwaway import remove


class Unreported:
    """Passes events on without the report of a run that does not count, or is half a run."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def tell(self, event: Event) -> None:
        """Pass an event on."""
        self._reporter.tell(Ended(None) if isinstance(event, Ended) else event)


@dataclass(frozen=True, slots=True)
class Site:
    """Where and with what the stages are measured."""

    lists: Lists
    options: Options
    folder: str
    reporter: Reporter
    stop: Stop


def measure(site: Site, rounds: int) -> Matrix:
    """Measure both stages, `rounds` times each; hashed is what was fetched here last."""
    stages = Stages(site, Unreported(site.reporter))
    fetch = cells(scale(site.options.threads), rounds, stages.fetch)
    hash_ = cells(scale(site.options.hash_processes), rounds, stages.hash)
    return Matrix(fetch, hash_)


def cells(
    sizes: Sequence[int], rounds: int, run: Callable[[int], Report | None]
) -> tuple[Cell, ...]:
    """Run every size once a round, every other round backwards; rounds that broke off are dropped.

    `run` returns `None` if it could not come to its end.
    """
    complete: list[dict[int, Report]] = []
    for number in range(rounds):
        order = sizes if number % 2 == 0 else sizes[::-1]
        found = {size: report for size in order if (report := run(size)) is not None}
        if len(found) == len(sizes):
            complete.append(found)
    if not complete:
        return ()
    return tuple(_cell(size, [found[size] for found in complete]) for size in sizes)


def _cell(size: int, reports: Sequence[Report]) -> Cell:
    seconds = tuple(report.seconds.wall for report in reports)
    return Cell(size, seconds, max(report.items.failed for report in reports))


@dataclass(frozen=True, slots=True)
class Stages:
    """One run of one stage alone. Files that were fetched stay until they are fetched again."""

    site: Site
    reporter: Reporter

    def fetch(self, threads: int) -> Report | None:
        """Fetch on so many threads (0: no pool) into a folder that is empty again."""
        site = self.site
        if site.stop.requested():
            return None
        remove(self._files)
        with site.lists.opened() as stdin:
            report = api.fetch(
                *(site.lists.sources, self._fetching(threads)),
                reporter=self.reporter,
                executor=FetchOnly(threads),
                stop=site.stop,
                stdin=stdin,
            )
        return _if_complete(report)

    def _fetching(self, threads: int) -> Options:
        options = replace(self.site.options, dir=self._files, sequential=threads == 0)
        return replace(options, threads=max(1, threads))

    def hash(self, processes: int) -> Report | None:
        """Hash what was fetched, on so many processes (0: no pool)."""
        site = self.site
        if site.stop.requested():
            return None
        options = replace(site.options, processes=max(1, processes), sequential=processes == 0)
        report = api.hash_files(self._files, options, reporter=self.reporter, stop=site.stop)
        return _if_complete(report)

    @property
    def _files(self) -> str:
        return os.path.join(self.site.folder, "matrix")


def _if_complete(report: Report) -> Report | None:
    return None if report.interrupted is not None else report
