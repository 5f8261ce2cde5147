"""The pipeline keeps its promises whatever its parts do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

import pytest
from pipeline_rig import LONG, Rig, Threaded, counted, items, url

from downloader.errors import DiskFailed, LocalError, UsageError
from downloader.models import Advanced, Event, Failure, FileStat, HashResult, Job, Outcome, UrlItem
from downloader.pipeline import coordinator, outcome_log
from downloader.pipeline.job_queue import BATCH
from downloader.planning.planner import Planned, Refused

MakeRig = Callable[..., Rig]
GONE = Failure("http-status", "404 Not Found")
MIXTURE = ("a", "missing", "bad:", "a", "b", "missing", "bad:", "c")


def served(job: Job) -> bytes | Failure:
    return GONE if "missing" in job.url else job.path.encode()


@pytest.mark.parametrize("sequential", [True, False])
def test_every_line_is_told_exactly_once(make_rig: MakeRig, sequential: bool) -> None:
    rig = make_rig(body=served, sequential=sequential)
    told = rig.run(*MIXTURE)
    expected = {1: "stored", 2: "http-status", 3: "bad-url", 4: "stored", 5: "stored"}
    assert told == expected | {6: "http-status", 7: "bad-url", 8: "stored"}
    assert rig.files() == ["a", "b", "c"]
    assert rig.parts_left() == []


def test_an_empty_plan_is_done_at_once(rig: Rig) -> None:
    assert rig.run() == {}


def test_a_file_is_hashed_and_told_while_others_still_download(make_rig: MakeRig) -> None:
    quick_was_told = threading.Event()

    def body(job: Job) -> bytes | Failure:
        if job.path == "slow":
            return b"slow" if quick_was_told.wait(LONG) else GONE
        return b"quick"

    rig = make_rig(body=body)
    rig.told.on_finished = lambda _: quick_was_told.set()
    assert rig.run("slow", "quick") == {1: "stored", 2: "stored"}


@pytest.mark.parametrize("sequential", [True, False])
def test_a_file_is_told_while_the_next_line_is_still_to_come(
    make_rig: MakeRig, sequential: bool
) -> None:
    """Each line comes after the one before it was told."""
    rig = make_rig(sequential=sequential)
    read: list[Planned] = []
    plan = counted(rig.plan(items("a", "b", "bad:", "c")), read)
    told = rig.run_plan(plan, lambda: len(read) == len(rig.told.outcomes))
    assert list(told) == [1, 2, 3, 4]
    assert rig.files() == ["a", "b", "c"]


def test_nothing_stands_at_a_final_name_before_it_is_hashed(make_rig: MakeRig) -> None:
    class Looking(Threaded):
        def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
            names = {Path(path).read_text() for path in paths}
            early.extend(names.intersection(rig.files()))
            return super().hash(paths, algorithms)

    early: list[str] = []
    rig = make_rig(workers=Looking())
    assert set(rig.run(*"abcdef").values()) == {"stored"}
    assert early == []


def test_sequential_means_fetch_hash_commit_and_only_then_the_next(make_rig: MakeRig) -> None:
    rig = make_rig(sequential=True)
    log: list[str] = []
    rig.fetcher.body = lambda job: log.append(f"fetch {job.path}") or b""  # type: ignore[func-returns-value]
    hash_, commit = rig.workers.hash, rig.storage.commit
    rig.workers.hash = lambda *given: log.append("hash") or hash_(*given)  # type: ignore[method-assign,func-returns-value]
    rig.storage.commit = lambda *given: log.append("commit") or commit(*given)  # type: ignore[method-assign,func-returns-value]
    rig.run("a", "b")
    assert log == ["fetch a", "hash", "commit", "fetch b", "hash", "commit"]


# What is in flight, and in memory, is bounded.


def test_a_long_plan_is_read_as_there_is_room_for_it(make_rig: MakeRig) -> None:
    rig = make_rig(body=lambda job: GONE, allowed=4)
    read: list[Planned] = []
    ahead: list[int] = []
    rig.told.on_finished = lambda _: ahead.append(len(read) - len(rig.told.outcomes))
    told = rig.run_plan(counted(rig.plan(items(*map(str, range(20_000)))), read))
    assert len(told) == 20_000
    assert rig.fetcher.most_in_flight <= 4
    assert max(ahead) <= 4


def test_a_long_list_is_read_by_the_batch_as_there_is_room_for_it(make_rig: MakeRig) -> None:
    rig = make_rig(body=lambda job: GONE, allowed=4)
    read: list[UrlItem] = []
    ahead: list[int] = []
    rig.told.on_finished = lambda _: ahead.append(len(read) - len(rig.told.outcomes))
    told = rig.run_plan(rig.plan(counted(items(*map(str, range(2000))), read)))
    assert len(told) == 2000
    assert max(ahead) <= 4 + BATCH


class Withholding(Threaded):
    """Keeps what it is to hash until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[tuple[Sequence[str], Future[list[HashResult]]]] = []

    def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
        self.batches.append((paths, Future()))
        return self.batches[-1][1]

    @property
    def files(self) -> int:
        return sum(len(paths) for paths, _ in self.batches)

    def let_go(self) -> None:
        for paths, future in self.batches:
            future.set_result([HashResult(path) for path in paths])
        self.batches.clear()


