"""Files under suspicion: each is hashed alone by a lone worker, so that a death names its file."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, CancelledError

from downloader.executors.pool import Pool, Work
from downloader.hashing import Row, failed, rows_of

# Workers that a file may kill: the first death may have had another cause.
STRIKES = 2


class Isolation:
    """Hashes one file at a time; none of them can harm another, or this process."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._pool: Pool | None = None
        self._closed = False
        self._guilty = 0

    def hash(self, path: str, algorithms: Sequence[str]) -> Row:
        """Hash a file, in this process only if no worker can be started and it killed none.

        Raises `CancelledError` once this is closed.
        """
        for deaths in range(STRIKES):
            try:
                return self._try(path, algorithms)
            except BrokenExecutor:
                started = self._bury()
            except Exception:  # whatever kept a process from being started
                started = False
            if self._closed:
                raise CancelledError
            if not started:
                return self._without_worker(path, algorithms, deaths)
        self._guilty += 1
        return failed("internal", "hashing this file killed two workers")

    def lift(self) -> int:
        """Let the worker go, until there is a next suspect; return how many files were guilty."""
        self._bury()
        guilty, self._guilty = self._guilty, 0
        return guilty

    def close(self) -> None:
        """End the worker, in the middle of a file if need be. May be called on any thread."""
        self._closed = True
        if pool := self._pool:
            pool.end()

    def _try(self, path: str, algorithms: Sequence[str]) -> Row:
        self._pool = pool = self._pool or Pool(1)
        if self._closed:
            pool.end()
            raise CancelledError
        future = pool.submit(self._work, [path], algorithms)
        if isinstance(future.exception(), BrokenExecutor):
            raise BrokenExecutor
        return rows_of(future, 1)[0]

    def _bury(self) -> bool:
        """Put the broken pool away; return True if it had ever been at work."""
        pool, self._pool = self._pool, None
        if pool is None:
            return False
        pool.end()
        return pool.answered()

    def _without_worker(self, path: str, algorithms: Sequence[str], deaths: int) -> Row:
        if deaths:
            return failed("internal", "hashing this file killed a worker, and none could follow")
        try:
            return self._work([path], algorithms)[0]
        except Exception as error:  # as in a worker
            return failed("internal", f"hashing failed: {error!r}")
