"""From the text of an option to the value that the library takes.

Each reader is given the option's name, for what it says of text that cannot be read, and the text;
that of a repeatable option all its texts. Which values can be used is for `Options` to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from downloader.cli import header_file
from downloader.errors import UsageError

WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
DECIMAL = re.compile(r"[+-]?([0-9]{1,9}\.?[0-9]{0,9}|\.[0-9]{1,9})")
SIZE = re.compile(r"([0-9]{1,18}\.?[0-9]{0,9}|\.[0-9]{1,9})([KMGkmg]?)")
STATUSES = re.compile(r"[0-9]{3}(, ?[0-9]{3})*")
WHAT_STATUSES = "statuses with commas between them, as in 403,404"
UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3}


def text(_: str, raw: str) -> str:
    """Take text as it is."""
    return raw


def whole(name: str, raw: str) -> int:
    """Read a whole number."""
    return int(_matching(WHOLE, name, raw, "a whole number"))


def whole_or_auto(name: str, raw: str) -> int | None:
    """Read a whole number; "auto" is `None`."""
    if raw == "auto":
        return None
    return int(_matching(WHOLE, name, raw, "a whole number, or auto"))


def statuses(name: str, raw: str) -> tuple[int, ...]:
    """Read statuses with commas between them."""
    return tuple(int(each) for each in _matching(STATUSES, name, raw, WHAT_STATUSES).split(","))


def seconds(name: str, raw: str) -> float:
    """Read a number of seconds."""
    return float(_matching(DECIMAL, name, raw, "a number of seconds"))


def per_second(name: str, raw: str) -> float:
    """Read how often a second."""
    return float(_matching(DECIMAL, name, raw, "a number of requests a second"))


def percent(name: str, raw: str) -> float:
    """Read a share of 100; its sign may stand behind it."""
    return float(_matching(DECIMAL, name, raw.removesuffix("%"), "a share in percent, as in 20"))


def size(name: str, raw: str) -> int:
    """Read a number of bytes: 300, 64M, 1.5G, where K, M and G are powers of 1024."""
    said = _matching(SIZE, name, raw, "a number of bytes, as in 300, 64M or 1.5G").upper()
    number = said.rstrip("KMG")
    unit = UNITS[said[len(number) :]]
    return int(float(number) * unit) if "." in number else int(number) * unit


def _matching(pattern: re.Pattern[str], name: str, raw: str, what: str) -> str:
    if not pattern.fullmatch(raw):
        raise UsageError(f"{name} {raw}: give {what}")
    return raw


def each(_: str, raw: Sequence[str]) -> tuple[str, ...]:
    """Take the texts as they are."""
    return tuple(raw)


def words(_: str, raw: Sequence[str]) -> tuple[str, ...]:
    """Return the words of all texts; a variable holds several with blanks between them."""
    return tuple(word for line in raw for word in line.split())


def columns(name: str, raw: str) -> tuple[tuple[str, str], ...]:
    """Read which column holds what: url=link,md5=sum."""
    pairs = [part.partition("=") for part in raw.split(",") if part.strip()]
    if not pairs or not all(key.strip() and column.strip() for key, _, column in pairs):
        raise UsageError(f"{name} {raw}: give KEY=COLUMN, with commas between several")
    return tuple((key.strip(), column.strip()) for key, _, column in pairs)


def headers(name: str, raw: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Split headers at their first colon; "@FILE" stands for those of a file.

    Raises `UsageError` for one without.
    """
    return tuple(header for line in raw for header in _headers(name, line))


def _headers(name: str, line: str) -> tuple[tuple[str, str], ...]:
    if line.startswith("@"):  # with which no header begins
        return header_file.read(name, line[1:])
    return (_header(name, line),)


def _header(name: str, line: str) -> tuple[str, str]:
    field, colon, value = line.partition(":")
    if not colon:
        # Not quoted: it may be a secret.
        raise UsageError(f"{name}: one has no colon: write it as 'Name: value'")
    return field, value.strip(" \t")
