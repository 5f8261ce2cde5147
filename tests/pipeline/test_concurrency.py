"""One transfer begins alone and is watched for a moment, then all begin."""

from __future__ import annotations

import pytest
from pipeline_rig import Clock

from downloader.models import Window
from downloader.pipeline import concurrency as times
from downloader.pipeline.concurrency import ConcurrencyController
from downloader.shared.load import LoadMeter
from downloader.shared.transfer_progress import TransferProgress

STEP = times.SHORT_WINDOW


class Run:
    """A run with a clock of its own: what its controller allows, and what it notes."""

    def __init__(self, threads: int = 8) -> None:
        self.clock = Clock()
        self.cpu = 0.0
        self.meter = LoadMeter(self.clock)
        self.windows: list[Window] = []
        self.controller = ConcurrencyController(
            threads, self.meter, self.windows.append, self.clock, lambda: self.cpu
        )

    @property
    def allowed(self) -> int:
        return self.controller.allowed()

    def begin(self, host: str = "host") -> TransferProgress:
        self.controller.begun()
        return self.meter.enter("a", host)

    def answer(self, transfer: TransferProgress, size: int | None = None) -> None:
        transfer.reading, transfer.size = True, size

    def land(self, transfer: TransferProgress) -> bool:
        self.meter.leave(transfer)
        return self.controller.landed()

    def wait(self, seconds: float) -> None:
        """Let time pass as the pipeline does: looking round in small steps."""
        self.controller.observe()
        for _ in range(max(1, round(seconds / STEP))):
            self.clock.now += STEP
            self.controller.observe()


@pytest.fixture
def run() -> Run:
    return Run()


def open_up(run: Run) -> None:
    """Bring a run to where all may begin."""
    transfer = run.begin()
    run.wait(times.PATIENCE + STEP)
    run.land(transfer)
    assert run.allowed > 1


def test_the_first_transfer_begins_alone(run: Run) -> None:
    assert run.allowed == 1
    run.begin()
    run.wait(STEP)
    assert run.allowed == 1


def test_one_thread_needs_no_watching() -> None:
    assert Run(threads=1).allowed == 1


def test_all_threads_are_kept_busy_afterwards(run: Run) -> None:
    open_up(run)
    assert run.allowed == 8 * times.AHEAD


def test_a_server_that_does_not_answer_is_not_waited_for(run: Run) -> None:
    run.begin()
    run.wait(times.PATIENCE + STEP)
    assert run.allowed > 1


def test_an_answered_transfer_is_watched_for_a_moment(run: Run) -> None:
    run.answer(run.begin())
    run.wait(times.ALONE - 2 * STEP)
    assert run.allowed == 1
    run.wait(4 * STEP)
    assert run.allowed > 1


def test_enough_items_alone_are_enough(run: Run) -> None:
    """However fast they were."""
    run.controller.observe()
    for _ in range(times.ALONE_ITEMS + 1):
        run.land(run.begin())
        run.controller.observe()
    assert run.allowed > 1


def test_a_large_file_is_watched_for_a_share_of_its_time(run: Run) -> None:
    """At this rate the file takes 10 s, of which 2 % are 0.2 s."""
    transfer = run.begin()
    run.answer(transfer, 10_000_000)
    for _ in range(30):
        transfer.advance(int(1_000_000 * STEP))
        run.wait(STEP)
    assert run.allowed == 1
    for _ in range(20):
        transfer.advance(int(1_000_000 * STEP))
        run.wait(STEP)
    assert run.allowed > 1


def test_a_transfer_knows_whether_it_was_by_itself(run: Run) -> None:
    assert run.land(run.begin())
    open_up(run)
    one, two = run.begin(), run.begin()
    assert not run.land(one)
    assert not run.land(two)


# The windows that are noted.


def test_a_window_tells_load_bytes_and_items(run: Run) -> None:
    transfer = run.begin()
    run.answer(transfer)
    run.controller.observe()
    transfer.advance(1000)
    run.clock.now += 2 * STEP
    run.controller.observe()
    [window] = run.windows
    assert window.seconds == pytest.approx(2 * STEP)
    assert (window.bytes, window.items, window.host, window.alone) == (1000, 0, "host", True)
    assert window.active == pytest.approx(1.0)
    assert window.reading == 1.0


def test_windows_are_disjoint_and_cover_the_run(run: Run) -> None:
    open_up(run)
    run.wait(1.0)
    covered = sum(window.seconds for window in run.windows)
    assert covered == pytest.approx(run.clock.now - 100, abs=2 * times.LONG_WINDOW)


def test_looking_round_more_often_makes_no_more_windows(run: Run) -> None:
    run.begin()
    for _ in range(100):
        run.controller.observe()
    assert run.windows == []


def test_windows_are_short_at_first_and_longer_later(run: Run) -> None:
    open_up(run)
    assert run.controller.interval() == times.SHORT_WINDOW
    run.wait(times.SHORT_FOR + STEP)
    assert run.controller.interval() == times.LONG_WINDOW


def test_windows_with_several_hosts_name_none(run: Run) -> None:
    open_up(run)
    run.answer(run.begin("one"))
    run.answer(run.begin("two"))
    run.wait(times.LONG_WINDOW)
    assert run.windows[-1].host is None


# Thinning out again, where items are short.


def work(run: Run, rounds: int, item: float) -> list[int]:
    """Fetch as many at once as are allowed, time and again; return what was allowed."""
    allowed = []
    for _ in range(rounds):
        allowed.append(run.allowed)
        transfers = [run.begin() for _ in range(min(8, run.allowed))]
        run.wait(item)
        for transfer in transfers:
            run.land(transfer)
    return allowed


def test_among_short_items_one_is_watched_alone_again_now_and_then(run: Run) -> None:
    open_up(run)
    allowed = work(run, 400, STEP)
    assert 1 <= allowed.count(1) <= 0.2 * len(allowed)


def test_long_items_are_left_alone(run: Run) -> None:
    open_up(run)
    assert 1 not in work(run, 20, 0.5)


# A server that hangs holds up nobody else.


def hang(run: Run) -> None:
    """Begin a transfer that stops after the first byte of many."""
    transfer = run.begin()
    run.answer(transfer, 1_000_000_000)
    transfer.advance(1)


def test_a_first_transfer_that_hangs_is_left_to_itself(run: Run) -> None:
    hang(run)
    run.wait(5.0)
    assert run.allowed > 1


@pytest.mark.parametrize("hanging", [1, 2])
def test_transfers_that_hang_among_short_ones_are_left_to_themselves(
    run: Run, hanging: int
) -> None:
    open_up(run)
    for _ in range(hanging):
        hang(run)
    for _ in range(400):
        transfers = [run.begin() for _ in range(min(8, run.allowed - hanging))]
        run.wait(STEP)
        for transfer in transfers:
            run.land(transfer)
    run.wait(5.0)
    assert run.allowed > 1
