"""What workers hand over runs on the flow's own thread."""

from __future__ import annotations

import threading

from downloader.pipeline.inbox import Inbox
from pipeline_rig import LONG

from downloader.shared import Stop


def test_calls_run_one_at_a_time_in_their_order_and_thread() -> None:
    inbox, ran = Inbox(Stop()), list[tuple[str, int]]()
    for name in "ab":
        worker = threading.Thread(
            target=inbox.put, args=(lambda name=name: ran.append((name, threading.get_ident())),)
        )
        worker.start()
        worker.join()
    assert inbox.waits()
    assert inbox.take(LONG)
    assert inbox.take(0)
    here = threading.get_ident()
    assert ran == [("a", here), ("b", here)]


def test_where_nothing_comes_nothing_is_taken() -> None:
    inbox = Inbox(Stop())
    assert not inbox.waits()
    assert not inbox.take(0)
    assert not inbox.take(0.001)


def test_a_stop_request_wakes_who_waits() -> None:
    stop = Stop()
    inbox = Inbox(stop)
    asking = threading.Thread(target=stop.request)
    asking.start()
    assert inbox.take(LONG)
    asking.join()