def test_fetching_pauses_where_hashing_cannot_follow(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "LANDED_AT_MOST", 60)
    workers = Withholding()
    rig = make_rig(workers=workers, allowed=4)
    seen: list[tuple[int, int]] = []

    def look() -> None:
        seen.append((workers.files, len(rig.fetcher.begun)))
        is_full = workers.files >= 60 or seen[-1][1] == 150
        if is_full and seen[-100:] == seen[-1:] * 100:  # nothing moves any more
            workers.let_go()

    rig.concurrency.observed = look
    assert len(rig.run(*map(str, range(150)))) == 150
    assert 60 <= max(files for files, _ in seen) <= 63


def test_reading_pauses_where_many_lines_wait_for_one(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome_log, "WAITING_AT_MOST", 10)
    looked = threading.Semaphore(0)

    def body(job: Job) -> bytes:
        for _ in range(5):
            assert looked.acquire(timeout=LONG)
        most.append(len(read))
        return b""

    rig = make_rig(body=body)
    rig.concurrency.observed = looked.release
    most: list[int] = []
    read: list[Planned] = []
    told = rig.run_plan(counted(rig.plan(items(*["a"] * 100)), read))
    assert set(told.values()) == {"stored"}
    assert len(told) == 100
    assert most == [11]


def test_lines_that_need_no_worker_keep_no_file_waiting(rig: Rig) -> None:
    """Refused lines come for as long as the one file is not told."""
    stored = threading.Event()

    def note(outcome: Outcome) -> None:
        if outcome.status == "stored":
            stored.set()

    rig.told.on_finished = note

    def plan() -> Iterator[Planned]:
        yield from rig.plan(items("a"))
        for line in range(2, 500_000):
            yield Refused(UrlItem("bad:", line), Failure("bad-url", "bad"))
            if stored.is_set():
                return

    assert len(rig.run_plan(plan())) < 499_999


# One item's failure is its own.


def test_a_fetcher_that_breaks_its_promise_fails_that_item_only(make_rig: MakeRig) -> None:
    def body(job: Job) -> bytes:
        if job.path == "a":
            raise ValueError("a bug")
        return b""

    rig = make_rig(body=body)
    assert rig.run("a", "b") == {1: "internal", 2: "stored"}
    [error] = [outcome.error for outcome in rig.told.outcomes if outcome.error]
    assert "a bug" in error.message


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (FileExistsError("it appeared"), "exists", "it appeared"),
        (OSError(18, "Invalid cross-device link"), "disk", "a: Invalid cross-device link"),
        (OSError("odd"), "disk", "a: odd"),
        (TypeError("a bug"), "internal", "a bug"),
    ],
)
def test_what_cannot_be_committed_is_that_items_failure(
    rig: Rig, raised: Exception, kind: str, message: str
) -> None:
    commit = rig.storage.commit

    def refuse_a(
        part: str, path: str, replaces: FileStat | None, stat: FileStat | None = None
    ) -> FileStat:
        if path == "a":
            raise raised
        return commit(part, path, replaces, stat)

    rig.storage.commit = refuse_a  # type: ignore[method-assign]
    assert rig.run("a", "b") == {1: kind, 2: "stored"}
    [error] = [outcome.error for outcome in rig.told.outcomes if outcome.error]
    assert message in error.message
    assert rig.parts_left() == []


