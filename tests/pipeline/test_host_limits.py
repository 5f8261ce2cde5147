"""What hosts are asked, and when: caps, pauses, rates, and hosts that are down."""

from __future__ import annotations

import pytest
from host_rig import BUSY, Rig, site

from downloader.models import DownloadResult, Job, UrlItem
from downloader.pipeline import host_limits
from downloader.pipeline.host_limits import HostLimits

DOWN = "host is down: 5 connections in a row failed (connection refused); tried again in 30 s"

AWAY = (
    "host wants no requests: 5 items in a row were turned away (429 Too Many Requests); "
    "tried again in 30 s"
)


def test_no_more_connections_at_once_than_the_cap() -> None:
    rig = Rig(per_host=2)
    rig.lines("a", "a", "a", "b")
    assert rig.take_all() == ["0", "1", "3"]
    rig.land("1")
    assert rig.take_all() == ["2"]


def test_a_host_that_wants_a_pause_is_left_alone_and_others_go_on() -> None:
    rig = Rig()
    rig.lines("a", "a", "b", "a")
    rig.take()
    rig.push_back("0", 7.0)
    assert rig.take_all() == ["2"]
    rig.clock.now += 6.9
    assert rig.take_all() == []
    rig.clock.now += 0.2
    assert rig.take_all()[0] == "0"


def test_a_host_is_left_alone_as_soon_as_it_says_not_now() -> None:
    rig = Rig()
    rig.lines("a", "a")
    rig.take()
    rig.hosts.pause(site("a"))
    assert rig.take_all() == []
    rig.push_back("0", 7.0)
    assert sum(seconds for _, seconds in rig.pauses) == pytest.approx(7.0)


def test_a_host_of_which_nothing_else_is_heard_may_soon_be_asked_again() -> None:
    rig = Rig()
    rig.lines("a", "a")
    rig.take()
    rig.hosts.pause(site("a"))
    rig.clock.now += host_limits.MOMENT
    assert rig.take_all() == ["1"]


def test_the_time_until_the_pause_ends_is_known() -> None:
    rig = Rig()
    rig.lines("a")
    rig.take()
    assert rig.queue.wait() is None
    rig.push_back("0", 7.0)
    assert rig.queue.wait() == pytest.approx(7.0)


def test_pauses_of_one_host_that_overlap_are_noted_once() -> None:
    rig = Rig()
    rig.lines("a", "a")
    rig.take_all()
    rig.push_back("0", 5.0)
    rig.clock.now += 1.0
    rig.push_back("1", 5.0)
    assert sum(seconds for _, seconds in rig.pauses) == pytest.approx(6.0)


def test_a_host_that_pushes_back_gets_half_the_connections() -> None:
    rig = Rig(connections=8)
    rig.lines(*["a"] * 20)
    taken = [rig.take() for _ in range(8)]
    for key in taken:  # replies to requests of one moment halve once
        rig.push_back(str(key), 1.0)
        rig.clock.now += 0.01
    rig.clock.now += 2.0
    assert len(rig.take_all()) == 4


def test_at_least_one_connection_is_left() -> None:
    rig = Rig(connections=2)
    rig.lines("a")
    for _ in range(5):
        assert rig.take_all() == ["0"]
        rig.push_back("0", 1.0)
        rig.clock.now += 1.0


def test_twenty_successes_bring_one_connection_back_up_to_the_cap() -> None:
    rig = Rig(connections=4, per_host=4)
    rig.lines(*["a"] * 200)
    for key in rig.take_all():
        rig.push_back(key, 0.0)
    room = [rig.room()]
    for _ in range(3):
        for _ in range(host_limits.REGAIN):
            rig.land(rig.take() or "")
        room.append(rig.room())
    assert room == [2, 3, 4, 4]


def test_a_dead_host_fails_its_items_at_once_after_five_connections() -> None:
    rig = Rig()
    rig.lines(*["a"] * 20, "b")
    for number in range(5):
        assert rig.take() == str(number)
        rig.refuse(str(number), again_in=None)
    assert rig.take_all() == [*(f"{number}: {DOWN}" for number in range(5, 20)), "20"]


