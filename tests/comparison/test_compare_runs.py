"""Comparisons run both modes for real, in alternation, and leave nothing."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from good import GoodServer

from downloader import Options, UsageError, compare, hash_files
from downloader.comparison.fetch_only import FetchOnly
from downloader.models import Busy, Counts, Ended, Event, Finished, Report, Sequential, Stages
from downloader.shared.stop import Stop

FILES = {f"/{name}.bin": bytes([number]) * 5000 for number, name in enumerate("abcdef")}


@pytest.fixture
def server() -> Iterator[GoodServer]:
    with GoodServer(FILES) as running:
        yield running


@pytest.fixture
def urls(server: GoodServer, tmp_path: Path) -> Path:
    path = tmp_path / "urls.txt"
    path.write_text("".join(f"{server.url(file)}\n" for file in FILES))
    return path


@pytest.fixture
def options(tmp_path: Path) -> Options:
    return Options(dir=str(tmp_path / "out" / "files"), threads=2, processes=1, proxy="")


class Scripted:
    """Stands in for `api.fetch`: each call takes the next wall time, nothing is fetched."""

    def __init__(self, *walls: float, stop_at: int = 0) -> None:
        self.walls = list(walls)
        self.calls: list[Options] = []
        self.stop_at = stop_at
        self.read: list[bytes] = []

    def __call__(self, sources: object, options: Options, *, stop: Stop, **more: Any) -> Report:
        self.calls.append(options)
        if more["stdin"]:
            self.read.append(more["stdin"].read())
        if len(self.calls) == self.stop_at:
            stop.request(signal.SIGTERM)
        wall = self.walls.pop(0)
        return Report(
            mode="sequential" if options.sequential else "parallel",
            threads=1,
            processes=1,
            items=Counts(total=1, stored=1),
            bytes=1,
            seconds=Stages(wall, wall, 0.0),
            busy=Busy(),
            sequential=Sequential(wall, wall, wall, "estimated"),
            saved=None,
            held_back_by=None,
            interrupted=stop.signum,
        )

    @property
    def modes(self) -> str:
        return "".join("s" if call.sequential else "p" for call in self.calls)


class Noting:
    """Keeps every event."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def tell(self, event: Event) -> None:
        self.events.append(event)


def test_the_modes_take_turns_in_going_first(options: Options) -> None:
    fetch = Scripted(1.0, 4.0, 5.0, 1.0, 1.0, 6.0)
    comparison = compare("list", options, runs=3, fetch=fetch)
    assert fetch.modes == "psspps"
    assert [pair.speedup for pair in comparison.pairs] == [4.0, 5.0, 6.0]


def test_the_warm_up_run_does_not_count(options: Options) -> None:
    fetch = Scripted(99.0, 1.0, 2.0)
    comparison = compare("list", options, warmup=True, fetch=fetch)
    assert fetch.modes == "pps"
    assert comparison.stage("parallel", "wall").high == 1.0


def test_an_interrupted_comparison_keeps_its_complete_pairs(options: Options) -> None:
    fetch = Scripted(1.0, 2.0, 3.0, 4.0, stop_at=3)
    comparison = compare("list", options, runs=5, fetch=fetch)
    assert len(fetch.calls) == 3
    assert len(comparison.pairs) == 1
    assert comparison.interrupted == signal.SIGTERM


def test_runs_go_to_throw_away_folders_beside_the_target(options: Options, tmp_path: Path) -> None:
    fetch = Scripted(1.0, 2.0)
    compare("list", options, fetch=fetch)
    used = {Path(call.dir).parent for call in fetch.calls}
    assert all(path.parent == tmp_path and path.name.startswith(".dl-compare-") for path in used)
    assert os.listdir(tmp_path) == []


def test_standard_input_is_read_once_and_given_to_every_run(options: Options) -> None:
    fetch = Scripted(1.0, 2.0)
    compare("-", options, stdin=io.BytesIO(b"http://a.example/1\n"), fetch=fetch)
    assert fetch.read == [b"http://a.example/1\n"] * 2


def test_a_pipe_is_read_once_and_given_to_every_run(options: Options, server: GoodServer) -> None:
    """As the shell's <(command) gives it."""
    reading, writing = os.pipe()
    with open(writing, "w", encoding="utf-8") as stream:
        stream.write(server.url("/a.bin"))
    try:
        comparison = compare(f"/dev/fd/{reading}", options)
    finally:
        os.close(reading)
    assert comparison.items == Counts(total=1, stored=1)
    assert len(server.requests) == 2


def test_an_endless_stream_without_lines_is_refused(options: Options, tmp_path: Path) -> None:
    with open("/dev/zero", "rb") as zeros, pytest.raises(UsageError, match="is not a list"):
        compare("-", options, stdin=zeros)
    assert os.listdir(tmp_path) == []


def test_less_than_one_pair_is_refused(options: Options) -> None:
    with pytest.raises(UsageError, match="--runs 0"):
        compare("list", options, runs=0)


def test_both_modes_fetch_everything_for_real(
    server: GoodServer, urls: Path, options: Options, tmp_path: Path
) -> None:
    comparison = compare(str(urls), options)
    assert len(server.requests) == 2 * len(FILES)
    assert (comparison.items.stored, comparison.bytes) == (6, 30_000)
    assert comparison.pairs[0].same_work
    assert os.listdir(tmp_path) == ["urls.txt"]


def test_failures_are_told_and_counted(server: GoodServer, options: Options) -> None:
    noting = Noting()
    comparison = compare([server.url("/a.bin"), server.url("/no")], options, reporter=noting)
    failed = [e for e in noting.events if isinstance(e, Finished) and e.outcome.error]
    assert (comparison.failed, len(failed)) == (1, 2)


def test_the_matrix_measures_each_stage_alone(
    server: GoodServer, urls: Path, options: Options, tmp_path: Path
) -> None:
    matrix = compare(str(urls), options, matrix=True).matrix
    assert matrix is not None
    assert [cell.workers for cell in matrix.fetch] == [0, 1, 2]
    assert [cell.workers for cell in matrix.hash] == [0, 1]
    assert len(server.requests) == (2 + 3) * len(FILES)
    assert os.listdir(tmp_path) == ["urls.txt"]


def test_the_matrix_gives_no_reports_of_half_a_run(urls: Path, options: Options) -> None:
    noting = Noting()
    compare(str(urls), options, matrix=True, reporter=noting)
    reports = [e.report for e in noting.events if isinstance(e, Ended)]
    assert len([r for r in reports if r]) == 2
    assert len(reports) == 2 + 3 + 2


def test_a_stop_request_before_the_start_fetches_nothing(
    server: GoodServer, urls: Path, options: Options, tmp_path: Path
) -> None:
    stop = Stop()
    stop.request(signal.SIGINT)
    comparison = compare(str(urls), options, matrix=True, stop=stop)
    assert (comparison.pairs, comparison.interrupted) == ((), signal.SIGINT)
    assert server.requests == []


def test_fetching_alone_takes_sizes_and_leaves_digests_out(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"four")
    (result,) = FetchOnly(0).hash([str(path)], ["sha256"]).result()
    assert (result.size, result.digests) == (4, ())


def test_hashing_what_was_fetched_leaves_the_journal_out(tmp_path: Path) -> None:
    """The hash stage of the matrix hashes a target folder as it stands."""
    (tmp_path / ".dl").mkdir()
    (tmp_path / ".dl" / "journal.sqlite3").write_bytes(b"x")
    (tmp_path / "file").write_bytes(b"y")
    assert hash_files(str(tmp_path), Options(sequential=True)).items.total == 1