def test_a_file_that_cannot_be_hashed_is_not_stored(make_rig: MakeRig) -> None:
    class Losing(Threaded):
        def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
            done: Future[list[HashResult]] = Future()
            failure = Failure("disk", "cannot read")
            done.set_result([HashResult(path, failure=failure) for path in paths])
            return done

    rig = make_rig(workers=Losing())
    assert rig.run("a") == {1: "disk"}
    assert rig.files() == rig.parts_left() == []


@pytest.mark.parametrize("answer", [[], ValueError("a bug")], ids=["too few", "raises"])
def test_hash_workers_that_break_their_promise_fail_their_items_only(
    make_rig: MakeRig, answer: list[HashResult] | Exception
) -> None:
    class Breaking(Threaded):
        def hash(self, paths: Sequence[str], algorithms: Sequence[str]) -> Future[list[HashResult]]:
            done: Future[list[HashResult]] = Future()
            if isinstance(answer, Exception):
                done.set_exception(answer)
            else:
                done.set_result(answer)
            return done

    rig = make_rig(workers=Breaking())
    assert rig.run("a", "b") == {1: "internal", 2: "internal"}
    assert rig.files() == rig.parts_left() == []


def test_every_fetched_outcome_is_recorded_before_it_is_told(make_rig: MakeRig) -> None:
    rig = make_rig(body=served)

    def look(outcome: Outcome) -> None:
        assert outcome.url
        assert rig.journal.kept[outcome.url] == outcome

    rig.told.on_finished = look
    rig.run("a", "missing")
    assert rig.journal.stamps[url("a")]
    assert rig.journal.stamps[url("missing")] is None


# What stops the run.


def test_a_local_error_of_the_fetcher_ends_the_run_and_keeps_what_is_done(
    make_rig: MakeRig,
) -> None:
    def body(job: Job) -> bytes:
        if job.path == "c":
            raise DiskFailed("disk full")
        return b""

    rig = make_rig(body=body, sequential=True)
    with pytest.raises(DiskFailed, match="disk full"):
        rig.run(*"abcdef")
    assert rig.told.summary() == {1: "stored", 2: "stored"}
    assert sorted(rig.journal.kept) == [url("a"), url("b")]
    assert rig.fetcher.begun == ["a", "b", "c"]
    assert rig.fetcher.aborted.is_set()


def test_a_disk_that_takes_no_name_fails_the_item_and_ends_the_run(rig: Rig) -> None:
    def refuse(
        part: str, path: str, replaces: FileStat | None, stat: FileStat | None = None
    ) -> FileStat:
        raise DiskFailed("read-only")

    rig.storage.commit = refuse  # type: ignore[method-assign]
    with pytest.raises(DiskFailed, match="read-only"):
        rig.run("a")
    assert rig.told.summary() == {1: "disk"}


def test_a_list_may_break_off_where_its_next_line_is_asked_for(make_rig: MakeRig) -> None:
    rig = make_rig()
    read: list[Planned] = []

    def ready() -> bool:
        if read:
            raise UsageError("the list cannot be read")
        return True

    with pytest.raises(LocalError, match="cannot be read"):
        rig.run_plan(counted(rig.plan(items("a")), read), ready)
    assert rig.told.summary() == {1: "stored"}