def test_a_host_that_refuses_is_tried_one_connection_at_a_time() -> None:
    rig = Rig()
    rig.lines(*["a"] * 9)
    rig.take_all()
    for number in range(9):
        rig.refuse(str(number))
    assert rig.take_all() == ["0"]


def test_many_failures_of_one_moment_are_no_dead_host() -> None:
    """A server that restarts refuses all connections at once, and is back soon."""
    rig = Rig()
    rig.lines(*["a"] * 9)
    rig.take_all()
    for number in range(9):
        rig.refuse(str(number), again_in=0.5)
    rig.clock.now += 0.5
    assert rig.take_all() == ["0"]
    rig.land("0")
    assert rig.take_all() == [str(number) for number in range(1, 9)]


def test_failures_that_go_on_are_a_dead_host_though_tries_are_left() -> None:
    rig = Rig()
    rig.lines(*["a"] * 9)
    for _ in range(5):
        assert rig.take() == "0"
        rig.refuse("0")
        rig.clock.now += 0.6
    assert rig.take_all()[0].startswith("0: host is down: 5 connections in a row failed")
    assert rig.under_way == []


def test_a_host_that_is_down_is_tried_once_when_its_time_is_over() -> None:
    rig = Rig()
    rig.lines(*["a"] * 12)
    for number in range(5):
        rig.take()
        rig.refuse(str(number), again_in=None)
    rig.clock.now += host_limits.DOWN_FOR
    assert rig.take_all() == ["5"]
    rig.refuse("5")
    assert [said.partition(":")[0] for said in rig.take_all()] == [str(n) for n in range(5, 12)]


def test_a_host_that_is_back_after_its_trial_is_like_any_other() -> None:
    rig = Rig()
    rig.lines(*["a"] * 9)
    for number in range(5):
        rig.take()
        rig.refuse(str(number), again_in=None)
    rig.clock.now += host_limits.DOWN_FOR
    rig.take_all()
    rig.land("5")
    assert rig.take_all() == ["6", "7", "8"]


def test_a_host_that_turns_all_away_fails_its_items_at_once_after_five() -> None:
    rig = Rig()
    rig.lines(*["a"] * 8, "b")
    for number in range(5):
        assert rig.take() == str(number)
        rig.land(str(number), failure=BUSY, http_status=429)
    assert rig.take_all() == [*(f"{number}: {AWAY}" for number in range(5, 8)), "8"]


def test_a_host_that_turned_all_away_is_tried_once_when_its_time_is_over() -> None:
    rig = Rig()
    rig.lines(*["a"] * 9)
    for number in range(5):
        rig.take()
        rig.land(str(number), failure=BUSY, http_status=429)
    rig.clock.now += host_limits.DOWN_FOR
    assert rig.take_all() == ["5"]
    rig.land("5")
    assert rig.take() == "6"


def test_one_item_that_is_served_shows_that_not_all_are_turned_away() -> None:
    rig = Rig()
    rig.lines(*["a"] * 20)
    for number in range(12):
        rig.take()
        if number % 5 == 4:
            rig.land(str(number))
        else:
            rig.land(str(number), failure=BUSY, http_status=429)
    assert rig.take() == "12"


def test_a_reply_of_any_kind_says_that_the_host_is_not_dead() -> None:
    rig = Rig()
    rig.lines(*["a"] * 20)
    for number in range(12):
        rig.take()
        if number % 5 == 4:
            rig.land(str(number), failure=None)
        else:
            rig.refuse(str(number), again_in=None)
    assert rig.take() == "12"


def test_hosts_are_forgotten_when_nothing_is_to_be_remembered() -> None:
    known = HostLimits()
    for number in range(3 * host_limits.KEPT_AT_MOST):
        name = site(str(number))
        known.begin(name)
        known.end(name, DownloadResult(Job(UrlItem(""), "", "")))
    assert len(known._hosts) == 0


def test_dead_hosts_without_number_take_bounded_memory() -> None:
    rig = Rig()
    rig.lines(*(str(number) for number in range(2 * host_limits.KEPT_AT_MOST)))
    while (key := rig.take()) is not None:
        rig.refuse(key, again_in=None)
    assert len(rig.hosts._hosts) <= host_limits.KEPT_AT_MOST
