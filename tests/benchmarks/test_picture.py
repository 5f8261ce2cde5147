"""The picture of the terminal: a screen as a person sees it, and SVG that shows just that."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from picture import svg
from screen import Cell, Screen

PICTURE = Path(__file__).parents[2] / "docs" / "terminal.svg"


def shown(written: str, columns: int = 80) -> list[str]:
    screen = Screen(columns)
    screen.feed(written)
    return screen.lines()


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("a\r\nb", ["a", "b"]),
        ("bar\r\nrow\x1b[A\rBAR", ["BAR", "row"]),
        ("bar\r\nrow\r\x1b[A\x1b[Jend", ["end"]),
        ("abc\rx\x1b[K", ["x"]),
    ],
)
def test_a_screen_moves_as_a_terminal_does(written: str, lines: list[str]) -> None:
    assert shown(written) == lines


def test_a_long_line_goes_on_in_the_next_one() -> None:
    assert shown("abcdef", columns=4) == ["abcd", "ef"]


def test_a_picture_has_every_word_at_its_place_and_in_its_colour() -> None:
    screen = Screen()
    screen.feed("1 \x1b[31mfailed\x1b[0m & <b>")
    root = ElementTree.fromstring(svg([("$ dl", screen.rows)], 80, "a run"))
    texts = [(each.text, each.get("x"), each.get("fill")) for each in root.iter() if each.text]
    assert ("failed", "16.8", "#ff7b72") in texts
    assert ("<b>", "92.4", "#d6dde6") in texts


def test_a_blank_line_takes_its_room() -> None:
    one, two = (svg([("t", [[Cell("x")]] * n)], 9, "n") for n in (1, 2))
    assert one != two


@pytest.mark.skipif(not PICTURE.exists(), reason="the tests stand beside a wheel")
def test_the_readmes_picture_is_of_a_whole_run() -> None:
    text = " ".join(ElementTree.fromstring(PICTURE.read_text()).itertext())
    assert all(word in text for word in ("stored", "failed", "threads", "Not Found"))
    assert "/home" not in text
