"""The seams: what a part must be able to do to be plugged in. Nothing here is implemented."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from downloader.models import DownloadResult, Event, FileStat, HashResult, Job, ResumePoint

T = TypeVar("T")


class Fetcher(Protocol):
    """Brings one job's bytes into a part. Called on many threads at once."""

    def fetch(self, job: Job) -> DownloadResult:
        """Fetch one job through all its tries; never raises for what the peer or disk does.

        Raises `errors.LocalError` if this machine stops the whole run.
        """
        ...

    def on_part(self, note: Callable[[Job, ResumePoint], None]) -> None:
        """Have `note` called, on any thread, with what proves that a job's part may be continued.

        The offset is what outlives the machine; all that the part holds outlives this process.
        """
        ...

    def abort(self) -> None:
        """Break off every transfer under way, at once; called once, from any thread."""
        ...

    def close(self) -> None:
        """Close what is open. No transfer is under way any more."""
        ...


class Partial(Protocol):
    """A part that is being written by one thread. Without a commit nothing appears."""

    @property
    def path(self) -> str:
        """Where the bytes are; another process can read them there."""
        ...

    def write_at(self, offset: int, data: bytes | bytearray | memoryview) -> None:
        """Write all of `data` at `offset`."""
        ...

    def truncate(self) -> None:
        """Drop every byte: the next write starts at 0 again."""
        ...

    def sync(self) -> None:
        """Have every byte reach the disk. Raises `OSError` if the disk says no."""
        ...

    def close(self) -> FileStat:
        """Hand every byte to the operating system, raising what it reports; return the stat."""
        ...


class Storage(Protocol):
    """Where parts are written and files appear. Every method may be called on any thread."""

    @property
    def state_folder(self) -> str:
        """The folder of this machine in which the journal of what appears here lies."""
        ...

    def lock(self) -> AbstractContextManager[object]:
        """Return what holds this storage for one run alone while it is entered.

        Entering raises `errors.FolderInUse`, without waiting, if another run holds it.
        """
        ...

    def is_vacant(self) -> bool:
        """Return True if no file stands anywhere in it yet."""
        ...

    def open_part(self, path: str, version: str = "") -> Partial:
        """Make an empty part for the final `path` (relative, "/" between parts).

        Parts of one path that hold different versions of its body never are the same.
        """
        ...

    def write_part(self, path: str, data: memoryview) -> tuple[str, FileStat]:
        """Write a whole part for the final `path` at once; return where it is, and its stat.

        If it raises, there is none.
        """
        ...

    def reopen_part(self, path: str, version: str, keep: int) -> Partial | None:
        """Open a part that holds at least `keep` bytes of this version again; drop all others.

        `None` if there is none.
        """
        ...

    def part_size(self, path: str, version: str) -> int:
        """Return how many bytes of this version a part holds, 0 if there is none."""
        ...

    def stat_part(self, part: str) -> FileStat:
        """Return the stat of a part, that of what will appear; raises `OSError` if it is gone."""
        ...

    def commit(
        self, part: str, path: str, replaces: FileStat | None, stat: FileStat | None = None
    ) -> FileStat:
        """Make the part appear at its final path by one atomic rename; return its stat.

        That is `stat`, if the caller knows it.

        Raises `FileExistsError` if something else than `replaces` stands there by now.
        """
        ...

    def sync(self, paths: Iterable[str]) -> None:
        """Have what was committed at these paths outlast a loss of power, if that is wanted.

        Raises `OSError` if the disk says no.
        """
        ...

    def discard(self, part: str) -> None:
        """Remove a part; a part that is gone already is no error."""
        ...

    def stamp(self, path: str) -> FileStat | None:
        """Return what stands at the final `path`, `None` if there is nothing.

        Raises `FileExistsError` if it is no regular file (a folder, a link, a device), or if
        a folder on the way is no folder.
        """
        ...

    def shown(self, path: str) -> str:
        """Return the final path as it is reachable from the current folder."""
        ...

    def sweep(self, keep: Iterable[tuple[str, str]] = ()) -> None:
        """Remove the parts of earlier runs, but for those of these paths and versions.

        Only for the run that holds the lock.
        """
        ...


class Workers(Protocol):
    """The two stages' workers: pools, or this very thread."""

    threads: int
    processes: int
    inline: bool

    def start(self) -> None:
        """Start the processes, without waiting for them. Twice is no error; `hash` does it too."""
        ...

    def fetch(self, call: Callable[[Job], T], job: Job) -> Future[T]:
        """Run `call(job)` on the fetch stage."""
        ...

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        """Hash files on the hash stage: one result a path, in their order; never raises for one."""
        ...

    def stop(self, *, wait: float) -> bool:
        """End the workers, giving threads `wait` seconds; false if some are still running."""
        ...


class Reporter(Protocol):
    """Is told what happens; never asked. All calls come from one thread."""

    def tell(self, event: Event) -> None:
        """Take note of one event; a stream that is lost is no reason to raise."""
        ...
