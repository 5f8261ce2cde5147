"""What hosts may be asked holds whichever way files are fetched: threads, one thread, processes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from good import GoodServer, Reply, Request

from downloader import Options, fetch

THREADS = 4
PAUSE = 1.0  # seconds
# Options that keep usual jobs on the fetch threads (fsync), on the coordinator's, or in processes.
WAYS: dict[str, dict[str, object]] = {
    "threads": {"fsync": True},
    "multiplexer": {},
    "processes": {"fetch_processes": 2},
}
by_any_way = pytest.mark.parametrize("way", WAYS)


class Busy:
    """Serves, says 429 to one request and all that come in the pause after it, and serves again."""

    def __init__(self, after: int) -> None:
        self._left = after
        self._lock = threading.Lock()
        self._until = 0.0
        self.too_early = 0

    def __call__(self, request: Request) -> Reply:
        """Reply, after a moment in which others come."""
        time.sleep(0.002)
        with self._lock:
            self._left -= 1
            if self._left == 0:
                self._until = time.monotonic() + PAUSE
            left = self._until - time.monotonic()
            if left <= 0.0:
                return Reply(request.path.encode())
            self.too_early += self._left < 0
            return Reply(status=429, headers={"Retry-After": "1"})


class Crowd:
    """Serves, and counts the requests that are under way at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = self.most = 0
        self.at: list[float] = []

    def __call__(self, request: Request) -> Reply:
        """Reply, after a moment in which others come."""
        with self._lock:
            self.at.append(time.monotonic())
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.005)
        with self._lock:
            self._now -= 1
        return Reply(request.path.encode())


def run(folder: Path, server: GoodServer, way: str, **options: object) -> None:
    values = {"dir": str(folder), "threads": THREADS, "processes": 1, "proxy": "", **WAYS[way]}
    given = Options(**{**values, **options})  # type: ignore[arg-type]  # each test's own
    report = fetch([server.url(path) for path in server.files], given)
    assert report.items.stored == len(server.files)


@by_any_way
def test_a_host_that_says_not_now_gets_no_more_than_was_on_its_way(
    tmp_path: Path, way: str
) -> None:
    host = Busy(after=150)
    with GoodServer({f"/{n}": host for n in range(400)}) as server:
        run(tmp_path, server, way)
    assert host.too_early < 2 * THREADS


@by_any_way
def test_a_cap_per_host_is_kept(tmp_path: Path, way: str) -> None:
    host = Crowd()
    with GoodServer({f"/{n}": host for n in range(100)}) as server:
        run(tmp_path, server, way, per_host=2)
    assert host.most <= 2


@by_any_way
def test_a_rate_is_kept(tmp_path: Path, way: str) -> None:
    host = Crowd()
    with GoodServer({f"/{n}": host for n in range(60)}) as server:
        run(tmp_path, server, way, rate=50)
    assert host.at[-1] - host.at[0] > 59 / 50 * 0.9
