"""The arithmetic of comparisons, and what is said of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from downloader.comparison.cells import Cell, Matrix, cell_speedup, enough, scale, start_cost
from downloader.comparison.json import as_json
from downloader.comparison.lesson import processes_lesson, threads_lesson
from downloader.comparison.speedup import Comparison, Pair, verdict
from downloader.comparison.spread import Spread, ratio, spread
from downloader.comparison.text import as_text, run_line
from downloader.models import Busy, Counts, Mode, Report, Sequential, Stages

MATRIX = Matrix(
    fetch=(Cell(0, (4.0, 4.4)), Cell(1, (4.0, 4.4)), Cell(2, (2.0, 2.0)), Cell(4, (1.9, 2.0))),
    hash=(Cell(0, (0.10, 0.10)), Cell(1, (0.20, 0.20)), Cell(2, (0.16, 0.16))),
)


def report(mode: Mode, wall: float, *, guess: float = 0.0, failed: int = 0) -> Report:
    return Report(
        mode=mode,
        threads=8,
        processes=2,
        items=Counts(total=10, stored=10 - failed, failed=failed),
        bytes=1000 * (10 - failed),
        seconds=Stages(wall, wall / 2, wall / 4),
        busy=Busy(),
        sequential=Sequential(guess, guess, guess, "estimated"),
        saved=None,
        held_back_by="latency",
    )


def pair(sequential: float, parallel: float, guess: float = 4.0) -> Pair:
    return Pair(report("sequential", sequential), report("parallel", parallel, guess=guess))


def compared(*pairs: Pair) -> Comparison:
    return Comparison(threads=8, processes=2, pairs=pairs)


def test_a_spread_is_the_median_with_the_extremes() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)


def test_a_ratio_over_no_time_is_one() -> None:
    assert (ratio(4.0, 2.0), ratio(4.0, 0.0)) == (2.0, 1.0)


@pytest.mark.parametrize(
    ("ratios", "said"),
    [
        ((2.0, 1.5, 3.0), "faster"),
        ((0.5, 0.4, 0.9), "slower"),
        ((1.01, 1.01, 1.01), "no difference"),
        ((1.5, 0.9, 1.6), "no difference"),
    ],
)
def test_nobody_is_faster_where_the_pairs_disagree(
    ratios: tuple[float, float, float], said: str
) -> None:
    assert verdict(Spread(*ratios)) == said


def test_speed_up_and_saving_are_taken_pair_by_pair() -> None:
    """Not from medians: what slows both runs of a pair does not count."""
    comparison = compared(pair(4.0, 1.0), pair(8.0, 2.0), pair(6.0, 2.0))
    assert comparison.speedup == Spread(4.0, 3.0, 4.0)
    assert comparison.saved == Spread(4.0, 3.0, 6.0)


def test_the_estimate_is_set_against_what_was_measured() -> None:
    assert pair(4.0, 1.0, guess=6.0).estimate_ratio == 1.5


@pytest.mark.parametrize(
    ("most", "sizes"), [(1, (0, 1)), (2, (0, 1, 2)), (6, (0, 1, 2, 4, 6)), (8, (0, 1, 2, 4, 8))]
)
def test_pools_are_tried_from_none_over_powers_of_two_to_the_largest(
    most: int, sizes: tuple[int, ...]
) -> None:
    assert scale(most) == sizes


def test_the_smallest_pool_that_is_about_as_fast_is_enough() -> None:
    size, speedup = enough(MATRIX.fetch)
    assert size == 2
    assert speedup == pytest.approx(2.1)


def test_a_cell_is_set_against_the_round_it_ran_in() -> None:
    assert cell_speedup(MATRIX.fetch[0], MATRIX.fetch[2]) == Spread(2.1, 2.0, 2.2)


def test_a_pool_of_one_shows_what_a_pool_costs() -> None:
    assert start_cost(MATRIX.hash) == pytest.approx(0.1)
    assert start_cost(MATRIX.fetch) == 0.0


def test_the_lesson_says_that_threads_helped_and_why() -> None:
    said = threads_lesson(MATRIX.fetch, "latency")
    assert said.startswith("threads helped: 2 threads fetched 2.1x as fast, as while one waits")


def test_the_lesson_says_that_threads_did_not_help_and_why() -> None:
    cells = (Cell(0, (1.0,)), Cell(1, (1.0,)), Cell(2, (1.0,)))
    said = threads_lesson(cells, "bandwidth")
    assert said == "threads did not help (1.00x at best), as one connection fills the line already"


def test_the_lesson_gives_the_best_where_nothing_helped() -> None:
    cells = (Cell(0, (1.0,)), Cell(1, (1.04,)), Cell(2, (0.95,)))
    assert "(1.05x at best)" in threads_lesson(cells, None)


def test_the_lesson_names_what_a_pool_of_processes_costs() -> None:
    said = processes_lesson(MATRIX.hash, cpus=2)
    assert said.startswith("processes did not help: at best 1.6x as slow")
    assert "costs 0.10 s to start and feed, and hashing takes 0.10 s" in said


def test_the_lesson_says_that_processes_helped() -> None:
    said = processes_lesson((Cell(0, (2.0,)), Cell(1, (2.1,)), Cell(2, (1.1,))), cpus=2)
    assert said.startswith("processes helped: 2 processes hashed 1.8x as fast")


def test_the_lesson_knows_a_machine_with_one_processor() -> None:
    said = processes_lesson((Cell(0, (2.0,)), Cell(1, (2.0,))), cpus=1)
    assert said.endswith("there is one processor")


def test_the_table_shows_each_stage_and_the_saving() -> None:
    text = as_text(compared(pair(4.0, 1.0)))
    assert "10 files, 9.8 KiB, 1 pair of runs" in text
    assert "wall                4.00 s                    1.00 s" in text
    assert "time saved          3.00 s: parallel was 4.0x faster" in text
    assert "4.00 s by parallel alone: 1.00 of what was measured" in text


def test_several_pairs_show_their_spread() -> None:
    text = as_text(compared(pair(4.0, 1.0), pair(6.0, 2.0)))
    assert "5.00 s (4.00 to 6.00)     1.50 s (1.00 to 2.00)" in text
    assert "parallel was 3.5x (3.0 to 4.0) faster" in text


def test_it_is_said_when_parallel_was_slower() -> None:
    assert "none: parallel was 0.50 s slower (0.67x)" in as_text(compared(pair(1.0, 1.5)))


def test_it_is_said_when_there_is_no_clear_difference() -> None:
    assert "no clear difference" in as_text(compared(pair(1.0, 0.99)))


def test_failures_and_unequal_work_are_remarked() -> None:
    unequal = Pair(report("sequential", 4.0, failed=3), report("parallel", 1.0))
    text = as_text(compared(unequal))
    assert "the runs did not do the same work" in text
    assert "up to 3 of 10 items failed in a run" in text


def test_the_matrix_is_a_row_a_pool_with_the_lessons_below() -> None:
    lines = as_text(replace(compared(pair(4.0, 1.0)), matrix=MATRIX)).splitlines()
    rows = [line.split()[:2] for line in lines]
    assert ["2", "threads"] in rows
    assert ["2", "processes"] in rows
    assert [line.split(":")[0] for line in lines[-2:]] == [
        "threads helped",
        "processes did not help",
    ]


def test_a_comparison_that_was_interrupted_at_once_is_still_text_and_json() -> None:
    comparison = Comparison(8, 2, matrix=Matrix(), interrupted=2)
    document = as_json(comparison)
    assert as_text(comparison).splitlines()[0] == "no complete pair of runs"
    assert (document["speedup"], document["interrupted"]) == (None, 2)


def test_the_json_document_keeps_every_measurement() -> None:
    comparison = replace(compared(pair(4.0, 1.0), pair(6.0, 2.0)), matrix=MATRIX)
    document = json.loads(json.dumps(as_json(comparison)))
    assert document["schema"] == 1
    assert document["sequential"]["wall"]["all"] == [4.0, 6.0]
    assert document["speedup"] == {"median": 3.5, "low": 3.0, "high": 4.0, "all": [4.0, 3.0]}
    assert document["matrix"]["hash"][1]["workers"] == 1
    assert len(document["matrix"]["lessons"]) == 2


def test_a_run_is_one_line_with_its_failures() -> None:
    line = run_line(report("parallel", 1.0, failed=2))
    assert line == "parallel    1.00 s  (fetch 0.50 s, hash 0.25 s), 2 failed"
