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

MakeFlow = Callable[..., Rig]
THREADS = 4
SMALL = {f"/{number}": str(number).encode() * 100 for number in range(100)}


@pytest.fixture
def workers() -> Counting:
    return Counting(THREADS)


@pytest.fixture
def flow(make_flow: MakeFlow, workers: Counting) -> Rig:
    """Make a run that lets twice as many jobs begin as there are threads."""
    rig = make_flow(workers=workers, allowed=2 * THREADS)
    assert isinstance(rig, Rig)
    return rig


def crowded(crowd: Crowd, seconds: float = 0.002, body: bytes = b"x") -> Callable[[Request], Reply]:
    """Return a route that counts how many requests are under way at once."""

    def route(request: Request) -> Reply:
        with crowd.inside():
            time.sleep(seconds)
        return Reply(body)

    return route


def test_usual_jobs_need_no_thread_once_connections_are_open(flow: Rig, workers: Counting) -> None:
    with GoodServer(SMALL) as server:
        told = run_served(flow, [server.url(path) for path in SMALL])
        assert set(told.values()) == {"stored"}
        assert Counter(server.paths) == dict.fromkeys(SMALL, 1)
        assert server.connections <= THREADS
    assert workers.fetched < len(SMALL) / 2
    assert workers.hashed <= workers.fetched


def test_every_file_is_whole_and_its_own(flow: Rig) -> None:
    with GoodServer(SMALL) as server:
        run_served(flow, [server.url(path) for path in SMALL])
    stored = {f"/{name}": (flow.root / name).read_bytes() for name in flow.files()}
    assert stored == SMALL
    assert flow.parts_left() == []


def test_a_file_that_lands_on_a_connection_is_told_with_its_digest(flow: Rig) -> None:
    with GoodServer(SMALL) as server:
        run_served(flow, [server.url(path) for path in SMALL])
    assert all(len(outcome.digests) == 1 for outcome in flow.told.outcomes)
    assert all(outcome.size == len(SMALL[f"/{outcome.line - 1}"]) for outcome in flow.told.outcomes)


def test_no_more_jobs_are_under_way_than_there_are_threads(flow: Rig) -> None:
    crowd = Crowd()
    with GoodServer({f"/{number}": crowded(crowd) for number in range(100)}) as server:
        run_served(flow, [server.url(f"/{number}") for number in range(100)])
        assert server.connections <= THREADS
    assert 1 < crowd.most <= THREADS


def test_jobs_that_are_handed_over_count_until_their_thread_has_ended(flow: Rig) -> None:
    """Each is handed over while it is under way."""
    crowd = Crowd()
    route = crowded(crowd, 0.4)
    with GoodServer({"/first": b"x", **{f"/{number}": route for number in range(12)}}) as server:
        urls = [server.url("/first"), *(server.url(f"/{number}") for number in range(12))]
        told = run_served(flow, urls, patience=0.0)
        assert set(told.values()) == {"stored"}
        assert len(server.requests) == 13
    assert crowd.most <= THREADS


def test_a_cap_per_host_is_kept(flow: Rig) -> None:
    crowd = Crowd()
    with GoodServer({f"/{number}": crowded(crowd) for number in range(40)}) as server:
        urls = [server.url(f"/{number}") for number in range(40)]
        told = run_served(flow, urls, hosts=HostLimits(THREADS, per_host=2))
    assert set(told.values()) == {"stored"}
    assert crowd.most <= 2


def test_what_is_handed_over_is_asked_for_once(flow: Rig) -> None:
    large, chunked = bytes(300_000), Reply(b"abc" * 1000, chunked=100)
    kinds: dict[str, Route] = {
        "gone": Reply(b"gone", 404),
        "large": large,
        "chunked": chunked,
        "small": b"x",
    }
    files = {f"/{kind}-{number}": kinds[kind] for number in range(10) for kind in kinds}
    with GoodServer(files) as server:
        told = run_served(flow, [server.url(path) for path in files])
        assert Counter(server.paths) == dict.fromkeys(files, 1)
        assert server.connections <= THREADS
    assert Counter(told.values()) == {"stored": 30, "http-status": 10}
    assert (flow.root / "large-9").read_bytes() == large
    assert (flow.root / "chunked-9").read_bytes() == b"abc" * 1000


def test_a_server_that_closes_connections_at_will_loses_nothing(flow: Rig) -> None:
    files = {path: Reply(body, close=len(path) % 2 == 0) for path, body in SMALL.items()}
    with GoodServer(files) as server:
        told = run_served(flow, [server.url(path) for path in files])
        assert Counter(server.paths) == dict.fromkeys(files, 1)
    assert set(told.values()) == {"stored"}


def test_a_host_that_asks_for_a_pause_is_asked_again_after_it(flow: Rig) -> None:
    busy = Reply(b"", 429, {"Retry-After": "1"})
    files: dict[str, Route] = {
        "/0": b"first",
        **{f"/{number}": [busy, b"x"] for number in range(1, 4)},
    }
    with GoodServer(files) as server:
        told = run_served(flow, [server.url(path) for path in files])
    assert set(told.values()) == {"stored"}
    assert len(server.requests) <= 7


def test_a_file_whose_digest_is_wrong_is_fetched_once_more_and_then_failed(flow: Rig) -> None:
    wrong = Reply(b"abc", headers={"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="})
    files: dict[str, Route] = {**SMALL, "/wrong": wrong}
    with GoodServer(files) as server:
        told = run_served(flow, [server.url(path) for path in files])
        assert server.paths.count("/wrong") == 2
    assert (told.pop(len(files)), set(told.values())) == ("checksum", {"stored"})
    assert flow.parts_left() == []


def test_a_stop_request_breaks_off_what_is_under_way(flow: Rig) -> None:
    arrived = threading.Event()

    def ask() -> None:
        arrived.wait(LONG)
        flow.stop.request()

    def hangs(request: Request) -> Reply:
        arrived.set()
        return Reply(b"late", delay=LONG)

    with GoodServer({"/first": b"x", "/a": hangs, "/b": hangs}) as server:
        asking = threading.Thread(target=ask)
        asking.start()
        told = run_served(flow, [server.url(path) for path in ("/first", "/a", "/b")])
        asking.join()
    assert set(told.values()) <= {"stored"}
    assert 2 not in told
    assert flow.meter.active() == ()
