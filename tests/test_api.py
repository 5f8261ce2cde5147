"""The library: what is given becomes files, outcomes and a report."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer, Reply
from raw import RawServer, Script

from downloader.api import fetch, hash_files
from downloader.assemble.fetcher import http_fetcher
from downloader.errors import DiskFailed, FolderInUse, LocalError, UsageError
from downloader.executors.local import Pools, Sequential
from downloader.models import (
    Began,
    Digest,
    DownloadResult,
    Ended,
    Event,
    FileStat,
    Finished,
    Job,
    Outcome,
    ResumePoint,
    UrlItem,
    Warned,
)
from downloader.options import Options
from downloader.protocols import Storage
from downloader.shared.load import LoadMeter
from downloader.shared.stop import Stop
from downloader.storage.local import LocalStorage
from downloader.storage.lock import FolderLock

FILES = {f"/{name}": name.encode() * 1000 for name in ("a.bin", "b.bin", "c.bin")}


class Told:
    """A reporter that remembers; `on_finished` is called at each outcome."""

    def __init__(self, on_finished: Callable[[], object] = lambda: None) -> None:
        self.events: list[Event] = []
        self._on_finished = on_finished

    def tell(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Finished):
            self._on_finished()

    @property
    def outcomes(self) -> list[Outcome]:
        return [event.outcome for event in self.events if isinstance(event, Finished)]


class Dialogue:
    """A pipe whose next line is written when the one before it has been told; then it ends."""

    def __init__(self, lines: list[bytes]) -> None:
        read, self._write = os.pipe()
        self.stream = open(read, "rb")  # noqa: SIM115  closed by who reads it
        self._lines = lines
        self.say()

    def say(self) -> None:
        if self._lines:
            os.write(self._write, self._lines.pop(0) + b"\n")
        else:
            os.close(self._write)


@pytest.fixture
def server() -> Iterator[GoodServer]:
    with GoodServer(FILES) as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "downloads"


@pytest.fixture
def options(folder: Path) -> Callable[..., Options]:
    """Make options for the folder: no pools, no patience, no proxy."""
    usual: dict[str, Any] = {"dir": str(folder), "sequential": True, "retries": 0, "proxy": ""}
    return lambda **others: Options(**{**usual, **others})


Make = Callable[..., Options]


def sha256(body: bytes) -> tuple[Digest]:
    return (Digest("sha256", hashlib.sha256(body).hexdigest()),)


def stands(folder: Path) -> dict[str, bytes]:
    """Return what stands in the folder, but for the tool's own."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    names = {str(path.relative_to(folder)): path for path in files}
    return {name: path.read_bytes() for name, path in names.items() if not name.startswith(".dl/")}


# What may be given.


@pytest.mark.parametrize("sequential", [True, False])
def test_urls_become_files_outcomes_and_a_report(
    server: GoodServer, folder: Path, options: Make, sequential: bool
) -> None:
    told = Told()
    urls = [server.url(path) for path in (*FILES, "/missing")]
    report = fetch(urls, options(sequential=sequential, threads=3), reporter=told)
    assert stands(folder) == {path[1:]: body for path, body in FILES.items()}
    assert (report.items.total, report.items.stored, report.items.failed) == (4, 3, 1)
    assert report.bytes == sum(map(len, FILES.values()))
    assert report.mode == ("sequential" if sequential else "parallel")
    assert [outcome.url for outcome in report.failures] == [server.url("/missing")]
    digests = {outcome.path: outcome.digests for outcome in told.outcomes if outcome.path}
    assert digests == {f"{folder}{path}": sha256(body) for path, body in FILES.items()}


def test_one_url_may_be_given_by_itself(server: GoodServer, folder: Path, options: Make) -> None:
    assert fetch(server.url("/a.bin"), options()).items.stored == 1
    assert list(stands(folder)) == ["a.bin"]


def test_values_keep_their_line_source_and_name(
    server: GoodServer, folder: Path, options: Make
) -> None:
    told = Told()
    fetch(UrlItem(server.url("/a.bin"), 7, "database", "mine.bin"), options(), reporter=told)
    [outcome] = told.outcomes
    assert (outcome.line, outcome.source) == (7, "database")
    assert list(stands(folder)) == ["mine.bin"]


