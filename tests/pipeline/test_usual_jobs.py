"""The fetch stage at a real server: usual jobs on one thread, all others on the fetch threads."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

import pytest
from good import GoodServer, Reply, Request, Route
from pipeline_rig import LONG, Rig
from served_rig import Counting, Crowd, run_served

from downloader.pipeline.host_limits import HostLimits

MakeRig = Callable[..., Rig]
THREADS = 4
SMALL = {f"/{number}": str(number).encode() * 100 for number in range(100)}


@pytest.fixture
def workers() -> Counting:
    return Counting(THREADS)


@pytest.fixture
def rig(make_rig: MakeRig, workers: Counting) -> Rig:
    """Make a run that lets twice as many jobs begin as there are threads."""
    rig = make_rig(workers=workers, allowed=2 * THREADS)
    assert isinstance(rig, Rig)
    return rig


def crowded(crowd: Crowd, seconds: float = 0.002, body: bytes = b"x") -> Callable[[Request], Reply]:
    """Return a route that counts how many requests are under way at once."""

    def route(request: Request) -> Reply:
        with crowd.inside():
            time.sleep(seconds)
        return Reply(body)

    return route


def test_usual_jobs_need_no_thread_once_connections_are_open(rig: Rig, workers: Counting) -> None:
    with GoodServer(SMALL) as server:
        told = run_served(rig, [server.url(path) for path in SMALL])
        assert set(told.values()) == {"stored"}
        assert Counter(server.paths) == dict.fromkeys(SMALL, 1)
        assert server.connections <= THREADS
    assert workers.fetched < len(SMALL) / 2
    assert workers.hashed <= workers.fetched


def test_every_file_is_whole_and_its_own(rig: Rig) -> None:
    with GoodServer(SMALL) as server:
        run_served(rig, [server.url(path) for path in SMALL])
    stored = {f"/{name}": (rig.root / name).read_bytes() for name in rig.files()}
    assert stored == SMALL
    assert rig.parts_left() == []


def test_a_file_that_lands_on_a_connection_is_told_with_its_digest(rig: Rig) -> None:
    with GoodServer(SMALL) as server:
        run_served(rig, [server.url(path) for path in SMALL])
    assert all(len(outcome.digests) == 1 for outcome in rig.told.outcomes)
    assert all(outcome.size == len(SMALL[f"/{outcome.line - 1}"]) for outcome in rig.told.outcomes)


def test_no_more_jobs_are_under_way_than_there_are_threads(rig: Rig) -> None:
    crowd = Crowd()
    with GoodServer({f"/{number}": crowded(crowd) for number in range(100)}) as server:
        run_served(rig, [server.url(f"/{number}") for number in range(100)])
        assert server.connections <= THREADS
    assert 1 < crowd.most <= THREADS


def test_jobs_that_are_handed_over_count_until_their_thread_has_ended(rig: Rig) -> None:
    """Each is handed over while it is under way."""
    crowd = Crowd()
    route = crowded(crowd, 0.4)
    with GoodServer({"/first": b"x", **{f"/{number}": route for number in range(12)}}) as server:
        urls = [server.url("/first"), *(server.url(f"/{number}") for number in range(12))]
        told = run_served(rig, urls, patience=0.0)
        assert set(told.values()) == {"stored"}
        assert len(server.requests) == 13
    assert crowd.most <= THREADS


def test_a_cap_per_host_is_kept(rig: Rig) -> None:
    crowd = Crowd()
    with GoodServer({f"/{number}": crowded(crowd) for number in range(40)}) as server:
        urls = [server.url(f"/{number}") for number in range(40)]
        told = run_served(rig, urls, hosts=HostLimits(THREADS, per_host=2))
    assert set(told.values()) == {"stored"}
    assert crowd.most <= 2


def test_what_is_handed_over_is_asked_for_once(rig: Rig) -> None:
    large, chunked = bytes(300_000), Reply(b"abc" * 1000, chunked=100)
    kinds: dict[str, Route] = {
        "gone": Reply(b"gone", 404),
        "large": large,
        "chunked": chunked,
        "small": b"x",
    }
    files = {f"/{kind}-{number}": kinds[kind] for number in range(10) for kind in kinds}
    with GoodServer(files) as server:
        told = run_served(rig, [server.url(path) for path in files])
        assert Counter(server.paths) == dict.fromkeys(files, 1)
        assert server.connections <= THREADS
    assert Counter(told.values()) == {"stored": 30, "http-status": 10}
    assert (rig.root / "large-9").read_bytes() == large
    assert (rig.root / "chunked-9").read_bytes() == b"abc" * 1000


def test_a_server_that_closes_connections_at_will_loses_nothing(rig: Rig) -> None:
    files = {path: Reply(body, close=len(path) % 2 == 0) for path, body in SMALL.items()}
    with GoodServer(files) as server:
        told = run_served(rig, [server.url(path) for path in files])
        assert Counter(server.paths) == dict.fromkeys(files, 1)
    assert set(told.values()) == {"stored"}


def test_a_host_that_asks_for_a_pause_is_asked_again_after_it(rig: Rig) -> None:
    busy = Reply(b"", 429, {"Retry-After": "1"})
    files: dict[str, Route] = {
        "/0": b"first",
        **{f"/{number}": [busy, b"x"] for number in range(1, 4)},
    }
    with GoodServer(files) as server:
        told = run_served(rig, [server.url(path) for path in files])
    assert set(told.values()) == {"stored"}
    assert len(server.requests) <= 7


def test_a_file_whose_digest_is_wrong_is_fetched_once_more_and_then_failed(rig: Rig) -> None:
    wrong = Reply(b"abc", headers={"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    files: dict[str, Route] = {**SMALL, "/wrong": wrong}
    with GoodServer(files) as server:
        told = run_served(rig, [server.url(path) for path in files])
        assert server.paths.count("/wrong") == 2
    assert (told.pop(len(files)), set(told.values())) == ("checksum", {"stored"})
    assert rig.parts_left() == []


def test_a_stop_request_breaks_off_what_is_under_way(rig: Rig) -> None:
    arrived = threading.Event()

    def ask() -> None:
        arrived.wait(LONG)
        rig.stop.request()

    def hangs(request: Request) -> Reply:
        arrived.set()
        return Reply(b"late", delay=LONG)

    with GoodServer({"/first": b"x", "/a": hangs, "/b": hangs}) as server:
        asking = threading.Thread(target=ask)
        asking.start()
        told = run_served(rig, [server.url(path) for path in ("/first", "/a", "/b")])
        asking.join()
    assert set(told.values()) <= {"stored"}
    assert 2 not in told
    assert rig.meter.active() == ()
