"""What is printed: nothing unseen in it, and numbers with units that people read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloader import text


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain é 日本 \\ name", "plain é 日本 \\ name"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x00\x7f\x85\x9b", "\\x00\\x7f\\x85\\x9b"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("\u2028\u2029\u2066\u200b", "\\u2028\\u2029\\u2066\\u200b"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_cannot_be_seen_becomes_a_visible_escape(foreign: str, shown: str) -> None:
    assert text.escaped(foreign) == shown


@given(st.text(alphabet=st.characters()))
def test_escaped_text_is_printable_and_stays_so(foreign: str) -> None:
    shown = text.escaped(foreign)
    assert shown.isprintable()
    assert text.escaped(shown) == shown


def test_encodable_text_survives_every_encoding() -> None:
    assert text.encodable("é日\udc80", "ascii") == "\\xe9\\u65e5\\udc80"
    assert text.encodable("é日\udc80", "utf-8") == "é日\\udc80"
    assert text.encodable("é", None) == "é"


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (5, "5 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1024**2 - 1, "1.0 MiB"),
        (199963443, "190.7 MiB"),
        (2**80, "1048576.0 EiB"),
        (-2048, "-2.0 KiB"),
        (float("nan"), "unknown"),
    ],
)
def test_sizes_use_units_of_1024(count: float, shown: str) -> None:
    assert text.size(count) == shown


def test_rates_are_sizes_a_second() -> None:
    assert text.rate(75.7 * 2**20) == "75.7 MiB/s"
    assert text.rate(0) == "0 B/s"
    assert text.rate(float("inf")) == "unknown"


@pytest.mark.parametrize(
    ("span", "decimals", "shown"),
    [
        (2.52, 2, "2.52 s"),
        (0.21, 2, "0.21 s"),
        (3.21, 1, "3.2 s"),
        (12.4, 0, "12 s"),
        (0.0, 2, "0.00 s"),
        (0.0042, 2, "0.004 s"),
        (59.994, 2, "59.99 s"),
        (59.996, 2, "1 min 00 s"),
        (125, 2, "2 min 05 s"),
        (3599.6, 0, "1 h 00 min"),
        (100 * 3600, 2, "4 d 04 h"),
        (-0.1, 1, "-0.1 s"),
        (float("inf"), 2, "unknown"),
    ],
)
def test_spans_are_read_at_a_glance(span: float, decimals: int, shown: str) -> None:
    assert text.seconds(span, decimals) == shown


def test_nouns_follow_their_number() -> None:
    assert [text.plural(noun, 1) for noun in ("file", "process")] == ["1 file", "1 process"]
    assert text.plural("file", 0) == "0 files"
    assert [text.plural(n, 2) for n in ("process", "try")] == ["2 processes", "2 tries"]


@given(st.text(), st.integers(0, 30))
def test_shortened_text_fits_its_room(name: str, room: int) -> None:
    assert text.columns(text.shortened(name, room)) <= room


def test_shortened_text_keeps_both_ends() -> None:
    assert text.shortened("checkpoint-000123.safetensors", 17) == "checkpo...tensors"
    assert text.shortened("short", 5) == "short"
    assert text.columns("日本e\u0301") == 5
