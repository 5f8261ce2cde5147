"""The cells of a table: several URLs in one, checksums, sizes, paths (pure functions)."""

from __future__ import annotations

import os
import re

from downloader import checksums
from downloader.models import Digest

_ABSOLUTE = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://")
_NEXT_URL = re.compile(r"\s*;\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_SIZE = re.compile(r"([0-9]{1,19})(?:\.0+)?")  # as pandas writes whole numbers, too


class UnusableRow(ValueError):
    """Why a row cannot be used, in one sentence."""


def split_urls(cell: str) -> list[str]:
    """Take the URLs of a cell apart; a ";" within a URL that has a scheme is its own."""
    parts = _NEXT_URL.split(cell) if _ABSOLUTE.match(cell) else cell.split(";")
    if len(parts) > 1:
        parts = [part.rstrip("; ") for part in parts]
    return [encoded(part.strip()) for part in parts if part.strip()]


def encoded(url: str) -> str:
    """Encode blanks: a cell has a clear end, so they are part of the URL."""
    return url.replace(" ", "%20")


def digest(name: str, text: str) -> Digest:
    """Read a checksum in hexadecimal or base64, or one that names its algorithm.

    `name` is the algorithm's usual one. What is wrong with it is said where it is used.
    """
    if len(text) == 2 * (checksums.size(name) or 0):
        return Digest(name, text)
    declared = checksums.split(text)
    if declared and checksums.algorithm(declared.algorithm) == name:
        return declared
    return Digest(name, checksums.from_base64(name, text) or text)


def size(text: str) -> int | None:
    """Read a number of bytes, `None` for nothing. Raises `UnusableRow` for anything else."""
    if not text:
        return None
    number = _SIZE.fullmatch(text)
    if number is None:
        raise UnusableRow(f"its size is no number of bytes: {text[:40]!r}")
    return int(number[1])


def recorded_name(path: str, folder: str) -> str | None:
    """Return the name that a record's file had in its folder.

    The folder is the one of this run, if the path is below it; of a file elsewhere only its own
    name is known for certain.
    """
    below = os.path.relpath(path, folder or os.devnull) if path else ""
    if below.startswith("../") or not below:
        return path.rpartition("/")[2] or None
    return below


def shared(key: str, cell: str, count: int) -> list[str]:
    """Take a cell apart that goes with so many URLs."""
    if not cell.strip():
        return [""] * count
    parts = [part.strip() for part in cell.split(";")]
    if len(parts) == count + 1 and not parts[-1]:
        parts.pop()
    if len(parts) != count:
        raise UnusableRow(f"it has {count} URLs, and {len(parts)} in its column {key}")
    return parts
