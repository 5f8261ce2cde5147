"""Several URLs of one item: the next one is tried where one fails for good."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from pipeline_rig import Rig, items, url

from downloader.models import Digest, Failure, Job, Kind, Moved, Outcome, ResumePoint, replace

MakeRig = Callable[..., Rig]
both = pytest.mark.parametrize("sequential", [True, False])
GOOD = Digest("sha256", hashlib.sha256(b"good").hexdigest())
NOT_THERE = Failure("http-status", "404 Not Found")


def run(rig: Rig, *mirrors: str, checked: bool = False) -> tuple[Outcome, list[str]]:
    """Run one item with these mirrors; return its outcome, and the hosts that were asked."""
    asked: list[str] = []
    body = rig.fetcher.body

    def noted(job: Job) -> bytes | Failure:
        asked.append(job.url.rpartition("/")[2])
        return body(job)

    rig.fetcher.body = noted
    (item,) = items("a")
    given = (GOOD,) if checked else ()
    rig.run_plan(rig.plan([replace(item, mirrors=tuple(map(url, mirrors)), checksums=given)]))
    (outcome,) = rig.told.outcomes
    return outcome, asked


def bodies(**by_name: bytes | Failure) -> Callable[[Job], bytes | Failure]:
    return lambda job: by_name.get(job.url.rpartition("/")[2], NOT_THERE)


@both
def test_the_next_mirror_is_asked_where_one_fails_for_good(
    make_rig: MakeRig, sequential: bool
) -> None:
    rig = make_rig(body=bodies(m2=b"good"), sequential=sequential)
    outcome, asked = run(rig, "m1", "m2", "m3")
    assert (outcome.status, outcome.attempts, asked) == ("stored", 3, ["a", "m1", "m2"])
    assert outcome.url == url("a")
    assert (rig.files(), (rig.root / "a").read_bytes()) == (["a"], b"good")


@both
def test_a_mirror_with_wrong_bytes_is_not_asked_again(make_rig: MakeRig, sequential: bool) -> None:
    rig = make_rig(body=bodies(a=b"bad", m1=b"bad too", m2=b"good"), sequential=sequential)
    outcome, asked = run(rig, "m1", "m2", checked=True)
    assert (outcome.status, outcome.verified, asked) == ("stored", "given", ["a", "m1", "m2"])
    assert rig.parts_left() == []


@both
def test_when_all_have_failed_the_last_and_the_first_reason_are_told(
    make_rig: MakeRig, sequential: bool
) -> None:
    rig = make_rig(body=bodies(a=b"bad"), sequential=sequential)
    outcome, asked = run(rig, "m1", checked=True)
    assert (outcome.status, asked, rig.files()) == ("failed", ["a", "m1"], [])
    assert outcome.error
    assert outcome.error.kind == "http-status"
    assert outcome.error.message.startswith(
        f"404 Not Found (of 2 URLs the last one; the first: expected sha256 {GOOD.hexdigest}"
    )


@pytest.mark.parametrize("kind", ["disk", "exists", "name", "internal"])
def test_a_fault_of_this_machine_is_not_taken_to_a_mirror(rig: Rig, kind: Kind) -> None:
    rig.fetcher.body = bodies(a=Failure(kind, "here"), m1=b"good")
    outcome, asked = run(rig, "m1")
    assert (outcome.status, asked) == ("failed", ["a"])


def test_a_mirror_is_asked_anew_and_for_all_of_the_file(rig: Rig) -> None:
    """What the first URL's validators and tries were says nothing of it."""
    jobs: list[Job] = []
    rig.fetcher.body = lambda job: jobs.append(job) or NOT_THERE  # type: ignore[func-returns-value]
    (item,) = items("a")
    (job,) = rig.plan([replace(item, mirrors=(url("m1"),))])
    assert isinstance(job, Job)
    rig.run_plan([replace(job, resume=ResumePoint(2, 4, '"v1"'), attempts=3)])
    assert [(each.url, each.resume, each.attempts) for each in jobs] == [
        (url("a"), ResumePoint(2, 4, '"v1"'), 3),
        (url("m1"), None, 0),
    ]
    assert (jobs[1].key, jobs[1].path) == (jobs[0].key, jobs[0].path)
    assert jobs[1].moved == Moved(1, 1, NOT_THERE)


def test_a_repeated_mirror_is_asked_once(rig: Rig) -> None:
    rig.fetcher.body = bodies()
    outcome, asked = run(rig, "a", "m1", "m1")
    assert (outcome.status, asked) == ("failed", ["a", "m1"])


def test_an_invalid_mirror_is_an_invalid_line(rig: Rig) -> None:
    (item,) = items("a")
    rig.run_plan(rig.plan([replace(item, mirrors=("ftp://example.org/a",))]))
    (outcome,) = rig.told.outcomes
    assert outcome.error
    assert (outcome.error.kind, rig.fetcher.begun) == ("bad-url", [])
