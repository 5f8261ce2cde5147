"""Bodies in a coding (C1 to C3) with `--compressed`: whole, with their end, and in bounded memory.

What comes in a coding that nobody asked for is among the rows of content.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import sys
import zlib
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import brotli
import pytest
from good import GoodServer, Reply, Request
from ranged import Ranged
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader import Digest, Options, Outcome, UrlItem, fetch
from downloader.models import Failure, Job, ResumePoint
from downloader.transfer import codings

zstd: Any = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
MakeRig = Callable[..., Rig]
Code = Callable[[bytes], bytes]
CODES: Mapping[str, Code] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}
DATA = bytes(range(256)) * 1000 + hashlib.sha256(b"end").digest()
by_every_coding = pytest.mark.parametrize("coding", CODES)


def sent(coding: str, body: bytes, chunked: int = 0) -> Reply:
    return Reply(body, headers={"Content-Encoding": coding, "ETag": '"1"'}, chunked=chunked)


def failure_of(make_rig: MakeRig, reply: Reply, path: str = "a", **settings: Any) -> Failure:
    with GoodServer({"/x": reply}) as server:
        rig = make_rig(compressed=True, **settings)
        failure = rig.fetch(server.url("/x"), path).failure
        assert len(server.paths) <= 2
    assert rig.left_over() == []
    assert failure is not None
    return failure


@by_any_way
@by_every_coding
@pytest.mark.parametrize("chunked", [0, 1000])
def test_c1_body_is_asked_for_in_a_coding_and_stored_without_it(
    make_rig: MakeRig, coding: str, chunked: int
) -> None:
    with GoodServer({"/x": sent(coding, CODES[coding](DATA), chunked)}) as server:
        result = make_rig(compressed=True, algorithms=("sha256",)).fetch(server.url("/x"))
        assert server.requests[0].headers["accept-encoding"] == "gzip, br, zstd"
    assert Path(result.part).read_bytes() == DATA
    assert (result.size, result.coding, result.failure) == (len(DATA), "", None)
    assert Digest("sha256", hashlib.sha256(DATA).hexdigest()) in result.digests


@by_any_way
def test_c1_body_in_no_coding_is_what_it_is(make_rig: MakeRig) -> None:
    with GoodServer({"/x": DATA, "/y": sent("identity", DATA)}) as server:
        rig = make_rig(compressed=True)
        assert rig.body(server.url("/x")) == rig.body(server.url("/y")) == DATA


@by_any_way
@pytest.mark.parametrize("step", [1, 7])
@by_every_coding
def test_c1_body_that_comes_byte_by_byte_is_decoded_too(
    make_rig: MakeRig, coding: str, step: int
) -> None:
    with GoodServer({"/x": sent(coding, CODES[coding](DATA[:3000]), step)}) as server:
        assert make_rig(compressed=True).body(server.url("/x")) == DATA[:3000]


def test_c1_only_what_is_installed_is_asked_for(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("brotli", "compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(codings, "known", codings.known.__wrapped__)
    with GoodServer({"/x": sent("br", b"as it is")}) as server:
        assert make_rig(compressed=True).body(server.url("/x")) == b"as it is"
        assert server.requests[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("coding", "name"),
    [("gzip", "a.tar.gz"), ("x-gzip", "A.TGZ"), ("br", "a.br"), ("zstd", "a.zst")],
)
@pytest.mark.parametrize("chunked", [0, 1])
@pytest.mark.parametrize("data", [DATA[:5000], b"", b"\x1f"], ids=len)
def test_c1_coding_that_a_file_has_by_its_name_is_the_files(
    make_rig: MakeRig, coding: str, name: str, chunked: int, data: bytes
) -> None:
    """Many servers declare that of files which are packed: their sums are of the packed ones."""
    packed = CODES[coding](data)
    with GoodServer({"/x": sent(coding, packed, chunked)}) as server:
        result = make_rig(compressed=True).fetch(server.url("/x"), name)
    assert Path(result.part).read_bytes() == packed


@by_any_way
@pytest.mark.parametrize(("coding", "name"), [("gzip", "a.tar.gz"), ("zstd", "a.zst")])
@pytest.mark.parametrize("chunked", [0, 1])
def test_c1_packed_file_that_is_packed_once_more_on_the_way_is_what_it_was(
    make_rig: MakeRig, coding: str, name: str, chunked: int
) -> None:
    packed = CODES[coding](DATA[:5000])
    twice = sent(coding, CODES[coding](packed), chunked)
    with GoodServer({"/x": twice}) as server:
        result = make_rig(compressed=True, algorithms=("sha256",)).fetch(server.url("/x"), name)
    assert Path(result.part).read_bytes() == packed
    assert result.digests == (Digest("sha256", hashlib.sha256(packed).hexdigest()),)


def test_c1_second_packing_has_to_have_its_end(make_rig: MakeRig) -> None:
    packed = gzip.compress(gzip.compress(DATA))[:-1]
    assert failure_of(make_rig, sent("gzip", packed), "a.gz").kind == "incomplete"


@pytest.mark.parametrize("size", [100, 200_000])
def test_c1_file_that_is_in_no_coding_whatever_is_said_is_stored_as_sent(
    make_rig: MakeRig, size: int
) -> None:
    """So is one whose gzip head goes on and on."""
    endless = b"\x1f\x8b\x08\x08" + bytes(6) + b"n" * size
    with GoodServer({"/x": sent("gzip", b"PK" * size), "/y": sent("gzip", endless)}) as server:
        rig = make_rig(compressed=True)
        results = [rig.fetch(server.url(path), f"{path[1:]}.gz") for path in ("/x", "/y")]
    assert [Path(each.part).read_bytes() for each in results] == [b"PK" * size, endless]


@pytest.mark.parametrize("coding", ["deflate", "compress", "utf-8"])
def test_c1_coding_that_was_not_asked_for_is_stored_as_sent_with_a_warning(
    tmp_path: Path, coding: str
) -> None:
    told: list[Any] = []

    class Listener:
        def tell(self, event: Any) -> None:
            told.append(event)

    packed = zlib.compress(DATA)
    with GoodServer({"/x": sent(coding, packed)}) as server:
        options = Options(dir=str(tmp_path), sequential=True, proxy="", compressed=True)
        fetch([server.url("/x")], options, reporter=Listener())
    assert (tmp_path / "x").read_bytes() == packed
    assert f"Content-Encoding {coding}: stored as it was sent" in str(told)


def test_c1_checksum_and_size_are_those_of_the_decoded_body(tmp_path: Path) -> None:
    given = Digest("sha256", hashlib.sha256(DATA).hexdigest())
    with GoodServer({"/x": sent("gzip", gzip.compress(DATA))}) as server:
        item = UrlItem(server.url("/x"), checksums=(given,), size=len(DATA))
        outcome = one(tmp_path, item)
        assert server.paths == ["/x"]
    assert (outcome.status, outcome.verified, outcome.digests) == ("stored", "given", (given,))


def test_c1_size_that_is_not_the_listed_one_is_refused(tmp_path: Path) -> None:
    with GoodServer({"/x": sent("gzip", gzip.compress(DATA))}) as server:
        for size in (len(DATA) - 1, len(DATA) + 1, len(gzip.compress(DATA))):
            outcome = one(tmp_path, UrlItem(server.url("/x"), size=size))
            assert (outcome.status, outcome.error and outcome.error.kind) == ("failed", "checksum")


def test_c1_declared_digests_of_a_coded_body_are_not_looked_at(make_rig: MakeRig) -> None:
    packed = gzip.compress(DATA)
    headers = {"Content-Encoding": "gzip", "Content-MD5": "kAFQmDzST7DWlj99KOF/cg=="}
    with GoodServer({"/x": Reply(packed, headers=headers)}) as server:
        result = make_rig(compressed=True).fetch(server.url("/x"))
    assert (result.failure, result.declared) == (None, ())


def one(folder: Path, item: str | UrlItem, **options: Any) -> Outcome:
    found: list[Outcome] = []

    class Listener:
        def tell(self, event: Any) -> None:
            found.extend([event.outcome] if hasattr(event, "outcome") else [])

    given = Options(dir=str(folder), sequential=True, proxy="", compressed=True, **options)
    fetch([item], given, reporter=Listener())
    return found[-1]


# C2: the end.


@by_any_way
@by_every_coding
@pytest.mark.parametrize("kept", [0, 1, 5, 0.5, -1])
def test_c2_body_whose_coding_has_no_end_is_refused(
    make_rig: MakeRig, coding: str, kept: float
) -> None:
    """Its length is right, and so nothing else tells."""
    packed = CODES[coding](DATA)
    cut = packed[: int(len(packed) * kept) if isinstance(kept, float) else kept]
    failure = failure_of(make_rig, sent(coding, cut))
    assert failure.kind == "incomplete"
    name = coding.removeprefix("x-")
    assert failure.message == (
        f"gave up after 2 tries: the body's {name} coding is broken: its end is missing"
    )


@by_any_way
@by_every_coding
@pytest.mark.parametrize("chunked", [0, 1, 10_000])
@pytest.mark.parametrize("garbage", [b"\0", b"garbage", b"\x1f\x8b", b"\0" * 600])
def test_c2_anything_after_its_end_is_an_error(
    make_rig: MakeRig, coding: str, chunked: int, garbage: bytes
) -> None:
    body = CODES[coding](DATA[:2000]) + garbage
    failure = failure_of(make_rig, sent(coding, body, chunked))
    assert "coding is broken: " in failure.message


@by_every_coding
def test_c2_damage_within_is_an_error(make_rig: MakeRig, coding: str) -> None:
    packed = bytearray(CODES[coding](DATA))
    packed[len(packed) // 2 :] = bytes(len(packed) - len(packed) // 2)
    assert failure_of(make_rig, sent(coding, bytes(packed))).kind in ("protocol", "incomplete")


def test_c2_wrong_sum_at_the_end_is_an_error(make_rig: MakeRig) -> None:
    packed = gzip.compress(DATA)
    failure = failure_of(make_rig, sent("gzip", packed[:-8] + bytes(4) + packed[-4:]))
    assert (failure.kind, "incorrect data check" in failure.message) == ("protocol", True)


def test_c2_what_is_in_no_coding_at_all_is_an_error(make_rig: MakeRig) -> None:
    assert failure_of(make_rig, sent("gzip", bz2.compress(DATA))).kind == "protocol"


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
@pytest.mark.parametrize("chunked", [0, 1, 500])
def test_c2_several_members_are_one_body(make_rig: MakeRig, coding: str, chunked: int) -> None:
    body = CODES[coding](DATA[:1000]) + CODES[coding](b"") + CODES[coding](DATA[1000:2000])
    with GoodServer({"/x": sent(coding, body, chunked)}) as server:
        assert make_rig(compressed=True).body(server.url("/x")) == DATA[:2000]


def test_c2_body_that_is_cut_on_the_wire_counts_its_bytes_there(make_rig: MakeRig) -> None:
    packed = gzip.compress(DATA)
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(packed))}
    with GoodServer({"/x": Reply(packed[:-100], headers=headers, close=True)}) as server:
        message = make_rig(compressed=True).message(server.url("/x"))
    assert message.endswith(f"short body: {len(packed) - 100} of {len(packed)} bytes")


def test_c2_no_part_of_it_is_kept_for_later(make_rig: MakeRig) -> None:
    large = hashlib.shake_128(b"").digest(900_000)
    headers = {"Content-Encoding": "gzip", "ETag": '"1"', "Accept-Ranges": "bytes"}
    packed = gzip.compress(large)
    headers |= {"Content-Length": str(len(packed))}
    with GoodServer({"/x": Reply(packed[:700_000], headers=headers, close=True)}) as server:
        rig = make_rig(compressed=True)
        noted: list[ResumePoint] = []
        rig.fetcher.on_part(lambda job, proof: noted.append(proof))
        result = rig.fetch(server.url("/x"))
        assert all("range" not in request.headers for request in server.requests)
    assert (result.resume, noted, rig.left_over()) == (None, [], [])


def test_c2_rest_of_a_body_in_no_coding_is_asked_for_in_none(make_rig: MakeRig) -> None:
    rig, large = make_rig(compressed=True), DATA * 3
    resume = ResumePoint(300_000, len(large), '"1"')
    part = rig.local.open_part("a", resume.version)
    part.write_at(0, large[:300_000])
    part.close()
    file = Ranged(large, etag='"1"')
    with GoodServer({"/x": file}) as server:
        url = server.url("/x")
        result = rig.run(Job(UrlItem(url), url, "a", resume=resume))
        assert server.requests[0].headers["accept-encoding"] == "identity"
    assert (Path(result.part).read_bytes(), result.resumed_from) == (large, 300_000)


# C3: bombs.


@by_any_way
@by_every_coding
def test_c3_bomb_ends_at_the_limit(make_rig: MakeRig, coding: str) -> None:
    bomb = CODES[coding](bytes(50_000_000))
    failure = failure_of(make_rig, sent(coding, bomb), max_size=1_000_000)
    assert failure == Failure("too-large", "the body has more than 1000000 bytes")


def test_c3_limit_is_that_of_the_decoded_body(make_rig: MakeRig) -> None:
    noise = hashlib.shake_128(b"").digest(100_000)
    packed = gzip.compress(noise)
    assert len(packed) > len(noise)
    with GoodServer({"/x": sent("gzip", packed)}) as server:
        assert make_rig(compressed=True, max_size=100_000).body(server.url("/x")) == noise
    assert failure_of(make_rig, sent("gzip", packed), max_size=99_999).kind == "too-large"


@by_every_coding
def test_c3_block_is_all_that_is_unpacked_at_once(coding: str) -> None:
    decoding = codings.Decoding(coding.removeprefix("x-"))
    sizes = [len(block) for block in decoding.blocks(CODES[coding](bytes(50_000_000)))]
    assert (sum(sizes), len(sizes) > 20) == (50_000_000, True)
    assert max(sizes) <= 4 * codings.BLOCK


def test_c3_window_that_needs_much_memory_is_refused(make_rig: MakeRig) -> None:
    parameter = zstd.CompressionParameter
    options = {parameter.window_log: 27, parameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    failure = failure_of(make_rig, sent("zstd", packer.compress(DATA) + packer.flush()))
    assert failure.kind == "protocol"


@by_any_way
@pytest.mark.parametrize("coding", ["gzip, gzip", "br, gzip", "gzip, br, zstd"])
def test_c3_more_than_one_coding_is_refused(make_rig: MakeRig, coding: str) -> None:
    failure = failure_of(make_rig, sent(coding, gzip.compress(gzip.compress(DATA))))
    assert failure == Failure(
        "protocol", f"the body is sent in more than one coding, and one is taken off: {coding}"
    )


def test_c3_interrupt_ends_a_bomb(make_rig: MakeRig) -> None:
    rig: list[Rig] = []

    def answer(_: Request) -> Reply:
        rig[0].stop.request()
        return sent("gzip", gzip.compress(bytes(5_000_000)))

    with GoodServer({"/x": answer}) as server:
        rig.append(make_rig(compressed=True))
        assert rig[0].message(server.url("/x")) == "connect: interrupted"


# C6: pages in a coding.

PAGE = b"<!DOCTYPE html><title>Log in</title>" + b"." * 3000


@by_any_way
@by_every_coding
@pytest.mark.parametrize("compressed", [True, False])
def test_c6_page_in_a_coding_is_refused_too(
    make_rig: MakeRig, coding: str, compressed: bool
) -> None:
    with GoodServer({"/x": sent(coding, CODES[coding](PAGE))}) as server:
        rig = make_rig(compressed=compressed)
        names = ("a.zip", "d/b.tar.gz", "c.gz")
        failures = [rig.fetch(server.url("/x"), name).failure for name in names]
    assert [each and each.kind for each in failures] == ["content"] * 3
    assert rig.left_over() == []


@pytest.mark.parametrize("name", ["page.html.gz", "page.html", "x"])
@pytest.mark.parametrize("compressed", [True, False])
def test_c6_packed_page_by_its_name_is_a_file(
    make_rig: MakeRig, name: str, compressed: bool
) -> None:
    with GoodServer({"/x": sent("gzip", gzip.compress(PAGE))}) as server:
        assert make_rig(compressed=compressed).fetch(server.url("/x"), name).failure is None


@pytest.mark.parametrize("body", [gzip.compress(DATA, mtime=0), DATA, b"", b"\x1f\x8b"], ids=len)
def test_c6_file_in_a_coding_that_shows_no_page_is_stored_as_sent(
    make_rig: MakeRig, body: bytes
) -> None:
    with GoodServer({"/x": sent("gzip", body)}) as server:
        result = make_rig().fetch(server.url("/x"), "a.tar.gz")
    assert Path(result.part).read_bytes() == body


@pytest.mark.parametrize("options", [{}, {"sequential": True}, {"fetch_processes": 2}])
def test_c1_run_stores_what_it_decodes(tmp_path: Path, options: dict[str, Any]) -> None:
    bodies = {f"/{number}": DATA[: 100 * number] for number in range(60)}
    replies = {path: sent("gzip", gzip.compress(body)) for path, body in bodies.items()}
    with GoodServer(replies) as server:
        given = Options(dir=str(tmp_path), proxy="", compressed=True, **options)
        report = fetch([server.url(path) for path in replies], given)
    assert report.items.stored == len(bodies)
    assert all((tmp_path / path[1:]).read_bytes() == body for path, body in bodies.items())
