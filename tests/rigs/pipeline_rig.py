"""A pipeline plugged together from plain parts, real ones where they are cheap."""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from plans import OneByOne

from downloader.executors.local import Sequential
from downloader.hashing import hash_file
from downloader.models import (
    DownloadResult,
    Event,
    Failure,
    FileStat,
    Finished,
    HashResult,
    Job,
    Outcome,
    ResumePoint,
    UrlItem,
)
from downloader.pipeline.concurrency import ConcurrencyController
from downloader.pipeline.context import RunContext
from downloader.pipeline.coordinator import Coordinator
from downloader.pipeline.stats import RunStats
from downloader.planning import naming
from downloader.planning.names import Names
from downloader.planning.place import Place
from downloader.planning.planner import Planned, Planner
from downloader.protocols import Storage, Workers
from downloader.shared.load import LoadMeter
from downloader.shared.stop import Stop
from downloader.state.journal import Announced, Journal
from downloader.state.spill import SpillDict
from downloader.storage.local import LocalStorage

T = TypeVar("T")
# Seconds after which what a test waits for will not come.
LONG = 30.0


def url(name: str) -> str:
    """Return a URL with that path on a host that is never asked."""
    return f"http://example.org/{name}"


def items(*names: str) -> list[UrlItem]:
    """Return list lines: names stand for URLs, what has a colon for itself."""
    texts = [name if ":" in name else url(name) for name in names]
    return [UrlItem(text, line, "list") for line, text in enumerate(texts, start=1)]


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return what the time is."""
        return self.now


class Threaded:
    """Workers on threads; `hash` can be replaced by a test."""

    processes = 1
    inline = False

    def __init__(self, threads: int = 4) -> None:
        self.threads = threads
        self._fetchers = ThreadPoolExecutor(threads)
        self._hasher = ThreadPoolExecutor(1)

    def start(self) -> None:
        """Start nothing."""

    def fetch(self, call: Callable[[Job], T], job: Job) -> Future[T]:
        """Run on one of the threads."""
        return self._fetchers.submit(call, job)

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Hash on another thread."""
        return self._hasher.submit(lambda: [hash_file(path, algorithms) for path in paths])

    def stop(self, *, wait: float) -> bool:
        """Wait for the threads."""
        self._fetchers.shutdown(cancel_futures=True)
        self._hasher.shutdown(cancel_futures=True)
        return True


class Fetcher:
    """Writes what `body` returns for a job; a failure or an exception is passed on."""

    def __init__(self, storage: Storage, body: Callable[[Job], bytes | Failure]) -> None:
        self._storage = storage
        self.body = body
        self.begun: list[str] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self.aborted = threading.Event()
        self._lock = threading.Lock()

    def fetch(self, job: Job) -> DownloadResult:
        """Fetch one job."""
        with self._lock:
            self.begun.append(job.path)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return self._fetch(job)
        finally:
            with self._lock:
                self.in_flight -= 1

    def on_part(self, note: Callable[[Job, ResumePoint], None]) -> None:
        """Note no part."""

    def abort(self) -> None:
        """Note that transfers are to be broken off."""
        self.aborted.set()

    def close(self) -> None:
        """Close nothing."""

    def _fetch(self, job: Job) -> DownloadResult:
        body = self.body(job)
        if isinstance(body, Failure):
            return DownloadResult(job, failure=body)
        part = self._storage.open_part(job.path)
        part.write_at(0, body)
        part.close()
        return DownloadResult(job, part=part.path, size=len(body), http_status=200)


