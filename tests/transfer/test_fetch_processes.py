"""Usual exchanges in other processes: the same results, and nothing lost with a process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from fake_work import until
from good import GoodServer, Reply, Request
from listening import CERTIFICATE
from multiplexer_rig import FIRST, LONG
from raw import RawServer, Script
from served_rig import Crowd
from transfer_rig import Rig
from usual_rig import CASES, DATA, KEPT, TRANSFERS, Desk, comparable, job_of

from downloader.models import DownloadResult, replace
from downloader.shared.load import LoadMeter
from downloader.transfer import fetch_processes
from downloader.transfer.fetch_processes import FetchProcesses
from downloader.transfer.target import target
from downloader.transfer.usual import Done
from downloader.transfer.work import Work

MakeRig = Callable[..., Rig]


def processes_of(desk: Desk) -> FetchProcesses:
    processes = desk.usual._processes
    assert processes is not None
    return processes


def lent(desk: Desk) -> int:
    """Return how many connections the processes have, as far as is known here."""
    return sum(each.lent for each in processes_of(desk)._processes())


def kill(desk: Desk, number: int) -> None:
    """Kill one process and wait until it has gone."""
    pid = processes_of(desk).pids()[number]
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def ended(desk: Desk, count: int) -> list[Done]:
    """Wait until so many jobs have ended."""
    done: list[Done] = []
    until(lambda: done.extend(desk.usual.poll(0.05)) or len(done) >= count, LONG)  # type: ignore[func-returns-value]
    assert len(done) == count
    return done


@pytest.fixture
def web() -> Iterator[GoodServer]:
    with GoodServer({"/first": b"first", "/": DATA}) as server:
        yield server


@pytest.fixture
def desk(rig: Rig, web: GoodServer) -> Iterator[Desk]:
    with closing(Desk(rig, web)) as desk:
        desk.usual.share(2)
        yield desk


def test_usual_jobs_run_there_on_the_connection_that_was_open(desk: Desk) -> None:
    for _ in range(3):
        assert desk.start(job_of(desk.server.url()))
        [done] = ended(desk, 1)
        assert done.result is not None
        assert Path(done.result.part).read_bytes() == DATA
        assert len(desk.multiplexer.connections) == 0
    assert desk.server.connections == 1


def test_the_result_is_that_of_any_fetch(make_rig: MakeRig) -> None:
    def results(processes: int) -> dict[str, str]:
        scripts = {f"/{case}".replace(" ", "-"): _script(case) for case in CASES}
        first = {"/first": Script([FIRST], "keep")}
        with (
            RawServer(paths=scripts | first) as server,
            closing(Desk(make_rig(), server, patience=1.0)) as desk,
        ):
            if processes:
                desk.usual.share(processes)
            found = {path: _result(desk, path) for path in scripts}
            port = str(server.port)
        return {path: repr(result).replace(port, "PORT") for path, result in found.items()}

    def _script(case: str) -> Script:
        return Script([CASES[case]], "keep" if case in KEPT else "close")

    def _result(desk: Desk, path: str) -> dict[str, object]:
        desk.rig.fetch(desk.server.url("/first"), "first.bin")
        result = desk.result(job_of(desk.server.url(path)))
        return {**comparable(result), "digests": result.digests, "stat": bool(result.stat)}

    assert results(1) == results(0)


def test_jobs_over_tls_stay_here(make_rig: MakeRig) -> None:
    with (
        GoodServer({"/": DATA, "/first": b"first"}, tls=True) as server,
        closing(Desk(make_rig(cacert=CERTIFICATE), server)) as desk,
    ):
        desk.usual.share(1)
        assert Path(desk.result(job_of(server.url())).part).read_bytes() == DATA
        assert (len(desk.multiplexer.connections), server.connections) == (1, 1)


def test_a_connection_that_is_closed_there_is_forgotten_here(desk: Desk, web: GoodServer) -> None:
    web.files["/closes"] = Reply(DATA, close=True)
    route = desk.rig.fetcher.route(target(desk.server.url()))
    connection = desk.rig.fetcher.kept.take(route)
    assert connection is not None
    desk.rig.fetcher.kept.put(route, connection)
    lent = weakref.ref(connection)
    del connection
    assert desk.result(job_of(desk.server.url("/closes"))).failure is None
    gc.collect()
    assert lent() is None


def test_what_a_process_had_comes_back_when_it_dies(make_rig: MakeRig) -> None:
    arrived = threading.Event()
    never = Script([arrived], "stall")
    with (
        RawServer(paths={"/first": Script([FIRST], "keep"), "/": never}) as server,
        closing(Desk(make_rig(), server)) as desk,
    ):
        desk.usual.share(1)
        assert desk.start(job_of(server.url()))
        desk.usual.poll(0.0)
        until(lambda: len(server.requests) == 2, LONG)
        kill(desk, 0)
        [done] = ended(desk, 1)
    assert (done.owner, done.result, done.begun, done.is_recalled) == (desk, None, None, False)
    assert desk.usual.busy == 0


def test_what_a_process_had_comes_back_when_it_says_nothing_any_more(
    desk: Desk, web: GoodServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_processes, "SILENCE", 0.2)
    for pid in processes_of(desk).pids():
        os.kill(pid, signal.SIGSTOP)
    assert desk.start(job_of(desk.server.url()))
    [done] = ended(desk, 1)
    assert (done.owner, done.result, done.begun) == (desk, None, None)
    assert web.paths == ["/first"]


def test_a_process_that_takes_nothing_any_more_is_ended(
    make_rig: MakeRig, web: GoodServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_processes, "SILENCE", 0.2)
    with closing(Desk(make_rig(), web)) as desk:
        desk.usual.share(1)
        processes = processes_of(desk)
        os.kill(processes.pids()[0], signal.SIGSTOP)
        for _ in range(2000):  # more than the channel holds
            processes.recall("h" * 1000)
        until(lambda: desk.usual.poll(0.05) == [] and not desk.usual.is_shared, LONG)


def test_a_process_that_has_nothing_to_do_may_be_silent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch_processes, "SILENCE", 0.2)
    pids = processes_of(desk).pids()
    for _ in range(10):
        desk.usual.poll(0.05)
    assert Path(desk.result(job_of(desk.server.url())).part).read_bytes() == DATA
    assert processes_of(desk).pids() == pids


def test_the_others_go_on_when_one_process_dies(desk: Desk) -> None:
    kill(desk, 0)
    until(lambda: desk.usual.poll(0.05) == [] and len(processes_of(desk).descriptors) == 1, LONG)
    assert desk.usual.is_shared
    desk.rig.fetch(desk.server.url("/first"), "first.bin")
    assert Path(desk.result(job_of(desk.server.url())).part).read_bytes() == DATA


def test_when_all_processes_have_died_all_goes_on_here(desk: Desk) -> None:
    for number in (0, 1):
        kill(desk, number)
    until(lambda: desk.usual.poll(0.05) == [] and not desk.usual.is_shared, LONG)
    desk.rig.fetch(desk.server.url("/first"), "first.bin")
    assert Path(desk.result(job_of(desk.server.url())).part).read_bytes() == DATA
    assert len(desk.multiplexer.connections) == 1


def test_jobs_that_wait_there_can_be_taken_back(make_rig: MakeRig) -> None:
    with (
        GoodServer({"/": Reply(DATA, delay=0.5), "/first": b"first"}) as server,
        closing(Desk(make_rig(), server)) as desk,
    ):
        desk.usual.share(1)
        job = job_of(server.url())
        for _ in range(5):
            assert desk.start(job)
        until(lambda: desk.usual.poll(0.0) == [] and len(server.requests) == 2, LONG)
        desk.usual.recall(job.host)
        done = ended(desk, 5)
    assert sum(each.is_recalled for each in done) == 4
    assert server.paths == ["/first", "/"]


def test_jobs_that_wait_there_come_back_when_their_host_says_not_now(make_rig: MakeRig) -> None:
    busy = Reply(status=429, headers={"Retry-After": "9"}, delay=0.5)
    with (
        GoodServer({"/": busy, "/first": b"first"}) as server,
        closing(Desk(make_rig(), server)) as desk,
    ):
        desk.usual.share(1)
        for _ in range(5):
            assert desk.start(job_of(server.url()))
        first, *others = ended(desk, 5)
        assert first.begun is not None
        first.begun.connection.close()
    assert [each.is_recalled for each in others] == [True] * 4
    assert server.paths == ["/first", "/"]


def connect_again(desk: Desk) -> None:
    """Have one more connection kept."""
    kept = desk.rig.fetcher.kept
    route = desk.rig.fetcher.route(target(desk.server.url()))
    connections = [kept.take(route) for _ in range(len(kept))]
    desk.rig.fetch(desk.server.url("/first"), "first.bin")
    for connection in connections:
        assert connection is not None
        kept.put(route, connection)


@pytest.mark.parametrize(("on_threads", "most"), [(TRANSFERS, 1), (0, 2)])
def test_transfers_that_threads_need_are_left_to_them(
    rig: Rig, web: GoodServer, on_threads: int, most: int
) -> None:
    """A process has one in any case: else it would wait for as long as threads take."""
    crowd = Crowd()

    def slow(request: Request) -> Reply:
        with crowd.inside():
            time.sleep(0.3)
        return Reply(DATA)

    web.files["/"] = slow
    with closing(Desk(rig, web)) as desk:
        connect_again(desk)
        desk.usual.share(1)
        desk.usual.leave(on_threads)
        assert desk.start(job_of(web.url()))
        assert desk.start(job_of(web.url()))
        ended(desk, 2)
    assert crowd.most == most


@pytest.mark.parametrize(("transfers", "on_threads"), [(3, 0), (4, 1)])
def test_no_connection_is_closed_while_it_may_be_used(
    rig: Rig, web: GoodServer, transfers: int, on_threads: int
) -> None:
    with closing(Desk(rig, web, transfers=transfers)) as desk:
        connect_again(desk)
        connect_again(desk)
        desk.usual.share(2)
        for needed in (0, on_threads, 0, on_threads):
            desk.usual.leave(needed)
            for number in range(6):
                assert desk.start(replace(job_of(web.url()), path=f"{number}.bin"))
            ended(desk, 6)
        assert len(desk.rig.fetcher.kept) == 0
        assert (lent(desk), web.connections) == (3, 3)


def test_transfers_there_count_in_the_load_and_their_bytes_when_they_end(desk: Desk) -> None:
    meter: LoadMeter = desk.rig.meter
    before = meter.received()
    assert desk.start(job_of(desk.server.url()))
    ended(desk, 1)
    desk.usual.poll(0.0)
    assert (meter.received() - before, meter.under_way()) == (len(DATA), 0)


def test_processes_end_with_the_run_whatever_they_are_at(make_rig: MakeRig) -> None:
    with GoodServer({"/": Reply(DATA, delay=LONG), "/first": b"first"}) as server:
        desk = Desk(make_rig(), server)
        desk.usual.share(2)
        pids = set(processes_of(desk).pids())
        desk.start(job_of(server.url()))
        desk.usual.poll(0.0)
        desk.close()
        assert desk.usual.busy == 0
    until(lambda: not pids & {child.pid for child in multiprocessing.active_children()}, LONG)


def test_where_there_are_no_processes_all_goes_on_here(
    rig: Rig, web: GoodServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("daemonic processes are not allowed to have children")

    monkeypatch.setattr(FetchProcesses, "_start", fail)
    with closing(Desk(rig, web)) as desk:
        desk.usual.share(2)
        assert not desk.usual.is_shared
        result: DownloadResult = desk.result(job_of(web.url()))
        assert Path(result.part).read_bytes() == DATA


def test_a_process_that_cannot_work_ends_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    with closing(FetchProcesses(1, Work(1, str(tmp_path / "file"), LONG, 1.0))) as processes:
        [descriptor] = processes.descriptors
        assert list(processes.received(descriptor)) == []
        assert processes.descriptors == []
    assert capfd.readouterr().err == ""
