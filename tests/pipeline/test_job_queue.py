"""The queue before the fetch stage: list order, bounded reading ahead, nothing lost or twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from host_rig import Rig, jobs, site
from hypothesis import given, settings
from hypothesis import strategies as st
from pipeline_rig import Rig as PipelineRig
from pipeline_rig import counted, items

from downloader.errors import UsageError
from downloader.models import Failure, UrlItem
from downloader.pipeline import job_queue
from downloader.pipeline.job_queue import BATCH, Ticket
from downloader.planning.planner import Planned, Refused, Repeat

MakeRig = Callable[..., PipelineRig]

LISTS = st.lists(st.sampled_from("abc"), max_size=25)
# What may happen next: a job is taken, one comes back well or pushed back, time passes.
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "land", "push back", "not ready", "recall", "wait"]),
        st.integers(0, 9),
    ),
    max_size=80,
)


def test_without_caps_and_pauses_nothing_is_held_or_read_ahead() -> None:
    rig = Rig()
    rig.lines("a", "b", "a")
    for number in range(3):
        assert rig.take() == str(number)
        assert (rig.read, rig.queue.kept_back) == (number + 1, 0)


def test_the_plan_is_read_ahead_only_while_its_head_may_not_go() -> None:
    rig = Rig(per_host=1)
    rig.lines("a", "a", "a", "b", "b", "c")
    assert [rig.take(), rig.take()] == ["0", "3"]
    assert rig.read == 4


def test_lines_are_planned_by_the_batch_and_no_further(make_rig: MakeRig) -> None:
    rig, read = Rig(), list[UrlItem]()
    lines = items(*map(str, range(3 * BATCH)))
    rig.queue.read_from(make_rig().plan(counted(lines, read)), lambda: True)
    for number in range(3 * BATCH):
        rig.queue.next()
        assert len(read) == BATCH * (1 + number // BATCH)


def test_a_line_that_is_not_ready_is_not_waited_for(make_rig: MakeRig) -> None:
    rig, read = Rig(), list[UrlItem]()
    rig.queue.read_from(make_rig().plan(counted(items("0", "1"), read)), lambda: not read)
    assert isinstance(rig.queue.next(), Ticket)
    assert rig.queue.next() is None
    assert (len(read), rig.queue.has_more) == (1, True)


def test_what_was_held_goes_before_what_is_read_later() -> None:
    rig = Rig(per_host=1)
    rig.lines("a", "a", "b", "c")
    assert [rig.take(), rig.take()] == ["0", "2"]
    rig.land("0")
    assert [rig.take(), rig.take()] == ["1", "3"]


def test_reading_ahead_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_queue, "KEPT_BACK_AT_MOST", 10)
    rig = Rig(per_host=1)
    rig.lines(*["a"] * 50, "b")
    assert rig.take_all() == ["0"]
    assert (rig.read, rig.queue.kept_back) == (11, 10)


def test_lines_without_a_job_come_in_their_order() -> None:
    rig = Rig()
    repeat, refused = Repeat(UrlItem("x"), "0"), Refused(UrlItem("y"), Failure("bad-url", "no"))
    rig.plan([repeat, *jobs("a"), refused])
    assert rig.queue.next() is repeat
    assert isinstance(rig.queue.next(), Ticket)
    assert rig.queue.next() is refused
    assert rig.queue.next() is None
    assert not rig.queue.has_more


def test_held_jobs_go_also_where_nothing_may_be_read() -> None:
    rig = Rig(per_host=1)
    rig.lines("a", "a", "b")
    rig.take()
    rig.take()
    rig.land("0")
    step = rig.queue.next(read=False)
    assert isinstance(step, Ticket)
    assert step.job.key == "1"
    assert rig.queue.next(read=False) is None


def test_every_job_is_announced_once_when_it_is_read() -> None:
    rig = Rig(per_host=1)
    rig.lines("a", "a")
    rig.take_all()
    assert rig.expected == ["0", "1"]
    rig.push_back("0", 0.0)
    rig.take_all()
    assert rig.expected == ["0", "1"]


def test_a_job_that_comes_back_is_the_first_of_its_host_and_keeps_its_tries() -> None:
    rig = Rig()
    rig.lines("a", "a", "a")
    assert [rig.take(), rig.take()] == ["0", "1"]
    rig.land("1", failure=Failure("http-status", "503"), again_in=1.0, attempts=3)
    rig.push_back("0", 1.0)
    rig.clock.now += 2.0
    assert rig.take_all() == ["0"]
    rig.land("0")
    assert rig.take() == "1"
    assert rig.under_way[0].job.attempts == 3


def test_a_job_whose_file_is_not_ready_waits_alone_and_keeps_its_tries() -> None:
    rig = Rig()
    rig.lines("a", "a")
    rig.take()
    rig.rest("0", 5.0, attempts=2)
    assert rig.take_all() == ["1"]
    assert (rig.queue.has_more, rig.queue.wait(), rig.pauses) == (True, 5.0, [])
    rig.clock.now += 5.0
    assert rig.take_all() == ["0"]
    assert rig.under_way[-1].job.attempts == 2


def test_a_plan_that_breaks_off_leaves_what_was_read() -> None:
    rig = Rig(per_host=1)

    def plan() -> Iterator[Planned]:
        yield from jobs("aab")
        raise UsageError("broken off")

    rig.plan(plan())
    assert [rig.take(), rig.take()] == ["0", "2"]
    with pytest.raises(UsageError):
        rig.take()
    rig.land("0")
    assert rig.take_all() == ["1"]
    assert not rig.queue.has_more


@settings(deadline=None)
@given(LISTS, STEPS, st.integers(1, 3))
def test_whatever_happens_caps_and_order_are_kept_and_nothing_is_lost(
    hosts: list[str], steps: list[tuple[str, int]], cap: int
) -> None:
    rig = Rig(connections=4, per_host=cap)
    rig.lines(*hosts)
    ended: list[str] = []
    for step, number in steps:
        _do(rig, step, number, ended)
        assert all(count <= cap for count in Counter(t.site for t in rig.under_way).values())
    while rig.queue.has_more or rig.under_way:
        _do(rig, "land", 0, ended)
        rig.clock.now += 10.0
        rig.take_all()
    assert sorted(ended, key=int) == [str(number) for number in range(len(hosts))]


def _do(rig: Rig, step: str, number: int, ended: list[str]) -> None:
    """Take one step, and check that a job is taken only when no earlier one of its host waits."""
    if step == "take":
        waiting = [ticket for tickets in rig.queue._by_host.values() for ticket in tickets]
        if rig.take() is not None:
            taken = rig.under_way[-1]
            assert all(taken.number <= t.number for t in waiting if t.site == taken.site)
    elif step == "wait":
        rig.clock.now += number
    elif rig.under_way:
        ticket = rig.under_way[number % len(rig.under_way)]
        if step == "land":
            ended.append(ticket.job.key)
            rig.land(ticket.job.key)
        elif step == "push back":
            rig.push_back(ticket.job.key, float(number))
        elif step == "not ready":
            rig.rest(ticket.job.key, float(number))
        else:
            rig.under_way.remove(ticket)
            rig.queue.landed(ticket, None)


@settings(deadline=None)
@given(
    LISTS,
    st.floats(0.2, 50.0),
    st.lists(st.floats(0.0, 2.0), min_size=1, max_size=20),
)
def test_no_window_of_time_has_more_requests_than_the_rate(
    hosts: list[str], rate: float, naps: list[float]
) -> None:
    rig = Rig(rate=rate)
    rig.lines(*hosts)
    begun: list[tuple[float, str]] = []
    round_ = 0
    while rig.queue.has_more:
        while rig.take() is not None:
            begun.append((rig.clock.now, rig.under_way[-1].site))
        rig.clock.now += naps[round_ % len(naps)] + (rig.queue.wait() or 0.0)
        round_ += 1
    assert len(begun) == len(hosts)
    for host in set(hosts):
        times = [at for at, name in begun if name == site(host)]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert all(gap >= 1 / rate - 1e-9 for gap in gaps)