def test_lists_urls_values_and_standard_input_mix(
    server: GoodServer, tmp_path: Path, folder: Path, options: Make
) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text(f"# comment\n{server.url('/a.bin')}\n")
    stdin = io.BytesIO(server.url("/b.bin").encode())
    report = fetch([str(listed), "-", UrlItem(server.url("/c.bin"))], options(), stdin=stdin)
    assert report.items.stored == 3
    assert sorted(stands(folder)) == ["a.bin", "b.bin", "c.bin"]


@pytest.mark.parametrize("sequential", [True, False])
def test_a_file_is_there_before_the_next_line_of_a_pipe(
    server: GoodServer, folder: Path, options: Make, sequential: bool
) -> None:
    pipe = Dialogue([server.url(path).encode() for path in FILES])
    with pipe.stream as stdin:
        told = Told(pipe.say)
        report = fetch("-", options(sequential=sequential), reporter=told, stdin=stdin)
    assert (report.items.stored, sorted(stands(folder))) == (3, ["a.bin", "b.bin", "c.bin"])


def test_every_algorithm_asked_for_is_there_in_order(server: GoodServer, options: Make) -> None:
    told = Told()
    fetch(server.url("/a.bin"), options(algorithms=("md5", "SHA512", "md5")), reporter=told)
    assert [digest.algorithm for digest in told.outcomes[0].digests] == ["md5", "sha512"]


def test_a_run_is_told_from_its_beginning_to_its_end(server: GoodServer, options: Make) -> None:
    told = Told()
    report = fetch([server.url("/a.bin")] * 2, options(), reporter=told)
    assert told.events[0] == Began(2)
    assert told.events[-1] == Ended(report)
    assert [outcome.line for outcome in told.outcomes] == [1, 1]
    assert len(server.requests) == 1


# Where files go.


def test_a_single_url_may_have_a_name(server: GoodServer, folder: Path, options: Make) -> None:
    fetch(server.url("/a.bin"), options(output="sub/y.bin"))
    assert list(stands(folder)) == ["sub/y.bin"]
    assert sorted(os.listdir(folder.parent)) == ["downloads"]


def test_a_tree_has_a_folder_for_host_and_path(folder: Path, options: Make) -> None:
    with GoodServer({"/x/y/a.bin": b"1", "/a.bin": b"2"}) as server:
        fetch([server.url("/x/y/a.bin"), server.url("/a.bin")], options(layout="tree"))
        host = f"127.0.0.1+{server.port}"
    assert stands(folder) == {f"{host}/x/y/a.bin": b"1", f"{host}/a.bin": b"2"}


def test_a_file_of_somebody_else_stays_unless_it_may_be_replaced(
    server: GoodServer, folder: Path, options: Make
) -> None:
    folder.mkdir()
    (folder / "a.bin").write_text("mine")
    report = fetch(server.url("/a.bin"), options())
    assert [outcome.error and outcome.error.kind for outcome in report.failures] == ["exists"]
    assert stands(folder) == {"a.bin": b"mine"}
    assert fetch(server.url("/a.bin"), options(overwrite=True)).items.stored == 1
    assert stands(folder) == {"a.bin": FILES["/a.bin"]}


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_file_that_appears_during_a_run_stays_unless_it_may_be_replaced(
    server: GoodServer, folder: Path, options: Make, overwrite: bool
) -> None:
    lines = Dialogue([server.url(name).encode() for name in ("/a.bin", "/b.bin")])

    def appear() -> None:
        if not (folder / "b.bin").exists():
            (folder / "b.bin").write_text("mine")
        lines.say()

    with lines.stream as stream:
        report = fetch("-", options(overwrite=overwrite), reporter=Told(appear), stdin=stream)
    assert report.items.stored == 1 + overwrite
    assert stands(folder)["b.bin"] == (FILES["/b.bin"] if overwrite else b"mine")


def test_a_second_run_replaces_what_the_first_one_stored(folder: Path, options: Make) -> None:
    with GoodServer({"/a.bin": [b"first", b"second"]}) as server:
        for body in (b"first", b"second"):
            assert fetch(server.url("/a.bin"), options()).items.stored == 1
            assert stands(folder) == {"a.bin": body}


def test_a_file_that_was_changed_since_is_somebody_elses(
    server: GoodServer, folder: Path, options: Make
) -> None:
    fetch(server.url("/a.bin"), options())
    (folder / "a.bin").write_text("edited")
    assert fetch(server.url("/a.bin"), options()).items.failed == 1
    assert stands(folder) == {"a.bin": b"edited"}


