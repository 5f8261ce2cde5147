"""Tries and runs go on where the last one ended, with proof, and never glue two versions."""

from __future__ import annotations

import dataclasses
import hashlib
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from good import GoodServer
from ranged import Ranged
from raw import RawServer, Script
from transfer_rig import Rig

from downloader import urls
from downloader.models import Digest, DownloadResult, Job, ResumePoint, StoredFile, UrlItem, replace
from downloader.policy import Retry
from downloader.transfer import ranges

BODY = b"0123456789"
LARGE = bytes(range(256)) * 2048  # 512 KiB: worth keeping
NOW = 1_700_000_000.0


def job_for(server: GoodServer, **values: object) -> Job:
    url = urls.normalise(server.url("/a"))
    return replace(Job(UrlItem(url), url, "a.bin"), **values)


def sha256(data: bytes) -> tuple[Digest, ...]:
    return (Digest("sha256", hashlib.sha256(data).hexdigest()),)


def fetched(rig: Rig, file: Ranged, **values: object) -> tuple[DownloadResult, bytes]:
    """Fetch a file that must come; return its result and its bytes."""
    with GoodServer({"/a": file}) as server:
        result = rig.fetcher.fetch(job_for(server, **values))
    assert result.failure is None, result.failure
    return result, Path(result.part).read_bytes()


@pytest.fixture
def once(make_rig: Callable[..., Rig]) -> Rig:
    """Make a fetcher that does not try again."""
    return make_rig(retry=Retry(retries=0))


# Within a run


def test_doubtful_bytes_are_gone_before_the_next_try(rig: Rig) -> None:
    """A run that is killed in the pause leaves nothing for the next one to go on with."""
    head = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nTransfer-Encoding: chunked\r\n\r\n'
    left: list[list[str]] = []

    def good() -> Iterator[bytes]:
        left.append(rig.left_over())
        yield head + b"5\r\nright\r\n0\r\n\r\n"

    with RawServer(each=[Script([head, b"5\r\nwrongJUNK"]), Script(good())]) as server:
        assert rig.body(server.url("/a")) == b"right"
    assert left == [[]]


@pytest.mark.parametrize("chunked", [0, 3])
@pytest.mark.parametrize("file", [Ranged(BODY, etag='"1"'), Ranged(BODY, changed=NOW - 1)])
def test_another_try_asks_for_the_rest(rig: Rig, file: Ranged, chunked: int) -> None:
    file = dataclasses.replace(file, cut=[4, 3], chunked=chunked, now=NOW, seen=[], statuses=[])
    result, body = fetched(rig, file)
    assert (body, result.resumed_from, result.http_status) == (BODY, 7, 206)
    assert file.seen == [None, "bytes=4-", "bytes=7-"]


@pytest.mark.parametrize(
    "file",
    [
        Ranged(BODY),
        Ranged(BODY, etag='W/"1"', changed=NOW - 9),
        Ranged(BODY, changed=NOW),
        Ranged(BODY, changed=NOW + 9),
    ],
)
def test_without_proof_it_begins_anew(rig: Rig, file: Ranged) -> None:
    file = dataclasses.replace(file, cut=[4], now=NOW, seen=[], statuses=[])
    result, body = fetched(rig, file)
    assert (body, result.resumed_from, file.seen) == (BODY, 0, [None, None])


def test_a_checksum_is_proof_enough(rig: Rig) -> None:
    file = Ranged(BODY, etag='W/"1"', cut=[4])
    result, body = fetched(rig, file, item=UrlItem("x", checksums=sha256(BODY)))
    assert (body, result.resumed_from) == (BODY, 4)


def test_what_did_not_have_its_checksum_is_fetched_in_one_piece(rig: Rig) -> None:
    file = Ranged(BODY, etag='"1"', cut=[4])
    item = UrlItem("x", checksums=sha256(BODY))
    result, _ = fetched(rig, file, item=item, mismatches=1)
    assert (result.resumed_from, file.seen) == (0, [None, None])


def test_the_file_that_the_rest_belongs_to_keeps_its_validators(rig: Rig) -> None:
    result, _ = fetched(rig, Ranged(BODY, etag='"1"', changed=NOW, cut=[4]))
    assert result.etag == '"1"'
    assert result.last_modified is not None


# From run to run


def test_a_part_worth_keeping_is_kept_with_its_proof(once: Rig) -> None:
    noted: list[ResumePoint] = []
    once.fetcher.on_part(lambda job, resume: noted.append(resume))
    with GoodServer({"/a": Ranged(LARGE, etag='"1"', cut=[300_000])}) as server:
        result = once.fetch(server.url("/a"))
    assert result.failure is not None
    assert result.resume is not None
    assert (result.resume.offset, result.resume.total) == (300_000, len(LARGE))
    assert noted == [replace(result.resume, offset=0), result.resume]
    assert once.local.part_size("a.bin", result.resume.version) == 300_000


@pytest.mark.parametrize(
    "file",
    [
        Ranged(BODY, etag='"1"', cut=[4]),
        Ranged(LARGE, cut=[300_000]),
        Ranged(LARGE, etag='W/"1"', cut=[300_000]),
        Ranged(LARGE, etag='"1"', cut=[0]),
    ],
)
def test_other_parts_are_removed(once: Rig, file: Ranged) -> None:
    with GoodServer({"/a": file}) as server:
        result = once.fetch(server.url("/a"))
    assert (result.resume, once.left_over()) == (None, [])


