"""Digests made while a body lands: those of the part, or none."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from good import GoodServer, Reply, redirect
from ranged import Ranged
from raw import RawServer, Script
from transfer_rig import Rig

from downloader.models import Digest, DownloadResult, Job, UrlItem
from downloader.transfer.streamed_digests import StreamedDigests

MakeRig = Callable[..., Rig]
DATA = os.urandom(700_000)


def sha256(data: bytes) -> tuple[Digest, ...]:
    return (Digest("sha256", hashlib.sha256(data).hexdigest()),)


def part_of(result: DownloadResult) -> bytes:
    assert result.failure is None, result.failure
    return Path(result.part).read_bytes()


@pytest.mark.parametrize("body", [b"", b"x", DATA, Reply(DATA, chunked=999)])
def test_they_are_those_of_the_part(make_rig: MakeRig, body: bytes | Reply) -> None:
    rig = make_rig(algorithms=("sha256",))
    with GoodServer({"/a": body}) as server:
        result = rig.fetch(server.url("/a"))
    assert result.digests == sha256(part_of(result))


def test_each_algorithm_has_one_in_their_order(make_rig: MakeRig) -> None:
    rig = make_rig(algorithms=("sha256", "md5"))
    with GoodServer({"/a": DATA}) as server:
        result = rig.fetch(server.url("/a"))
    assert result.digests == (*sha256(DATA), Digest("md5", hashlib.md5(DATA).hexdigest()))
    assert result.hash_cpu > 0.0
    assert result.hash_seconds > 0.0


def test_without_algorithms_there_are_none(rig: Rig) -> None:
    with GoodServer({"/a": DATA}) as server:
        result = rig.fetch(server.url("/a"))
    assert (result.digests, result.hash_seconds, result.hash_cpu) == ((), 0.0, 0.0)


def test_the_body_of_a_redirect_is_not_in_them(make_rig: MakeRig) -> None:
    rig = make_rig(algorithms=("sha256",))
    with GoodServer({"/": redirect("/a"), "/a": DATA}) as server:
        assert rig.fetch(server.url()).digests == sha256(DATA)


def test_a_body_that_begins_anew_has_those_of_its_last_try(make_rig: MakeRig) -> None:
    rig = make_rig(algorithms=("sha256",))
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123"
    with RawServer(each=[Script([cut]), Script([cut + b"456789"])]) as server:
        result = rig.fetch(server.url())
    assert part_of(result) == b"123456789"
    assert (result.attempts, result.digests) == (2, sha256(b"123456789"))


def test_a_part_that_was_continued_has_none(make_rig: MakeRig) -> None:
    rig = make_rig(algorithms=("sha256",))
    file = Ranged(DATA, etag='"1"', cut=[400_000])
    with GoodServer({"/": file}) as server:
        result = rig.fetch(server.url())
    assert part_of(result) == DATA
    assert (result.resumed_from, result.digests) == (400_000, ())


def test_a_part_that_turned_out_to_be_complete_has_none(make_rig: MakeRig) -> None:
    """What passed through in an earlier try is not what this one can answer for."""
    rig = make_rig(algorithms=("sha256",))
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nTransfer-Encoding: chunked\r\n\r\n'
    full = b'HTTP/1.1 416 No\r\nETag: "1"\r\nContent-Range: bytes */3\r\nContent-Length: 0\r\n\r\n'
    with RawServer(each=[Script([head + b"3\r\nabc\r\n"]), Script([full])]) as server:
        result = rig.fetch(server.url())
    assert (part_of(result), result.http_status, result.digests) == (b"abc", 416, ())


def test_a_failed_item_has_none(make_rig: MakeRig) -> None:
    rig = make_rig(algorithms=("sha256",))
    with GoodServer({"/": Reply(status=404)}) as server:
        assert rig.fetch(server.url()).digests == ()


@pytest.mark.parametrize("offsets", [[1], [0, 2], [0, 0]])
def test_bytes_that_are_out_of_order_leave_none(offsets: list[int]) -> None:
    digests = StreamedDigests(("sha256",))
    digests.begin(0)
    for offset in offsets:
        digests.update(offset, memoryview(b"x"))
    assert digests.of(max(offsets) + 1) == ()


def test_a_file_of_another_size_has_none() -> None:
    digests = StreamedDigests(("sha256",))
    digests.begin(0)
    digests.update(0, memoryview(b"abc"))
    assert (digests.of(2), digests.of(3)) == ((), sha256(b"abc"))


def test_given_and_declared_checksums_can_be_compared_with_them(make_rig: MakeRig) -> None:
    rig = make_rig(algorithms=("sha256",))
    declares = {"Content-MD5": base64.b64encode(hashlib.md5(DATA).digest()).decode()}
    with GoodServer({"/a": Reply(DATA, headers=declares)}) as server:
        url = server.url("/a")
        item = UrlItem(url, checksums=(Digest("sha1", "0" * 40),))
        result = rig.fetcher.fetch(Job(item, url, "a.bin"))
    assert [each.algorithm for each in result.digests] == ["sha256", "sha1", "md5"]


@pytest.mark.parametrize(
    ("declared", "made"),
    [(["md5", "sha256"], ["sha256"]), (["md5", "sha1"], ["sha256", "md5"])],
)
def test_of_declared_digests_one_is_enough(declared: list[str], made: list[str]) -> None:
    digests = StreamedDigests(("sha256",))
    digests.begin(0, [Digest(name, "") for name in declared])
    assert [each.algorithm for each in digests.of(0)] == made


def test_what_this_machine_cannot_compute_is_left_out() -> None:
    digests = StreamedDigests(("sha256",), (Digest("md9", "00"),))
    digests.begin(0)
    assert digests.of(0) == sha256(b"")