@pytest.mark.parametrize(
    "reply", [Reply(b"gone", 404), Reply(b"x", headers={"Content-Length": "9"}, close=True)]
)
def test_a_file_stays_until_a_complete_newer_one_is_there(
    folder: Path, options: Make, reply: Reply
) -> None:
    with GoodServer({"/a.bin": [b"old", reply, b"newer"]}) as server:
        assert fetch(server.url("/a.bin"), options()).items.stored == 1
        assert fetch(server.url("/a.bin"), options()).items.failed == 1
        assert stands(folder) == {"a.bin": b"old"}
        assert fetch(server.url("/a.bin"), options()).items.stored == 1
    assert stands(folder) == {"a.bin": b"newer"}


def test_no_login_is_stored_or_told(folder: Path, options: Make) -> None:
    told = Told()
    with GoodServer({"/a.bin": b"1"}) as server:
        report = fetch(server.url("/a.bin", login="user:secret"), options(), reporter=told)
    assert report.items.stored == 1
    assert "secret" not in repr(told.events)
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"secret" not in kept


# The caller's mistakes.


@pytest.mark.parametrize(
    ("sources", "wrong"),
    [
        ([], {}),
        (["no-such-list.txt"], {}),
        (["ftp://example.org/a"], {}),
        (["http://example.org/a"], {"algorithms": ("sha265",)}),
        (["http://example.org/a"], {"layout": "forest"}),
        (["http://example.org/a", "http://example.org/b"], {"output": "x"}),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sources: list[str], wrong: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = Told()
    with pytest.raises(UsageError):
        fetch(sources, Options(**wrong), reporter=told)
    assert os.listdir(tmp_path) == []
    assert told.events == []


def test_headers_that_no_request_may_have_are_refused_before_any(
    server: GoodServer, options: Make
) -> None:
    with pytest.raises(UsageError):
        fetch(server.url("/a.bin"), options(headers=(("X-A", "1\r\nX-B: 2"),)))
    assert server.requests == []


def test_a_folder_in_use_is_refused(server: GoodServer, folder: Path, options: Make) -> None:
    with FolderLock(str(folder)), pytest.raises(FolderInUse):
        fetch(server.url("/a.bin"), options())
    assert server.requests == []


def test_a_journal_that_is_of_no_use_is_set_aside_and_said_so(
    server: GoodServer, folder: Path, options: Make
) -> None:
    (folder / ".dl").mkdir(parents=True)
    (folder / ".dl" / "journal.sqlite3").write_text("no database at all, but long enough" * 9)
    told = Told()
    assert fetch(server.url("/a.bin"), options(), reporter=told).items.stored == 1
    assert isinstance(told.events[0], Warned)


# Parts of one's own.


def test_a_storage_may_be_given(server: GoodServer, tmp_path: Path, options: Make) -> None:
    class Elsewhere(LocalStorage):
        def commit(
            self, part: str, path: str, replaces: FileStat | None, stat: FileStat | None = None
        ) -> FileStat:
            committed.append(path)
            return super().commit(part, path, replaces, stat)

    committed: list[str] = []
    storage = Elsewhere(str(tmp_path / "elsewhere"))
    assert fetch(server.url("/a.bin"), options(), storage=storage).items.stored == 1
    storage.close()
    assert committed == ["a.bin"]
    assert stands(tmp_path / "elsewhere") == {"a.bin": FILES["/a.bin"]}


def test_lock_and_journal_go_with_the_storage(
    server: GoodServer, folder: Path, tmp_path: Path, options: Make
) -> None:
    with closing(LocalStorage(str(tmp_path / "elsewhere"))) as storage:
        fetch(server.url("/a.bin"), options(), storage=storage)
        assert (tmp_path / "elsewhere" / ".dl" / "journal.sqlite3").exists()
        assert not folder.exists()
        with storage.lock(), pytest.raises(FolderInUse):
            fetch(server.url("/a.bin"), options(), storage=storage)


def test_an_executor_may_be_given_and_is_ended(server: GoodServer, options: Make) -> None:
    class Ending(Sequential):
        ended = 0

        def stop(self, *, wait: float) -> bool:
            self.ended += 1
            return super().stop(wait=wait)

    workers = Ending()
    report = fetch(server.url("/a.bin"), options(sequential=False), executor=workers)
    assert (report.mode, report.items.stored, workers.ended) == ("sequential", 1, 1)


class Full:
    """A fetcher for which there is no room; `log` says what it was asked."""

    log: list[str]

    def __init__(self, storage: Storage, meter: LoadMeter, stop: Stop) -> None:
        self.log = []

    def fetch(self, job: Job) -> DownloadResult:
        raise DiskFailed("disk full")

    def on_part(self, note: Callable[[Job, ResumePoint], None]) -> None:
        """Note no part."""

    def abort(self) -> None:
        self.log.append("abort")

    def close(self) -> None:
        self.log.append("close")


def test_what_stops_the_run_is_raised_after_its_report_was_told(
    folder: Path, options: Make
) -> None:
    made: list[Full] = []

    def make(storage: Storage, meter: LoadMeter, stop: Stop) -> Full:
        made.append(Full(storage, meter, stop))
        return made[0]

    told, stop = Told(), Stop()
    with pytest.raises(DiskFailed, match="disk full"):
        fetch("http://example.org/a", options(), reporter=told, fetcher=make, stop=stop)
    last = told.events[-1]
    assert isinstance(last, Ended)
    assert last.report
    assert (last.report.items.total, last.report.interrupted) == (0, None)
    assert made[0].log == ["abort", "close"]
    assert not stop.requested()


# The end of a run.


def test_a_flag_that_is_set_ends_the_run_and_is_named(server: GoodServer, options: Make) -> None:
    stop = Stop()
    told = Told(lambda: stop.request(signal.SIGTERM))
    report = fetch([server.url(path) for path in FILES], options(), reporter=told, stop=stop)
    assert (report.interrupted, report.items.total) == (signal.SIGTERM, 1)
    assert len(server.requests) == 1


def test_one_flag_serves_many_runs(server: GoodServer, options: Make) -> None:
    stop = Stop()
    for _ in range(2):
        report = fetch(server.url("/a.bin"), options(), stop=stop)
        assert (report.items.stored, report.interrupted) == (1, None)


def stalled() -> RawServer:
    """A server whose files begin and never end, but for /quick."""
    stalls = Script([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"12345"], then="stall")
    quick = Script([b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"], then="keep")
    return RawServer(paths={"/quick": quick, "/slow-1": stalls, "/slow-2": stalls})


@pytest.mark.parametrize("raised", [KeyboardInterrupt, BrokenPipeError, RuntimeError])
def test_a_run_that_breaks_off_leaves_no_thread_and_no_process(
    folder: Path, options: Make, raised: type[BaseException]
) -> None:
    """Two transfers are under way at that moment, and hash processes are up.

    Those start where there is work for them: here for several digests of a file.
    """
    server = stalled()

    def break_off() -> None:
        while len(server.requests) < 3:
            assert not server.closing.wait(0.005)
        pids.extend(workers.pids())
        raise raised

    told = Told(break_off)
    workers = Pools(4, 1)
    pids: list[int] = []
    with server:
        urls = [server.url(path) for path in ("/slow-1", "/slow-2", "/quick")]
        several = options(sequential=False, algorithms=("sha256", "md5"))
        with pytest.raises(raised):
            fetch(urls, several, reporter=told, executor=workers)
        assert not [t for t in threading.enumerate() if t.name.startswith("fetch")]
        assert [is_alive(pid) for pid in pids] == [False]
    assert told.events[-1] == Ended(None)
    assert stands(folder) == {"quick": b"1"}
    with FolderLock(str(folder)):
        pass


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("sequential", [True, False])
def test_no_descriptor_and_no_thread_is_left(
    server: GoodServer, options: Make, sequential: bool
) -> None:
    def opened() -> set[str]:
        """Name the files and pipes that are open; the server's sockets come and go."""
        links = [f"/proc/self/fd/{name}" for name in os.listdir("/proc/self/fd")]
        names = {os.readlink(link) for link in links if os.path.islink(link)}
        return {name for name in names if not name.startswith("socket:")}

    def run() -> None:
        fetch([server.url(path) for path in FILES], options(sequential=sequential))

    run()  # what is opened once for all: multiprocessing's resource tracker
    before = opened()
    gc.disable()  # nothing may have to wait for it
    try:
        run()
        assert opened() <= before
    finally:
        gc.enable()
    names = {thread.name for thread in threading.enumerate()}
    assert not [name for name in names if name.startswith(("fetch", "hash", "closing"))]


# The account of the time.


@pytest.mark.parametrize("first", [True, False])
def test_a_run_in_the_other_mode_is_what_time_is_measured_by(
    server: GoodServer, options: Make, first: bool
) -> None:
    urls = [server.url(path) for path in FILES]
    earlier = fetch(urls, options(sequential=first))
    later = fetch(urls, options(sequential=not first))
    assert earlier.sequential.basis == ("this-run" if first else "estimated")
    if first:
        assert (later.sequential.basis, later.sequential.seconds) == (
            "measured",
            earlier.seconds.wall,
        )
        assert later.sequential.when
    else:
        assert later.saved
        assert later.parallel_when
        assert later.saved.seconds == pytest.approx(later.seconds.wall - earlier.seconds.wall)


def test_an_interrupted_run_measures_nothing(server: GoodServer, options: Make) -> None:
    urls = [server.url(path) for path in FILES]
    stop = Stop()
    fetch(urls, options(), reporter=Told(stop.request), stop=stop)
    later = fetch(urls, options(sequential=False))
    assert later.sequential.basis == "estimated"


def test_another_list_measures_nothing(server: GoodServer, options: Make) -> None:
    fetch(server.url("/a.bin"), options())
    assert fetch(server.url("/b.bin"), options(sequential=False)).sequential.basis == "estimated"


# Hashing what is there already.


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(12):
        path = tmp_path / "tree" / f"folder-{number % 3}" / f"file-{number:02}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes([number]) * number * 1000)
    return tmp_path / "tree"


@pytest.mark.parametrize("sequential", [True, False])
def test_a_trees_digests_are_hashlibs(tree: Path, sequential: bool) -> None:
    told = Told()
    report = hash_files(str(tree), Options(sequential=sequential), reporter=told)
    expected = {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(tree.rglob("file*"))
    }
    assert {o.path: o.digests[0].hexdigest for o in told.outcomes} == expected
    assert [outcome.path for outcome in told.outcomes] == list(expected)
    assert (report.items.stored, report.bytes, report.fetched) == (12, 66_000, False)
    assert (told.events[0], told.events[-1]) == (Began(None, fetching=False), Ended(report))


def test_a_path_that_is_missing_fails_by_itself(tree: Path) -> None:
    report = hash_files([f"{tree}/none", f"{tree}/folder-0"], Options(sequential=True))
    assert (report.items.stored, report.items.failed) == (4, 1)
    assert [outcome.path for outcome in report.failures] == [f"{tree}/none"]


def test_paths_may_come_from_standard_input(tree: Path) -> None:
    listed = b"\0".join(os.fsencode(path) for path in sorted(tree.rglob("file*")))
    report = hash_files("-", Options(sequential=True), stdin=io.BytesIO(listed), null=True)
    assert report.items.stored == 12


def test_a_file_is_hashed_before_the_next_path_of_a_pipe(tree: Path) -> None:
    pipe = Dialogue([os.fsencode(path) for path in tree.rglob("file*")])
    with pipe.stream as stdin:
        told = Told(pipe.say)
        report = hash_files("-", Options(sequential=True), reporter=told, stdin=stdin)
    assert report.items.stored == 12


def test_hashing_makes_no_folder_and_no_journal(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hash_files("tree", Options(sequential=True))
    assert os.listdir(tmp_path) == ["tree"]


@pytest.mark.parametrize("paths", [[], ["-", "-"]])
def test_paths_that_cannot_be_used_are_refused(paths: list[str]) -> None:
    with pytest.raises(UsageError):
        hash_files(paths, Options(sequential=True))


def test_a_list_of_paths_that_breaks_off_is_reported_and_raised() -> None:
    class Breaking(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise IsADirectoryError(21, "Is a directory")

    told = Told()
    with pytest.raises(LocalError, match="-: cannot be read: is a directory"):
        hash_files("-", Options(sequential=True), reporter=told, stdin=Breaking())
    assert isinstance(told.events[-1], Ended)


def test_hashing_ends_when_asked_to(tree: Path) -> None:
    stop = Stop()
    told = Told(lambda: stop.request(signal.SIGINT))
    report = hash_files(str(tree), Options(sequential=True), reporter=told, stop=stop)
    assert (report.interrupted, report.items.total) == (signal.SIGINT, 1)


def test_the_fetcher_that_options_describe_can_be_wrapped(
    server: GoodServer, options: Make
) -> None:
    described = options()
    report = fetch(
        server.url("/a.bin"),
        described,
        fetcher=lambda storage, meter, stop: http_fetcher(described, storage, meter, stop),
    )
    assert report.items.stored == 1