def test_a_list_that_breaks_off_lets_running_work_end(make_rig: MakeRig) -> None:
    rig = make_rig()

    def plan() -> Iterator[Planned]:
        yield from rig.plan(items("a", "b"))
        raise UsageError("the list cannot be read")

    with pytest.raises(LocalError, match="cannot be read"):
        rig.run_plan(plan())
    assert rig.told.summary() == {1: "stored", 2: "stored"}
    assert not rig.fetcher.aborted.is_set()


def test_a_disk_that_fails_the_plan_lets_running_work_end(make_rig: MakeRig) -> None:
    rig = make_rig()

    def plan() -> Iterator[Planned]:
        yield from rig.plan(items("a", "b"))
        raise DiskFailed("the temporary folder is full")

    with pytest.raises(DiskFailed, match="temporary"):
        rig.run_plan(plan())
    assert rig.told.summary() == {1: "stored", 2: "stored"}


@pytest.mark.parametrize("method", ["record", "tick", "recall"])
def test_a_journal_that_fails_ends_the_run_and_every_stored_file_is_told(
    make_rig: MakeRig, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise DiskFailed("the journal is full")

    rig = make_rig(sequential=True)
    monkeypatch.setattr(rig.journal, method, fail)
    with pytest.raises(DiskFailed, match="journal"):
        rig.run("a", "a", "b", "c")
    stored = [line for line, status in rig.told.summary().items() if status == "stored"]
    assert len(stored) == len(rig.files()) < 3


# A stop request.


def ask_to_end(rig: Rig, wait: Callable[[float], object]) -> threading.Thread:
    def ask() -> None:
        wait(LONG)
        rig.stop.request()

    asking = threading.Thread(target=ask)
    asking.start()
    return asking


def test_after_a_stop_request_no_job_begins_and_what_is_done_is_kept(make_rig: MakeRig) -> None:
    rig = make_rig(sequential=True)
    rig.told.on_finished = lambda _: rig.stop.request(2)
    assert rig.run(*"abc") == {1: "stored"}
    assert rig.fetcher.begun == ["a"]
    assert rig.fetcher.aborted.is_set()


def test_transfers_that_end_well_at_a_stop_request_are_stored(make_rig: MakeRig) -> None:
    """All three are under way when it comes, and land as it comes."""
    under_way = threading.Barrier(4)
    aborted = threading.Event()

    def body(job: Job) -> bytes:
        under_way.wait(LONG)
        aborted.wait(LONG)
        return b""

    rig = make_rig(body=body)
    rig.fetcher.abort = aborted.set  # type: ignore[method-assign]
    asking = ask_to_end(rig, under_way.wait)
    assert rig.run(*"abc") == {1: "stored", 2: "stored", 3: "stored"}
    asking.join()


def test_a_transfer_that_does_not_end_is_left_behind(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "GRACE", 0.05)
    begun, go_on = threading.Event(), threading.Event()

    def body(job: Job) -> bytes:
        begun.set()
        go_on.wait(LONG)
        return b""

    rig = make_rig(body=body)
    asking = ask_to_end(rig, begun.wait)
    assert rig.run("a") == {}
    go_on.set()
    asking.join()


def test_what_a_stop_request_broke_off_is_no_failure(make_rig: MakeRig) -> None:
    rig = make_rig(sequential=True)
    rig.fetcher.body = lambda job: rig.stop.request() or GONE  # type: ignore[func-returns-value]
    assert rig.run("a") == {}
    assert rig.journal.kept == {}


def test_a_run_that_was_asked_to_end_before_fetches_nothing(rig: Rig) -> None:
    rig.stop.request()
    assert rig.run("a") == {}
    assert rig.fetcher.begun == []


# The same URL on several lines.


def test_a_repeated_url_is_fetched_once_whatever_became_of_it(make_rig: MakeRig) -> None:
    rig = make_rig(body=served, sequential=True)
    told = rig.run("a", "a", "missing", "missing", "a#fragment", "HTTP://EXAMPLE.org/a")
    assert list(told.values()) == [*["stored"] * 2, *["http-status"] * 2, *["stored"] * 2]
    assert rig.fetcher.begun == ["a", "missing"]
    assert {outcome.path for outcome in rig.told.outcomes if outcome.path} == {f"{rig.root}/a"}


def test_a_line_may_repeat_one_that_is_in_flight(make_rig: MakeRig) -> None:
    """The second URL is fetched after both lines of the first were read."""
    both_read = threading.Event()

    def body(job: Job) -> bytes | Failure:
        if job.path == "a":
            return GONE if both_read.wait(LONG) else b""
        both_read.set()
        return b""

    rig = make_rig(body=body)
    assert rig.run("a", "a", "b") == {1: "http-status", 2: "http-status", 3: "stored"}
    assert sorted(rig.fetcher.begun) == ["a", "b"]


def test_a_line_may_repeat_one_that_was_refused(make_rig: MakeRig) -> None:
    rig = make_rig()
    (rig.root / "a").write_text("mine")
    assert rig.run("a", "a", "b") == {1: "exists", 2: "exists", 3: "stored"}
    assert (rig.root / "a").read_text() == "mine"


@pytest.mark.parametrize("sequential", [True, False])
def test_logins_make_different_urls_that_are_never_mixed_up(
    make_rig: MakeRig, sequential: bool
) -> None:
    def body(job: Job) -> bytes:
        return job.url.encode()

    rig = make_rig(body=body, sequential=sequential)
    one, two = "http://one:1@example.org/a", "http://two:2@example.org/a"
    assert set(rig.run(one, two, one, two, "a", one).values()) == {"stored"}
    files = {outcome.line: Path(outcome.path or "") for outcome in rig.told.outcomes}
    bodies = [files[line].read_text() for line in range(1, 7)]
    assert bodies == [one, two, one, two, url("a"), one]


def test_a_bad_line_takes_nothing_from_the_url_that_it_resembles(make_rig: MakeRig) -> None:
    """Shown without what may be a login, the second line looks like the first."""
    all_read = threading.Event()

    def body(job: Job) -> bytes:
        if job.path == "a":
            all_read.wait(LONG)
        all_read.set()
        return b""

    rig = make_rig(body=body)
    told = rig.run("a", "a", "http://x y@example.org/a", "a", "b")
    assert told == {1: "stored", 2: "stored", 3: "bad-url", 4: "stored", 5: "stored"}


def test_the_bytes_of_a_repeated_url_count_once(make_rig: MakeRig) -> None:
    rig = make_rig(body=lambda job: b"1234", sequential=True)
    rig.run("a", "a", "b")
    assert rig.stats.bytes == 8
    assert rig.stats.counts.stored == 3


# What is told while the run goes on.


def test_progress_is_told_during_a_transfer_also_where_there_is_one_thread(
    make_rig: MakeRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "BEAT", 0.0)
    rig = make_rig(sequential=True)

    def body(job: Job) -> bytes:
        transfer = rig.meter.enter(job.path, job.host)
        transfer.advance(5)
        seen.append(rig.told.events[-1])
        rig.meter.leave(transfer)
        return b""

    seen: list[Event] = []
    rig.fetcher.body = body
    rig.run("a")
    [event] = seen
    assert isinstance(event, Advanced)
    assert (event.fetched_bytes, event.active[0].name) == (5, "a")


def test_the_last_word_on_progress_is_complete(rig: Rig) -> None:
    rig.run("abc", "de")
    last = [event for event in rig.told.events if isinstance(event, Advanced)][-1]
    assert (last.hashed_bytes, last.hashing, last.active) == (5, 0, ())


def test_a_reporter_that_is_lost_is_the_callers_business(rig: Rig) -> None:
    def lose(_: Outcome) -> None:
        raise BrokenPipeError

    rig.told.on_finished = lose
    with pytest.raises(BrokenPipeError):
        rig.run("a")
    assert rig.files() == ["a"]
