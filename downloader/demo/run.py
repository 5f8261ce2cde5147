"""The demonstration: one list, fetched one item at a time and then in parallel, all checked.

Both runs are `api.fetch` and nothing else, into the same throw-away folder, so the second report
can quote the first one as measured.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from downloader import api
from downloader.demo.serving import Served, serving
from downloader.models import Event, Finished, Mode, Report
from downloader.options import Options
from downloader.protocols import Reporter
from downloader.reporters import Fan, Silent
from downloader.shared.stop import Stop


@dataclass(frozen=True, slots=True)
class Checked:
    """One run: its report, and the URLs whose digest was, or was not, the server's."""

    report: Report
    right: frozenset[str]
    wrong: frozenset[str]


class Checker:
    """Compares the digests that a run reports with the server's."""

    def __init__(self, served: Served) -> None:
        self._digests = served.digests
        self._right: set[str] = set()

    def tell(self, event: Event) -> None:
        """Take note of an item that is done."""
        if isinstance(event, Finished) and event.outcome.status == "stored":
            url = event.outcome.url or ""
            found = {digest.hexdigest for digest in event.outcome.digests}
            if self._digests.get(url) in found:
                self._right.add(url)

    def checked(self, report: Report) -> Checked:
        """Return what was found; what did not arrive is wrong as well."""
        return Checked(report, frozenset(self._right), frozenset(self._digests) - self._right)


class Demo:
    """The demonstration, a run after the other: sequential first, then parallel."""

    def __init__(self, served: Served, folder: str, stop: Stop | None = None) -> None:
        self.served = served
        self._stop = stop or Stop()
        self._list = os.path.join(folder, "urls.txt")
        self._files = os.path.join(folder, "files")
        with open(self._list, "w", encoding="utf-8") as stream:
            stream.writelines(f"{url}\n" for url in served.digests)

    def run(self, mode: Mode, reporter: Reporter | None = None) -> Checked:
        """Fetch the whole list in one mode and check every digest."""
        checker = Checker(self.served)
        # No proxy of the environment stands between this machine and itself.
        options = Options(dir=self._files, sequential=mode == "sequential", proxy="")
        told = Fan(checker, reporter or Silent())
        report = api.fetch(self._list, options, reporter=told, stop=self._stop)
        return checker.checked(report)


@contextmanager
def demo(stop: Stop | None = None) -> Iterator[Demo]:
    """Start the server, make the list and a folder for it; leave nothing at the end."""
    with serving() as served, _temporary() as folder:
        yield Demo(served, folder, stop)


@contextmanager
def _temporary() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="dl-demo-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
