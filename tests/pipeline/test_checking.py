"""A file appears only if it is what its checksums say; else it is fetched once more, from zero."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future

import pytest
from pipeline_rig import Rig, Threaded, items

from downloader.checksums.compare import algorithms, judge
from downloader.models import (
    Digest,
    DownloadResult,
    HashResult,
    Job,
    Outcome,
    ResumePoint,
    UrlItem,
    Warned,
    replace,
)

MakeRig = Callable[..., Rig]


def digest(data: bytes, name: str = "sha256") -> Digest:
    return Digest(name, hashlib.new(name, data).hexdigest())


def hexes(data: bytes, name: str = "sha256") -> str:
    return digest(data, name).hexdigest


def listed(name: str, *checksums: Digest) -> list[UrlItem]:
    (item,) = items(name)
    return [replace(item, checksums=checksums)]


def lines(*listed: list[UrlItem]) -> list[UrlItem]:
    return [replace(item, line=line) for line, (item,) in enumerate(listed, start=1)]


def run(rig: Rig, *listed: list[UrlItem]) -> list[Outcome]:
    rig.run_plan(rig.plan(lines(*listed)))
    return sorted(rig.told.outcomes, key=lambda outcome: outcome.line)


def warnings(rig: Rig) -> list[str]:
    return [event.message for event in rig.told.events if isinstance(event, Warned)]


def declare(rig: Rig, *digests: Digest, coding: str = "") -> None:
    """Have the server declare digests for every file."""
    fetch = rig.fetcher.fetch

    def fetched(job: Job) -> DownloadResult:
        return replace(fetch(job), declared=digests, declared_in="Repr-Digest", coding=coding)

    rig.fetcher.fetch = fetched  # type: ignore[method-assign]


both = pytest.mark.parametrize("sequential", [True, False])


@both
def test_a_right_file_is_verified_by_what_was_given(make_rig: MakeRig, sequential: bool) -> None:
    rig = make_rig(sequential=sequential)
    checksums = digest(b"a", "md5"), Digest("SHA512", hexes(b"a", "sha512").upper())
    first, second = run(rig, listed("a", *checksums), listed("b"))
    assert (first.verified, second.verified) == ("given", "none")
    assert first.digests == (digest(b"a"),)
    assert rig.files() == ["a", "b"]


@both
def test_a_wrong_file_is_fetched_once_more_and_then_lost(
    make_rig: MakeRig, sequential: bool
) -> None:
    rig = make_rig(sequential=sequential)
    (rig.root / "a").write_bytes(b"old")
    others = listed("a", digest(b"other"))
    rig.run_plan(rig.plan(others, overwrite=True))
    (outcome,) = rig.told.outcomes
    assert outcome.error
    assert outcome.error.kind == "checksum"
    assert outcome.error.message == f"expected sha256 {hexes(b'other')}, got {hexes(b'a')}"
    assert (outcome.verified, outcome.path, rig.fetcher.begun) == ("none", None, ["a", "a"])
    assert (rig.root / "a").read_bytes() == b"old"
    assert rig.parts_left() == []


@both
def test_wrong_then_right_is_stored(make_rig: MakeRig, sequential: bool) -> None:
    bodies = [b"bad", b"good"]
    rig = make_rig(body=lambda job: bodies.pop(0), sequential=sequential)
    (outcome,) = run(rig, listed("a", digest(b"good")))
    assert (outcome.status, outcome.verified, outcome.size) == ("stored", "given", 4)
    assert (rig.root / "a").read_bytes() == b"good"


def test_the_second_time_it_starts_from_zero(rig: Rig) -> None:
    jobs: list[Job] = []
    rig.fetcher.body = lambda job: jobs.append(job) or b"bad"  # type: ignore[func-returns-value]
    (job,) = rig.plan(listed("a", digest(b"good")))
    assert isinstance(job, Job)
    rig.run_plan([replace(job, resume=ResumePoint(2))])
    assert [(each.resume, each.mismatches) for each in jobs] == [(ResumePoint(2), 0), (None, 1)]
    assert [each.attempts for each in jobs] == [0, 1]


def test_every_checksum_must_be_right(rig: Rig) -> None:
    (outcome,) = run(rig, listed("a", digest(b"a"), digest(b"b", "md5")))
    assert outcome.error
    assert outcome.error.message.startswith("expected md5 ")


def test_many_wrong_files_are_all_told(make_rig: MakeRig) -> None:
    rig = make_rig(allowed=2)
    told = run(rig, *(listed(f"f{number}", digest(b"x")) for number in range(120)))
    assert {outcome.error.kind for outcome in told if outcome.error} == {"checksum"}
    assert (len(told), len(rig.fetcher.begun), rig.files()) == (120, 240, [])
    assert rig.fetcher.most_in_flight <= 2


def test_files_are_read_once_for_all_their_algorithms(make_rig: MakeRig) -> None:
    class Noting(Threaded):
        def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
            asked.append((len(paths), tuple(algorithms)))
            return super().hash(paths, algorithms)

    asked: list[tuple[int, tuple[str, ...]]] = []
    rig = make_rig(workers=Noting())
    run(rig, listed("a", digest(b"a", "md5")), listed("b"), listed("c", digest(b"c")))
    of_kind = {names: sum(count for count, each in asked if each == names) for _, names in asked}
    assert of_kind == {("sha256", "md5"): 1, ("sha256",): 2}


# What servers declare.


def test_a_declared_digest_verifies(rig: Rig) -> None:
    declare(rig, digest(b"a"))
    (outcome,) = run(rig, listed("a"))
    assert (outcome.status, outcome.verified) == ("stored", "server")


def test_a_wrong_declared_digest_is_an_error_that_names_its_field(rig: Rig) -> None:
    declare(rig, digest(b"x"))
    (outcome,) = run(rig, listed("a"))
    assert outcome.error
    assert outcome.error.kind == "checksum"
    assert outcome.error.message == (
        f"expected sha256 {hexes(b'x')} as the server's Repr-Digest says, got {hexes(b'a')}"
    )
    assert (len(rig.fetcher.begun), rig.files()) == (2, [])


def test_a_given_checksum_wins_over_a_declared_digest(rig: Rig) -> None:
    declare(rig, digest(b"x"))
    (outcome,) = run(rig, listed("a", digest(b"a")))
    assert (outcome.status, outcome.verified) == ("stored", "given")
    assert "the server's Repr-Digest says sha256 " in warnings(rig)[0]


def test_the_declared_digest_that_costs_nothing_is_compared() -> None:
    job = Job(UrlItem("http://h/a"), "http://h/a", "a")
    result = DownloadResult(job, declared=(digest(b"a"), digest(b"a", "sha512")))
    assert algorithms(["md5"], result) == ("md5", "sha256")
    assert algorithms(["sha512"], result) == ("sha512",)
    assert judge(result, [digest(b"a", "sha512")]).verified == "server"


@pytest.mark.parametrize(("name", "count"), [("a", 1), ("a.tar.gz", 0)])
def test_a_coding_is_stored_as_sent_with_a_warning(rig: Rig, name: str, count: int) -> None:
    declare(rig, coding="gzip")
    (outcome,) = run(rig, listed(name))
    assert outcome.status == "stored"
    assert [("Content-Encoding gzip" in each) for each in warnings(rig)] == [True] * count


# What is wrong with a checksum itself, and lines that repeat a URL.


@pytest.mark.parametrize(
    "wrong", [(Digest("sha256", "12"),), (Digest("crc64", "00000000"),), (Digest("", "x"),)]
)
def test_a_bad_checksum_fails_its_line_before_any_request(
    rig: Rig, wrong: tuple[Digest, ...]
) -> None:
    first, second = run(rig, listed("a", *wrong), listed("a"))
    assert first.error
    assert (first.error.kind, first.attempts) == ("checksum", 0)
    assert second.status == "stored"
    assert rig.fetcher.begun == ["a"]


def test_two_that_disagree_fail_their_line(rig: Rig) -> None:
    (outcome,) = run(rig, listed("a", digest(b"a"), digest(b"b")))
    assert outcome.error
    assert "two different sha256" in outcome.error.message
    assert rig.fetcher.begun == []


@pytest.mark.parametrize(
    ("first", "second", "status", "verified"),
    [
        ([digest(b"a", "md5")], [digest(b"a", "md5")], "stored", "given"),
        ([], [digest(b"a")], "stored", "given"),
        ([digest(b"a")], [], "stored", "given"),
        ([], [digest(b"b")], "failed", "none"),
        ([digest(b"a")], [digest(b"b")], "failed", "none"),
        ([], [digest(b"a", "md5")], "failed", "none"),
    ],
)
def test_checksums_of_a_repeated_url_count_too(
    rig: Rig, first: list[Digest], second: list[Digest], status: str, verified: str
) -> None:
    """What was not computed for the first line cannot be checked, and is not passed over."""
    stored, told = run(rig, listed("a", *first), listed("a", *second))
    assert stored.status == "stored"
    assert (told.status, told.verified) == (status, verified)
    assert rig.fetcher.begun == ["a"]
