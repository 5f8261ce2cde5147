"""From the text that was given to the values that the library takes."""

from __future__ import annotations

import re
from typing import Any

import typer

from downloader.cli.console import Telling
from downloader.errors import UsageError

WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
DECIMAL = re.compile(r"[+-]?([0-9]{1,9}\.?[0-9]{0,9}|\.[0-9]{1,9})")
SIZE = re.compile(r"([0-9]{1,18}\.?[0-9]{0,9}|\.[0-9]{1,9})([KMGkmg]?)")
UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def chosen(**values: object) -> dict[str, Any]:
    """Return those of the values that were given."""
    return {name: value for name, value in values.items() if value is not None}


def whole(parameter: typer.CallbackParam, value: Any) -> int | None:
    """Read a whole number; which numbers can be used is for `Options` to say."""
    return None if value is None else int(_matching(WHOLE, parameter, value, "a whole number"))


def seconds(parameter: typer.CallbackParam, value: Any) -> float | None:
    """Read a number of seconds."""
    return _decimal(parameter, value, "a number of seconds")


def per_second(parameter: typer.CallbackParam, value: Any) -> float | None:
    """Read how often a second."""
    return _decimal(parameter, value, "a number of requests a second")


def size(parameter: typer.CallbackParam, value: Any) -> int | None:
    """Read a number of bytes: 300, 64M, 1.5G, where K, M and G are powers of 1024."""
    if value is None:
        return None
    text = _matching(SIZE, parameter, value, "a number of bytes, as in 300, 64M or 1.5G").upper()
    number = text.rstrip("KMG")
    unit = UNITS[text[len(number) :]]
    return int(float(number) * unit) if "." in number else int(number) * unit


def _decimal(parameter: typer.CallbackParam, value: Any, what: str) -> float | None:
    return None if value is None else float(_matching(DECIMAL, parameter, value, what))


def _matching(pattern: re.Pattern[str], parameter: Any, value: object, what: str) -> str:
    text = str(value)
    if not pattern.fullmatch(text):
        raise UsageError(f"{parameter.opts[0]} {text}: give {what}")
    return text


def algorithms(names: list[str] | None) -> tuple[str, ...] | None:
    """Return the names; a variable holds several with blanks between them."""
    return tuple(name for value in names for name in value.split()) if names else None


def headers(lines: list[str] | None) -> tuple[tuple[str, str], ...] | None:
    """Split headers at their first colon. Raises `UsageError` for one without."""
    return tuple(map(_header, lines)) if lines else None


def _header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        # Not quoted: it may be a secret.
        raise UsageError("--header: one has no colon: write it as 'Name: value'")
    return name, value.strip(" \t")


def telling(*, quiet: bool, verbose: bool, **values: Any) -> Telling:
    """Return what the user wants to see."""
    if quiet and verbose:
        raise UsageError("--quiet and --verbose: choose one of them")
    return Telling(quiet=quiet, verbose=verbose, **chosen(**values))
