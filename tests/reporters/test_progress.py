"""What bars say: true numbers, and as many of them as the terminal has room for."""

from __future__ import annotations

import pytest

from downloader.models import Active, Advanced, Began, Finished, Outcome
from downloader.reporters.progress import Progress, active_line, bar_columns, counted, facts
from downloader.text import columns

MIB = 1 << 20


def halfway() -> Progress:
    progress = Progress(0.0)
    progress.note(Began(200), 0.0)
    for line in range(99):
        progress.note(Finished(Outcome("failed" if line == 5 else "stored")), 1.0)
    progress.note(Advanced(0, 0, 0), 4.0)
    progress.note(Advanced(60 * MIB, 50 * MIB, 3, (Active("a", 5, 5, 1.0),)), 10.0)
    return progress


def test_everything_is_said_where_there_is_room() -> None:
    progress = halfway()
    assert counted(progress) == "99/200 files".rjust(13)
    assert facts(progress, 10.0, 80) == ("60.0 MiB  10.0 MiB/s  10 s left  3 hashing  1 failed")


def test_what_matters_least_goes_first() -> None:
    progress = halfway()
    told = [facts(progress, 10.0, room) for room in (45, 35, 25, 10, 5)]
    assert told == [
        "60.0 MiB  10.0 MiB/s  10 s left  1 failed",
        "10.0 MiB/s  10 s left  1 failed",
        "10.0 MiB/s  1 failed",
        "1 failed",
        "",
    ]


def test_a_large_file_at_the_end_is_what_is_waited_for() -> None:
    progress = halfway()
    progress.note(Advanced(60 * MIB, 0, 0, (Active("large", 1 * MIB, 10 * MIB, 5.0),)), 10.0)
    assert progress.left(10.0) == pytest.approx(45.0)


def test_an_unknown_total_is_a_plain_count() -> None:
    progress = Progress(0.0)
    progress.note(Began(None), 0.0)
    progress.note(Finished(Outcome("stored")), 5.0)
    assert counted(progress) == "1 file"
    assert progress.left(5.0) is None
    assert bar_columns(progress, 119) == 0


def test_a_run_that_only_hashes_counts_the_bytes_hashed() -> None:
    progress = Progress(0.0)
    progress.note(Began(2, fetching=False), 0.0)
    progress.note(Advanced(0, 3 * MIB, 1), 3.0)
    assert facts(progress, 3.0, 80) == "3.0 MiB  1.0 MiB/s"


def test_the_rate_is_that_of_the_last_seconds() -> None:
    progress = Progress(0.0)
    for second in range(21):
        progress.note(Advanced(min(second, 10) * MIB, 0, 0), float(second))
    assert progress.rate(20.0) == 0.0


def test_transfers_under_way_count_by_their_fraction_but_never_beyond_the_total() -> None:
    progress = Progress(0.0)
    progress.note(Began(2), 0.0)
    actives = Active("a", 5, 10, 1.0), Active("b", 30, 10, 1.0), Active("c", 1, None, 1.0)
    progress.note(Advanced(0, 0, 0, actives), 1.0)
    assert progress.reached() == 1.5
    progress.note(Finished(Outcome("stored")), 1.0)
    assert progress.reached() == 2


@pytest.mark.parametrize("width", [1, 10, 39, 79, 119])
@pytest.mark.parametrize("name", ["short", "\x1b[2J" * 20, "日本" * 40])
def test_a_transfers_line_fits_and_is_harmless(name: str, width: int) -> None:
    line = active_line(Active(name, 5, 10, 1.0), width)
    assert columns(line) <= width
    assert line.isprintable()


def test_a_transfers_line_tells_how_far_it_is() -> None:
    assert active_line(Active("a.iso", 5 * MIB, 10 * MIB, 1.0), 50) == (
        "  a.iso                       50%     5.0 MiB"
    )
    assert active_line(Active("a.iso", 5 * MIB, None, 1.0), 50) == (
        "  a.iso                               5.0 MiB"
    )


def test_the_bar_gives_way_to_the_numbers() -> None:
    assert [bar_columns(halfway(), width) for width in (39, 59, 79, 119, 400)] == [0, 0, 10, 30, 30]
