"""Pictures are drawn to SVG and PNG, of complete and of interrupted comparisons."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from downloader.comparison import plot
from downloader.comparison.cells import Cell, Matrix
from downloader.comparison.speedup import Comparison, Pair
from downloader.errors import LocalError, UsageError
from downloader.models import Busy, Counts, Mode, Report, Sequential, Stages


def report(mode: Mode, wall: float) -> Report:
    return Report(
        mode=mode,
        threads=8,
        processes=2,
        items=Counts(total=10, stored=10),
        bytes=1000,
        seconds=Stages(wall, wall / 2, wall / 4),
        busy=Busy(),
        sequential=Sequential(4.0, 4.0, 4.0, "estimated"),
        saved=None,
        held_back_by=None,
    )


RUNS = Comparison(8, 2, (Pair(report("sequential", 4.0), report("parallel", 1.0)),))
CELLS = (Cell(0, (4.0,)), Cell(1, (5.0,)), Cell(2, (2.0,)))
WHOLE = replace(RUNS, matrix=Matrix(CELLS, CELLS))


def words(path: Path) -> str:
    """The text of an SVG file: matplotlib leaves it in comments beside its outlines."""
    return " ".join(line for line in path.read_text().splitlines() if "<!--" in line)


def test_a_png_is_a_png(tmp_path: Path) -> None:
    plot.draw(WHOLE, str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG\r\n")


def test_the_matrix_has_labelled_panels(tmp_path: Path) -> None:
    plot.draw(WHOLE, str(tmp_path / "a.SVG"))
    shown = words(tmp_path / "a.SVG")
    for text in ("number of threads", "number of processes", "ideal", "speed-up", "0.80x", "2.0x"):
        assert text in shown


def test_the_runs_have_labelled_bars(tmp_path: Path) -> None:
    plot.draw(RUNS, str(tmp_path / "a.svg"))
    shown = words(tmp_path / "a.svg")
    for text in ("sequential", "8 threads", "seconds", "4.00 s", "1.00 s (4.00x as fast)"):
        assert text in shown


def test_the_same_comparison_gives_valid_xml_without_a_date(tmp_path: Path) -> None:
    plot.draw(RUNS, str(tmp_path / "a.svg"))
    tags = {element.tag.rpartition("}")[2] for element in ET.parse(tmp_path / "a.svg").iter()}
    assert "svg" in tags
    assert "date" not in tags


@pytest.mark.parametrize("empty", [Comparison(8, 2), Comparison(8, 2, matrix=Matrix())])
def test_a_comparison_that_was_interrupted_can_be_drawn(empty: Comparison, tmp_path: Path) -> None:
    plot.draw(empty, str(tmp_path / "a.png"))


@pytest.mark.parametrize("name", ["a.pdf", "a", "missing/a.svg"])
def test_names_that_cannot_be_drawn_to_are_refused_beforehand(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--plot"):
        plot.check(str(tmp_path / name))


def test_without_matplotlib_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plot, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'dl-downloader\[plot\]'"):
        plot.check("a.svg")


def test_a_file_that_cannot_be_written_is_a_local_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(LocalError, match="cannot be written"):
        plot.draw(RUNS, str(tmp_path / "a.png"))


def test_importing_it_does_not_import_matplotlib() -> None:
    import subprocess  # noqa: PLC0415  used here only

    code = "import sys, downloader.comparison.plot; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
