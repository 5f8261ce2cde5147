"""Which jobs are usual, and that what comes of them is what any fetch of them gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer
from multiplexer_rig import FIRST, LONG, reply
from raw import End, RawServer, Script
from transfer_rig import Rig
from usual_rig import CASES, DATA, KEPT, MD5, SHA, SHA512, TRANSFERS, Desk, comparable, job_of

from downloader.hashing import hash_file
from downloader.models import (
    Failure,
    Moved,
    ResumePoint,
    StoredFile,
    Timing,
    UrlItem,
    replace,
)
from downloader.transfer.target import target

MakeRig = Callable[..., Rig]


@pytest.fixture
def web() -> Iterator[GoodServer]:
    with GoodServer({"/first": b"first", "/": DATA}) as server:
        yield server


@pytest.fixture
def desk(rig: Rig, web: GoodServer) -> Iterator[Desk]:
    with closing(Desk(rig, web)) as desk:
        yield desk


# Which jobs are usual.


def test_a_plain_job_for_which_a_connection_is_kept_is_usual(desk: Desk) -> None:
    assert desk.start(job_of(desk.server.url()))
    assert (desk.usual.busy, len(desk.rig.fetcher.kept)) == (1, 0)
    result = desk.done().result
    assert result is not None
    assert Path(result.part).read_bytes() == DATA
    assert desk.usual.busy == 0


@pytest.mark.parametrize(
    "more",
    [
        {"resume": ResumePoint(1, 2, '"v1"')},
        {"known": StoredFile(4, (SHA,), '"v1"')},
        {"attempts": 1},
        {"mismatches": 1},
        {"moved": Moved(1, 1, Failure("http-status", "404 Not Found"))},
        {"item": UrlItem("", headers=(("X-Key", "1"),))},
    ],
)
def test_a_job_that_is_more_than_a_plain_get_is_not(desk: Desk, more: dict[str, Any]) -> None:
    assert not desk.start(job_of(desk.server.url(), **more))
    assert (desk.usual.busy, len(desk.rig.fetcher.kept)) == (0, 1)


def test_a_job_with_a_login_is_not(desk: Desk) -> None:
    assert not desk.start(job_of(desk.server.url(login="u:sesame")))


def test_a_job_for_which_no_connection_is_kept_is_not(desk: Desk) -> None:
    assert desk.start(job_of(desk.server.url()))
    assert not desk.start(job_of(desk.server.url()))
    assert not desk.start(job_of("http://other.example/"))
    assert desk.server.connections == 1


def test_no_more_jobs_are_under_way_here_than_there_can_be_transfers(
    rig: Rig, web: GoodServer
) -> None:
    with closing(Desk(rig, web, transfers=1)) as desk:
        kept = rig.fetcher.kept.take(rig.fetcher.route(target(web.url())))
        rig.fetch(web.url("/first"), "first.bin")
        assert kept is not None
        rig.fetcher.kept.put(kept.route, kept)
        assert desk.start(job_of(web.url()))
        assert not desk.start(job_of(web.url()))
        assert len(rig.fetcher.kept) == 1


def test_a_job_behind_a_proxy_is_not(make_rig: MakeRig, web: GoodServer) -> None:
    with closing(Desk(make_rig(proxy=web.url()), web)) as desk:
        assert not desk.start(job_of("http://h.example/"))


def test_what_is_kept_of_one_host_is_not_used_for_another(desk: Desk) -> None:
    with GoodServer({"/": DATA}) as other:
        assert not desk.start(job_of(other.url()))
        assert other.requests == []


# What comes of them.


@pytest.mark.parametrize(("case", "then"), [*product(CASES, ["close"]), *product(KEPT, ["keep"])])
def test_the_result_is_that_of_any_fetch(make_rig: MakeRig, case: str, then: End) -> None:
    scripts = {"/first": Script([FIRST], "keep"), "/": Script([CASES[case]], then)}
    seen = []
    for is_usual in (True, False):
        with (
            RawServer(paths=scripts) as server,
            closing(Desk(make_rig(), server, patience=1.0)) as desk,
        ):
            job = job_of(server.url("/"))
            result = desk.result(job) if is_usual else desk.rig.fetcher.fetch(job)
            asked = [(request.path, dict(request.headers)) for request in server.requests]
        seen.append(repr((comparable(result), asked)).replace(str(server.port), "PORT"))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("case", CASES)
def test_its_digests_are_those_of_its_part(make_rig: MakeRig, case: str) -> None:
    scripts = {"/first": Script([FIRST], "keep"), "/": Script([CASES[case]], "close")}
    with RawServer(paths=scripts) as server, closing(Desk(make_rig(), server)) as desk:
        result = desk.result(job_of(server.url()))
    names = [digest.algorithm for digest in result.digests]
    assert result.digests == (hash_file(result.part, names).digests if names else ())
    assert result.stat is None or result.stat.size == result.size


def test_algorithms_are_the_runs_then_those_of_given_then_of_declared_digests(
    rig: Rig,
) -> None:
    sent = reply(DATA, SHA512)
    with (
        RawServer(paths={"/first": Script([FIRST], "keep"), "/": Script([sent], "keep")}) as server,
        closing(Desk(rig, server, "sha1", "sha256")) as desk,
    ):
        item = UrlItem(server.url(), checksums=(MD5, SHA))
        result = desk.result(job_of(server.url(), item))
    names = [digest.algorithm for digest in result.digests]
    assert names == ["sha1", "sha256", "md5", "sha512"]


def test_its_timing_is_that_of_a_first_try_on_an_open_connection(desk: Desk) -> None:
    timing = desk.result(job_of(desk.server.url())).timing
    assert timing.began == timing.requested <= timing.answered <= timing.ended
    same = replace(timing, answered=0.0, ended=0.0, cpu=0.0)
    assert same == replace(Timing(timing.began, timing.requested), rank=1)
    assert 0.0 <= timing.cpu == pytest.approx(desk.usual.cpu)


# Connections.


def test_a_thread_may_have_the_free_connection(desk: Desk) -> None:
    job = job_of(desk.server.url())
    desk.result(job)
    assert len(desk.rig.fetcher.kept) == 0
    desk.usual.make_room(job)
    desk.usual.make_room(job)
    assert len(desk.rig.fetcher.kept) == 1
    assert desk.rig.fetcher.fetch(job).failure is None
    assert desk.server.connections == 1


def test_it_has_connections_while_any_is_kept_or_here(desk: Desk) -> None:
    assert desk.usual.has_connections
    desk.result(job_of(desk.server.url()))
    assert desk.usual.has_connections
    desk.server.hang_up()
    assert desk.usual.poll(LONG) == []
    assert not desk.usual.has_connections


def test_no_more_free_connections_are_held_than_there_can_be_transfers(desk: Desk) -> None:
    """All others wait with the fetcher, whose own bound holds over all hosts."""
    with ExitStack() as stack:
        servers = [stack.enter_context(GoodServer({"/": DATA})) for _ in range(20)]
        for server in servers:
            job = job_of(server.url())
            desk.rig.fetcher.fetch(job)
            desk.result(job)
        assert len(desk.multiplexer.connections) <= TRANSFERS
        assert len(desk.rig.fetcher.kept) + len(desk.multiplexer.connections) == 21
        assert [len(server.requests) for server in servers] == [2] * 20
        assert [server.connections for server in servers] == [1] * 20
        desk.close()


def test_a_job_without_an_exchange_is_fetched_anew(desk: Desk) -> None:
    job = job_of(desk.server.url())
    assert Path(desk.usual.take_over(job, None).part).read_bytes() == DATA


def test_closing_breaks_off_what_is_under_way(desk: Desk) -> None:
    assert desk.start(job_of(desk.server.url()))
    desk.close()
    assert desk.usual.busy == 0
    assert desk.rig.fetcher.kept.take(desk.rig.fetcher.route(target(desk.server.url()))) is None
