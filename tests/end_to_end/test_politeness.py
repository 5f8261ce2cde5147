"""Hosts that want to be left alone, and hosts that are down: other hosts go on."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer, Reply, Request

from downloader import Options, fetch
from downloader.models import Event, Finished, Outcome, Report
from downloader.shared.stop import Stop

BUSY = Reply(status=429, headers={"Retry-After": "1"})
MODES = pytest.mark.parametrize("sequential", [False, True], ids=["parallel", "sequential"])


class Told:
    """Keeps the outcomes in the order in which they are told."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []

    def tell(self, event: Event) -> None:
        """Keep an outcome."""
        if isinstance(event, Finished):
            self.outcomes.append(event.outcome)

    def failures(self) -> list[str]:
        """Return what was said of the items that failed."""
        return [each.error.message for each in self.outcomes if each.error]


class Shared:
    """The paths that two servers were asked for, in one order."""

    def __init__(self, busy: int) -> None:
        self.asked: list[str] = []
        self._busy = busy
        self._lock = threading.Lock()

    def pushing_back(self, request: Request) -> Reply:
        """Push back at first."""
        with self._lock:
            self.asked.append(request.path)
            self._busy -= 1
            return BUSY if self._busy >= 0 else Reply(request.path.encode())

    def serving(self, request: Request) -> Reply:
        """Serve."""
        with self._lock:
            self.asked.append(request.path)
        return Reply(request.path.encode())


def run(folder: Path, urls: list[str], told: Told | None = None, **options: object) -> Report:
    usual: dict[str, object] = {"dir": str(folder / "files"), "processes": 1, "proxy": ""}
    given = Options(**{**usual, **options})  # type: ignore[arg-type]  # each test's own
    return fetch(urls, given, reporter=told or Told())


@pytest.fixture
def dead() -> Iterator[str]:
    """A host that takes no connection."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@MODES
def test_a_host_that_pushes_back_is_parked_and_the_other_one_goes_on(
    tmp_path: Path, sequential: bool
) -> None:
    shared = Shared(busy=1 if sequential else 3)
    busy = {f"/busy/{n}": shared.pushing_back for n in range(6)}
    free = {f"/free/{n}": shared.serving for n in range(6)}
    with GoodServer(busy) as one, GoodServer(free) as other:
        urls = [*map(one.url, busy), *map(other.url, free)]
        report = run(tmp_path, urls, threads=3, sequential=sequential)
    assert (report.items.stored, report.items.failed) == (12, 0)
    last_free = max(shared.asked.index(path) for path in free)
    first_served = [path for path in shared.asked[last_free:] if path.startswith("/busy/")]
    assert sorted(set(first_served)) == sorted(busy)  # none was served before the other was done


@MODES
def test_what_goes_back_into_the_queue_is_told_once_with_all_its_tries(
    tmp_path: Path, sequential: bool
) -> None:
    script = [Reply(status=429, headers={"Retry-After": "0"})] * 2 + [Reply(b"body")]
    told = Told()
    with GoodServer({"/a": script}) as server:
        run(tmp_path, [server.url("/a")], told, sequential=sequential)
    assert [(each.status, each.attempts) for each in told.outcomes] == [("stored", 3)]


def test_pushing_back_for_ever_is_given_up(tmp_path: Path) -> None:
    told = Told()
    with GoodServer({"/a": Reply(status=429, headers={"Retry-After": "0"})}) as server:
        run(tmp_path, [server.url("/a")], told, retries=2)
        assert len(server.requests) == 3
    assert told.failures() == ["gave up after 3 tries: 429 Too Many Requests"]


@MODES
def test_items_of_a_dead_host_fail_without_being_tried(
    tmp_path: Path, dead: str, sequential: bool
) -> None:
    told = Told()
    with GoodServer({f"/{n}": b"x" for n in range(20)}) as server:
        urls = [f"{dead}/{n}" for n in range(300)] + [server.url(f"/{n}") for n in range(20)]
        report = run(tmp_path, urls, told, threads=4, retries=1, sequential=sequential)
    assert (report.items.stored, report.items.failed) == (20, 300)
    assert sum("host is down" in said for said in told.failures()) >= 290
    assert sum(each.attempts for each in told.outcomes if each.error) <= 20


def test_a_host_that_is_down_is_said_with_its_reason(tmp_path: Path, dead: str) -> None:
    told = Told()
    run(tmp_path, [f"{dead}/{n}" for n in range(9)], told, threads=1, retries=0)
    port = dead.rpartition(":")[2]
    why = f"connection refused by 127.0.0.1 port {port}"
    said = f"host is down: 5 connections in a row failed ({why}); tried again in 30 s"
    assert told.failures()[5:] == [said] * 4


def test_no_more_connections_to_a_host_than_it_may_get(tmp_path: Path) -> None:
    lock, open_now, most = threading.Lock(), Counter[str](), Counter[str]()

    def served(request: Request) -> Reply:
        name = request.path[1]
        with lock:
            open_now[name] += 1
            most[name] = max(most[name], open_now[name])
        threading.Event().wait(0.01)  # long enough for others to come if they may
        with lock:
            open_now[name] -= 1
        return Reply(b"x")

    a, b = ({f"/{name}{n}": served for n in range(15)} for name in "ab")
    with GoodServer(a) as one, GoodServer(b) as other:
        report = run(tmp_path, [*map(one.url, a), *map(other.url, b)], per_host=2)
    assert report.items.stored == 30
    assert most["a"] <= 2
    assert most["b"] <= 2


def test_waiting_for_a_rate_is_said_to_hold_the_run_back(tmp_path: Path) -> None:
    files = {f"/{n}": b"x" for n in range(6)}
    with GoodServer(files) as server:
        report = run(tmp_path, [server.url(path) for path in files], rate=10)
    assert (report.held_back_by, report.own_limit) == ("own-limit", "--rate")
    assert report.sequential.seconds >= 0.5


def test_a_stop_request_ends_a_wait_for_a_parked_host(tmp_path: Path) -> None:
    stop = Stop()

    def busy(_: Request) -> Reply:
        threading.Timer(0.05, stop.request).start()
        return Reply(status=429, headers={"Retry-After": "50"})

    with GoodServer({"/a": busy}) as server:
        options = Options(dir=str(tmp_path / "files"), processes=1, proxy="", sequential=True)
        report = fetch(server.url("/a"), options, stop=stop)
    assert report.interrupted is not None
    assert report.seconds.wall < 40
