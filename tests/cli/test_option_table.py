"""The table of options and what it fills do not drift apart."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest

from downloader.cli.invocation import Invocation
from downloader.cli.option import Option
from downloader.cli.option_words import default_of, help_of
from downloader.cli.options import OPTIONS, of_verb
from downloader.cli.verbs import VERBS
from downloader.options import Options

LIBRARY = {field.name for field in fields(Options)}
CONSOLE = set(Invocation._field_defaults)


def test_every_field_of_the_librarys_options_is_filled_by_fetch() -> None:
    filled = {option.field for option in of_verb("fetch")}
    assert filled & LIBRARY == LIBRARY


def test_every_row_fills_a_field_of_exactly_one_of_the_two() -> None:
    assert not LIBRARY & CONSOLE
    assert {option.field for option in OPTIONS} == LIBRARY | CONSOLE


@pytest.mark.parametrize("verb", [row.name for row in VERBS])
def test_no_verb_takes_a_name_or_fills_a_field_twice(verb: str) -> None:
    options = of_verb(verb)
    names = Counter(name for option in options for name in (*option.names, option.field))
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_every_verb_of_a_row_exists() -> None:
    assert {verb for option in OPTIONS for verb in option.verbs} == {row.name for row in VERBS}


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.names[0])
def test_flags_are_off_unless_they_are_given(option: Option) -> None:
    assert (default_of(option) is False) == (option.takes is None)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.names[0])
def test_help_shows_the_default_that_counts(option: Option) -> None:
    shown = help_of(option)
    assert "{" not in shown
    if "{}" in option.help:
        assert default_of(option) not in (None, False)
