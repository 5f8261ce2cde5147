"""What workers post comes to one thread, in its order, and wakes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing

import pytest
from fake_work import until
from pipeline_rig import LONG

from downloader.pipeline.mailbox import Mailbox
from downloader.pipeline.messages import Fetched
from downloader.shared.stop import Stop


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with closing(Mailbox()) as mailbox:
        yield mailbox


def test_messages_of_many_threads_come_in_the_order_in_which_they_were_posted(
    mailbox: Mailbox,
) -> None:
    posted = [Fetched(Future()), Fetched(Future())]
    for message in posted:
        worker = threading.Thread(target=mailbox.post, args=(message,))
        worker.start()
        worker.join()
    assert mailbox.has_post()
    mailbox.wait(LONG)
    assert [*mailbox.messages()] == posted


def test_where_nothing_comes_there_is_nothing(mailbox: Mailbox) -> None:
    assert not mailbox.has_post()
    for seconds in (0.0, 0.001):
        mailbox.wait(seconds)
        assert [*mailbox.messages()] == []


def test_a_stop_request_wakes_who_waits(mailbox: Mailbox) -> None:
    stop = Stop()
    stop.on_request(mailbox.ring)
    woken = threading.Thread(target=mailbox.wait, args=(2 * LONG,))
    woken.start()
    stop.request()
    woken.join(LONG)
    assert not woken.is_alive()


def test_a_message_wakes_who_waits(mailbox: Mailbox) -> None:
    woken = threading.Thread(target=mailbox.wait, args=(2 * LONG,))
    woken.start()
    until(lambda: mailbox._sleeps)
    mailbox.post(Fetched(Future()))
    woken.join(LONG)
    assert not woken.is_alive()


def test_a_message_wakes_who_is_about_to_wait(mailbox: Mailbox) -> None:
    for _ in range(500):
        worker = threading.Thread(target=mailbox.post, args=(Fetched(Future()),))
        worker.start()
        while not mailbox.has_post():
            mailbox.wait(LONG)
        worker.join()
        assert len([*mailbox.messages()]) == 1


def test_a_thread_that_has_post_is_not_to_wait(mailbox: Mailbox) -> None:
    assert mailbox.fall_asleep(LONG) == LONG
    mailbox.wake_up()
    mailbox.post(Fetched(Future()))
    assert mailbox.fall_asleep(LONG) == 0.0
    mailbox.wake_up()


def test_a_bell_that_nobody_hears_costs_nobody_anything(mailbox: Mailbox) -> None:
    for _ in range(100_000):  # more than the pipe holds
        mailbox.ring()
    mailbox.wait(LONG)
    mailbox.wait(0.0)
    assert mailbox.fall_asleep(LONG) == LONG


def test_it_may_be_rung_after_it_was_closed() -> None:
    mailbox = Mailbox()
    mailbox.close()
    mailbox.ring()