class Book(Journal):
    """A journal of which one can see what it was given."""

    def __init__(self, folder: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(os.path.join(folder, "journal.sqlite3"), clock)
        self.kept: dict[str, Outcome] = {}
        self.stamps: dict[str, FileStat | None] = {}
        self.announced: dict[str, FileStat] = {}

    def announce(self, files: Iterable[Announced]) -> None:
        """Keep which files are about to appear."""
        announced = list(files)
        self.announced.update({result.job.path: stamp for result, stamp, _ in announced})
        super().announce(announced)

    def record(
        self, outcome: Outcome, result: DownloadResult | None, stamp: FileStat | None, key: str
    ) -> None:
        """Keep one outcome."""
        self.kept[key] = outcome
        self.stamps[key] = stamp
        super().record(outcome, result, stamp, key)


class Steady(ConcurrencyController):
    """A concurrency that never changes; `observed` is called whenever the run has looked round."""

    def __init__(self, allowed: int) -> None:
        super().__init__(allowed, LoadMeter(), lambda _: None)
        self._allowed = allowed
        self.observed: Callable[[], object] = lambda: None

    def allowed(self) -> int:
        """Return the number given."""
        return self._allowed

    def landed(self) -> bool:
        """Know nothing."""
        return False

    def observe(self) -> None:
        """Tell the test."""
        self.observed()

    def interval(self) -> float:
        """Return a short time."""
        return 0.01


class Told:
    """A reporter that remembers; `on_finished` is called at each outcome."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.outcomes: list[Outcome] = []
        self.on_finished: Callable[[Outcome], object] = lambda _: None

    def tell(self, event: Event) -> None:
        """Remember an event."""
        self.events.append(event)
        if isinstance(event, Finished):
            self.outcomes.append(event.outcome)
            self.on_finished(event.outcome)

    def summary(self) -> dict[int, str]:
        """Return what became of each line; fails where one was told twice."""
        counted = Counter(outcome.line for outcome in self.outcomes)
        assert set(counted.values()) <= {1}, counted
        return {o.line: o.error.kind if o.error else o.status for o in self.outcomes}


class Foreign:
    """Owns nothing of what stands."""

    def owns(self, path: str, stamp: FileStat) -> bool:
        """Return False."""
        return False


class Rig:
    """A pipeline on a folder; `body` says what each job's URL holds: by default its own path."""

    def __init__(
        self,
        root: Path,
        *,
        body: Callable[[Job], bytes | Failure] = lambda job: job.path.encode(),
        workers: Workers | None = None,
        sequential: bool = False,
        allowed: int = 4,
    ) -> None:
        self.root = root
        self.storage = LocalStorage(str(root))
        self.fetcher = Fetcher(self.storage, body)
        self.workers = workers or (Sequential() if sequential else Threaded())
        self.journal = Book(str(root / ".dl"))
        self.told = Told()
        self.stats = RunStats()
        self.concurrency = Steady(allowed)
        self.meter = LoadMeter()
        self.stop = Stop()

    def plan(self, lines: Iterable[UrlItem], *, overwrite: bool = False) -> Planner:
        """Make the plan of a list."""
        names = Names(naming.flat_path, SpillDict())
        place = Place(names, Foreign(), self.storage, overwrite=overwrite)
        return Planner(lines, place, SpillDict())

    def run(self, *names: str) -> dict[int, str]:
        """Run the list of these names; return what became of each line."""
        return self.run_plan(self.plan(items(*names)))

    def run_plan(
        self, plan: Planner | Iterable[Planned], ready: Callable[[], bool] = lambda: True
    ) -> dict[int, str]:
        """Run a plan; return what became of each line."""
        planner = plan if isinstance(plan, Planner) else OneByOne(plan)
        Coordinator(self.context()).run(planner, ready)
        return self.told.summary()

    def context(self) -> RunContext:
        """Plug the parts together."""
        return RunContext(
            workers=self.workers,
            fetcher=self.fetcher,
            storage=self.storage,
            journal=self.journal,
            reporter=self.told,
            stats=self.stats,
            concurrency=self.concurrency,
            meter=self.meter,
            stop=self.stop,
            algorithms=("sha256",),
        )

    def files(self) -> list[str]:
        """Name what stands in the target folder."""
        return sorted(path.name for path in self.root.iterdir() if path.name != ".dl")

    def parts_left(self) -> list[str]:
        """Name the parts on disk."""
        return sorted(path.name for path in (self.root / ".dl" / "parts").iterdir())

    def close(self) -> None:
        """End the threads."""
        self.workers.stop(wait=LONG)
        self.journal.close()
        self.storage.close()


def counted(lines: Iterable[T], read: list[T]) -> Iterator[T]:
    """Give lines on, and write down which have been read."""
    for line in lines:
        read.append(line)
        yield line
