"""Which jobs are usual, and that what comes of them is what any fetch of them gives."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer
from listening import Listening
from multiplexer_rig import FIRST, LONG, reply
from raw import End, RawServer, Script
from transfer_rig import Rig

from downloader.hashing import hash_file
from downloader.models import (
    Digest,
    DownloadResult,
    Job,
    ResumePoint,
    StoredFile,
    Timing,
    UrlItem,
    replace,
)
from downloader.transfer.fetch_processes import Work
from downloader.transfer.multiplexer import SIZE, Multiplexer
from downloader.transfer.target import target
from downloader.transfer.usual import Done, UsualExchanges

MakeRig = Callable[..., Rig]
DATA = bytes(range(256)) * 20
SHA = Digest("sha256", hashlib.sha256(DATA).hexdigest())
MD5 = Digest("md5", hashlib.md5(DATA, usedforsecurity=False).hexdigest())
SHA512 = "Repr-Digest: sha-512=:z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==:"  # noqa: E501


def job_of(url: str, item: UrlItem | None = None, **more: Any) -> Job:
    return Job(item or UrlItem(url), url, "a.bin", **more)


class Desk:
    """Usual exchanges on a fetcher's connections to one server, of which one is kept."""

    def __init__(
        self, rig: Rig, server: Listening, *algorithms: str, patience: float = LONG
    ) -> None:
        self.rig = rig
        self.server = server
        self.multiplexer = Multiplexer(rig.local.write_part, rig.meter, patience=patience)
        work = Work(8, str(rig.root), patience, float("inf"))
        self.usual = UsualExchanges(
            rig.fetcher, self.multiplexer, rig.meter, algorithms or ("sha256",), work
        )
        rig.fetch(server.url("/first"), "first.bin")

    def start(self, job: Job) -> bool:
        """Begin a job of which the test is the owner."""
        return self.usual.start(self, job)

    def done(self) -> Done:
        """Wait for the job that ends next."""
        end = time.monotonic() + LONG
        while not (found := self.usual.poll(0.05)):
            assert time.monotonic() < end, "nothing has ended"
        [done] = found
        return done

    def result(self, job: Job) -> DownloadResult:
        """Run a job that is usual, on this thread or as one that has been handed over."""
        assert self.start(job)
        done = self.done()
        assert (done.owner, done.job) == (self, job)
        return done.result or self.usual.take_over(job, done.begun)

    def close(self) -> None:
        """Break off what is under way."""
        self.usual.close()


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


def test_a_job_behind_a_proxy_is_not(make_rig: MakeRig, web: GoodServer) -> None:
    with closing(Desk(make_rig(proxy=web.url()), web)) as desk:
        assert not desk.start(job_of("http://h.example/"))


def test_what_is_kept_of_one_host_is_not_used_for_another(desk: Desk) -> None:
    with GoodServer({"/": DATA}) as other:
        assert not desk.start(job_of(other.url()))
        assert other.requests == []


# What comes of them.

CASES = {
    "plain": reply(DATA),
    "empty": reply(b""),
    "etag": reply(DATA, 'ETag: "v1"', "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT"),
    "weak etag": reply(DATA, 'ETag: W/"v1"'),
    "named": reply(DATA, 'Content-Disposition: attachment; filename="a b.txt"'),
    "named in two ways": reply(
        DATA, "Content-Disposition: attachment; filename=a; filename*=UTF-8''%c3%bc"
    ),
    "two names": reply(DATA, "Content-Disposition: x; filename=a", "Content-Disposition: x"),
    "no name": reply(DATA, "Content-Disposition: inline"),
    "md5": reply(DATA, "Content-MD5: kAFQmDzST7DWlj99KOF/cg=="),
    "sha512": reply(DATA, SHA512),
    "sha256": reply(DATA, "Repr-Digest: sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"),
    "two declared": reply(DATA, SHA512, "Content-MD5: kAFQmDzST7DWlj99KOF/cg=="),
    "broken declaration": reply(DATA, "Content-MD5: nonsense"),
    "identity": reply(DATA, "Content-Encoding: identity"),
    "coded": reply(b"\x1f\x8b" + DATA, "Content-Encoding: gzip"),
    "room": reply(bytes(SIZE - 300)),
    "large": reply(bytes(3 * SIZE)),
    "length twice": reply(b"abc", "Content-Length: 3"),
    "two lengths": reply(b"abc", "Content-Length: 2"),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nabc",
    "hints": b"HTTP/1.1 103 Early Hints\r\n\r\n" + reply(DATA),
    "old": reply(DATA).replace(b"/1.1", b"/1.0"),
    "closing": reply(DATA, "Connection: close"),
    "bare line feeds": reply(b"abc").replace(b"\r\n", b"\n"),
    "gone": reply(b"gone", status="404 Not Found"),
    "forbidden": reply(b"", status="403 Forbidden"),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "part": reply(b"abc", "Content-Range: bytes 0-2/9", status="206 Partial Content"),
    "busy": reply(b"", "Retry-After: 7", status="429 Too Many Requests"),
    "redirected": reply(b"", "Location: /first", status="302 Found"),
    "redirected nowhere": reply(b"", status="302 Found"),
    "cut in its head": reply(DATA)[:30],
    "cut in its body": reply(DATA)[:-1],
    "nothing": b"",
    "garbage": b"\0garbage\xff" * 20,
    "more than it declares": reply(DATA) + b"more",
    "a line that is broken": reply(b"abc", " bent"),
}

# All that end without the end of their connection.
KEPT = sorted(CASES.keys() - {"cut in its head", "cut in its body", "nothing", "until the end"})


def comparable(result: DownloadResult) -> dict[str, Any]:
    """Return all that a result says but when, and by whom, the file was hashed."""
    values = {name: getattr(result, name) for name in DownloadResult._fields}
    left_out = {"timing", "digests", "hash_seconds", "hash_cpu", "stat", "part"}
    body = Path(result.part).read_bytes() if result.part else None
    shown = {name: value for name, value in values.items() if name not in left_out}
    return {**shown, "body": body}


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


def test_a_job_without_an_exchange_is_fetched_anew(desk: Desk) -> None:
    job = job_of(desk.server.url())
    assert Path(desk.usual.take_over(job, None).part).read_bytes() == DATA


def test_closing_breaks_off_what_is_under_way(desk: Desk) -> None:
    assert desk.start(job_of(desk.server.url()))
    desk.close()
    assert desk.usual.busy == 0
    assert desk.rig.fetcher.kept.take(desk.rig.fetcher.route(target(desk.server.url()))) is None
