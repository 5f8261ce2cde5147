"""Files are looked at before any is hashed, and each is told once."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import pytest
from pipeline_rig import Told

from downloader.executors.local import Sequential
from downloader.models import Digest, Expected
from downloader.pipeline.hash_run import HashRun, told
from downloader.pipeline.stats import RunStats
from downloader.pipeline.verify_run import VerifyRun
from downloader.shared.stop import Stop
from downloader.storage.tree import Trees


class Run:
    """A run over files of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told = Told()
        self.stats = RunStats()
        self.stop = Stop()

    def file(self, name: str, content: str, size: int | None = None) -> Expected:
        """Make a file, and expect its name as the content."""
        if content:
            (self.folder / name).write_text(content)
        digest = Digest("sha256", hashlib.sha256(name.encode()).hexdigest())
        return Expected(str(self.folder / name), (digest,), size)

    def run(self, expected: list[Expected]) -> list[tuple[str, str]]:
        hashes = HashRun(Sequential(), (), self.told, self.stats, self.stop)
        tell = partial(told, self.stats, self.told)
        VerifyRun(hashes, Trees(), self.told, tell, self.stop).run(expected)
        return [(Path(each.path or "").name, each.status) for each in self.told.outcomes]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_what_need_not_be_hashed_is_told_first(run: Run) -> None:
    found = run.run(
        [
            run.file("right", "right", 5),
            run.file("unsized", "unsized"),
            run.file("wrong", "wronG", 5),
            run.file("cut", "cu", 3),
            run.file("missing", ""),
        ]
    )
    assert found[:2] == [("cut", "failed"), ("missing", "missing")]
    assert found[2:] == [("right", "ok"), ("unsized", "ok"), ("wrong", "failed")]


def test_a_file_of_a_wrong_size_is_not_hashed(run: Run) -> None:
    run.run([run.file("cut", "cu", 3)])
    assert run.stats.hashed_by_workers == 0


def test_what_cannot_be_checked_is_never_right(run: Run) -> None:
    faulty = run.file("right", "right")._replace(fault="no checksum of it is known")
    assert run.run([faulty]) == [("right", "failed")]


def test_a_run_that_is_to_end_looks_at_no_more(run: Run) -> None:
    run.stop.request()
    assert run.run([run.file("missing", "")]) == []