def left(rig: Rig, file: Ranged, size: int) -> ResumePoint:
    """Leave a part of a file behind, as a run that was killed does; return its proof."""
    with GoodServer({"/a": dataclasses.replace(file, cut=[], seen=[], statuses=[])}) as server:
        rig.fetcher.on_part(lambda job, resume: noted.append(resume))
        noted: list[ResumePoint] = []
        rig.fetcher.fetch(job_for(server))
    part = rig.local.reopen_part("a.bin", noted[0].version, size)
    assert part is not None
    part.close()
    return replace(noted[0], offset=size)


@pytest.mark.parametrize("size", [1, 300_000, len(LARGE) - 1, len(LARGE)])
def test_a_later_run_goes_on(rig: Rig, size: int) -> None:
    """A whole part asks for its last byte again: the reply proves all the others."""
    file = Ranged(LARGE, etag='"1"')
    result, body = fetched(rig, file, resume=left(rig, file, size))
    asked = min(size, len(LARGE) - 1)
    assert (body, result.resumed_from) == (LARGE, asked)
    assert file.seen == [f"bytes={asked}-"]


def test_a_body_of_unknown_size_is_not_noted_while_it_comes(rig: Rig) -> None:
    """Its framing may show only later that the last bytes were wrong; a kill may come before."""
    noted: list[ResumePoint] = []
    rig.fetcher.on_part(lambda job, resume: noted.append(resume))
    fetched(rig, Ranged(LARGE, etag='"1"', chunked=1000))
    assert noted == []


def test_a_whole_part_of_unknown_size_is_complete(rig: Rig) -> None:
    file = Ranged(LARGE, etag='"1"')
    resume = ResumePoint(len(LARGE), etag='"1"')
    part = rig.local.open_part("a.bin", resume.version)
    part.write_at(0, LARGE)
    part.close()
    item = UrlItem("x", checksums=sha256(LARGE))
    result, body = fetched(rig, file, resume=resume, item=item)
    assert (body, result.size, result.http_status) == (LARGE, len(LARGE), 416)


def test_a_part_that_is_gone_is_no_obstacle(rig: Rig) -> None:
    file = Ranged(LARGE, etag='"1"')
    result, body = fetched(rig, file, resume=ResumePoint(9, len(LARGE), '"1"'))
    assert (body, file.seen, result.resumed_from) == (LARGE, [None], 0)


def test_a_changed_file_comes_whole_and_leaves_one_part(rig: Rig) -> None:
    resume = left(rig, Ranged(LARGE, etag='"1"'), 300_000)
    result, body = fetched(rig, Ranged(LARGE[::-1], etag='"2"'), resume=resume)
    assert (body, result.resumed_from) == (LARGE[::-1], 0)
    assert len(rig.left_over()) == 1


# Files that stand


def test_an_unchanged_file_is_said_to_be(rig: Rig) -> None:
    known = StoredFile(len(BODY), etag='W/"1"', last_modified="Sun, 06 Nov 1994 12:00:00 GMT")
    with GoodServer({"/a": Ranged(BODY, etag='W/"1"')}) as server:
        result = rig.fetcher.fetch(job_for(server, known=known))
        sent = server.requests[0].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == (known.etag, known.last_modified)
    assert (result.failure, result.unchanged, result.http_status) == (None, True, 304)
    assert (result.etag, result.last_modified) == (known.etag, known.last_modified)
    assert rig.left_over() == []


def test_a_changed_file_is_fetched(rig: Rig) -> None:
    result, body = fetched(rig, Ranged(BODY, etag='"2"'), known=StoredFile(3, etag='"1"'))
    assert (result.unchanged, body) == (False, BODY)


# Two versions are never glued


class Restless(Ranged):
    """A file that may change before each reply; `versions` are all that it ever was."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(b"")
        self.chance = chance
        self.kind = chance.choice(["strong", "weak", "date", "strong and date", "none"])
        self.if_range = chance.random() < 0.5  # else it sends the rest of whatever it has
        self.chunked = chance.choice([0, 0, 7])
        self.versions: list[bytes] = []
        self.now = NOW
        self.change()

    def change(self) -> None:
        """Become another file of the same or another size."""
        number = len(self.versions)
        self.body = bytes([65 + number]) * self.chance.choice([40, 40, 41])
        self.versions.append(self.body)
        self.changed = self.now if "date" in self.kind else None
        marks = {"weak": 'W/"{}"', "none": None, "date": None}
        mark = marks.get(self.kind, '"{}"')
        self.etag = mark.format(number if self.kind != "weak" else 0) if mark else None

    def _reply(self, request):  # type: ignore[no-untyped-def]  # as in its parent
        self.now += self.chance.choice([0.0, 0.3, 1.1])
        if self.chance.random() < 0.4 and len(self.versions) < 20:
            self.change()
        self.now += self.chance.choice([0.0, 0.3, 1.1])
        self.cut = [self.chance.randrange(40)] if self.chance.random() < 0.7 else []
        return super()._reply(request)


@pytest.mark.parametrize("seed", range(150))
def test_what_is_stored_was_one_version_from_its_first_to_its_last_byte(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(ranges, "WORTHWHILE", 1)
    rig = make_rig(retry=Retry(retries=2, base=0.0))
    file = Restless(random.Random(seed))
    with GoodServer({"/a": file}) as server:
        resume = None
        for _ in range(30):
            result = rig.fetcher.fetch(job_for(server, resume=resume))
            if result.failure is None:
                break
            resume = result.resume
    assert result.failure is None
    assert Path(result.part).read_bytes() in file.versions
