"""Measure instead of estimating: both modes for real, in alternation, into throw-away folders.

The seconds are those of each run's own report, so that they are the same seconds that `dl fetch`
shows. In the first pair parallel goes first: whatever a server or its caches learn from the first
run then counts against the parallel one, not for it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from downloader import api
from downloader.comparison.matrix import Site, Unreported, measure
from downloader.comparison.speedup import Comparison, Pair
from downloader.comparison.spool import Lists, keep
from downloader.errors import UsageError
from downloader.models import Mode, Report, UrlItem
from downloader.options import Options
from downloader.protocols import Reporter
from downloader.reporters import Silent
from downloader.shared.stop import Stop
from downloader.storage.throwaway import emptied, work_folder

Fetch = Callable[..., Report]
Sources = str | UrlItem | Iterable[str | UrlItem]


def compare(
    sources: Sources,
    options: Options | None = None,
    *,
    runs: int = 1,
    warmup: bool = False,
    matrix: bool = False,
    reporter: Reporter | None = None,
    stop: Stop | None = None,
    stdin: BinaryIO | None = None,
    fetch: Fetch = api.fetch,
) -> Comparison:
    """Run the list `runs` times in both modes, and each stage alone if `matrix` is set.

    Everything goes into folders beside `options.dir`, on the same file system, each removed after
    its run. With `warmup` one run comes first that does not count. `fetch` does one run, as
    `api.fetch` does. A stop request ends the comparison with what is complete by then. Raises what
    `fetch` raises.
    """
    options, reporter, stop = options or Options(), reporter or Silent(), stop or Stop()
    if runs < 1:
        raise UsageError(f"--runs {runs}: give a whole number of at least 1")
    with work_folder(options.dir) as folder:
        lists = _kept(sources, stdin, folder)
        trials = Trials(lists, options, folder, reporter, stop, fetch)
        if warmup:
            replace(trials, reporter=Unreported(reporter)).run("parallel")
        pairs = tuple(trials.pairs(runs))
        found = measure(trials.site(), runs) if matrix else None
    signum = (stop.signum or signal.SIGINT) if stop.requested() else None
    return Comparison(options.threads, options.hash_processes, pairs, found, signum)


def _kept(sources: Sources, stdin: BinaryIO | None, folder: str) -> Lists:
    listed = [sources] if isinstance(sources, str | UrlItem) else list(sources)
    return keep(listed, stdin if stdin is not None else _stdin(), folder)


@dataclass(frozen=True, slots=True)
class Trials:
    """Runs the same lists again and again, each time into a fresh folder."""

    lists: Lists
    options: Options
    folder: str
    reporter: Reporter
    stop: Stop
    fetch: Fetch

    def pairs(self, runs: int) -> Iterator[Pair]:
        """Yield complete pairs, the first mode of one being the second of the next."""
        for number in range(runs):
            order: tuple[Mode, Mode] = ("parallel", "sequential")
            found = {mode: self.run(mode) for mode in (order if number % 2 == 0 else order[::-1])}
            sequential, parallel = found["sequential"], found["parallel"]
            if sequential is None or parallel is None:
                return
            yield Pair(sequential, parallel)

    def run(self, mode: Mode) -> Report | None:
        """Run once in one mode; `None` if a stop request kept the run from its end."""
        if self.stop.requested():
            return None
        with emptied(os.path.join(self.folder, "run")) as folder, self.lists.opened() as stdin:
            report = self.fetch(
                self.lists.sources,
                replace(self.options, dir=folder, sequential=mode == "sequential"),
                reporter=self.reporter,
                stop=self.stop,
                stdin=stdin,
            )
        is_whole = report.interrupted is None and not report.stopped
        return report if is_whole else None

    def site(self) -> Site:
        """Return where and with what the stages are measured alone."""
        return Site(self.lists, self.options, self.folder, self.reporter, self.stop)


def _stdin() -> BinaryIO | None:
    return sys.stdin.buffer if sys.stdin else None
