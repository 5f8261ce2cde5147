"""What a row of a table or an object holds: its columns by what they mean, and the files it names.

The keys are `url`, `name`, `size` and the names of algorithms. Several URLs in one cell, separated
by ";", are several files: with as many names, sizes and checksums, one each.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from downloader import checksums
from downloader.errors import UsageError
from downloader.formats.reading import ListContext, resolved, unusable
from downloader.models import Digest, UrlItem

# Columns by which the records of `--format json` and csv are known, which are lists too.
RECORD = frozenset({"schema", "final_url", "path"})
SHOWN = 12  # columns that are named where none is known
_PLAIN_KEYS = ("url", "name", "size")
_NO_SUMS = (*_PLAIN_KEYS, "path")
_ABSOLUTE = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]*://")
_NEXT_URL = re.compile(r"\s*;\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_SIZE = re.compile(r"([0-9]{1,19})(?:\.0+)?")  # as pandas writes whole numbers, too


class UnusableRow(ValueError):
    """Why a row cannot be used, in one sentence."""


def is_key(key: str) -> bool:
    """Return True if a column may be known by this key."""
    return key in _PLAIN_KEYS or checksums.algorithm(key) in checksums.known()


def columns(header: Sequence[str], context: ListContext) -> dict[str, int]:
    """Return where the columns of a table stand, by their keys.

    Those of `--columns` are found by their names as they are, others if they are called like
    their keys in any case; `digests.sha256`, as `--format csv` has it, is that of `sha256`. Raises
    `UsageError`, which names the columns that there are, if one is missing.
    """
    found: dict[str, int] = {}
    if set(header) >= RECORD:
        found["path"] = header.index("path")
    for number, title in enumerate(header):
        key = _key(title.strip().removeprefix("digests."))
        if key is not None:
            found.setdefault(key, number)
    for wanted, title in context.columns.items():
        found[_key(wanted) or wanted] = _place(title, header, context)
    if "url" not in found:
        raise UsageError(f"{context.source}: no column is called url{_there_are(header)}")
    return found


def items(
    values: Mapping[str, str], line: int, context: ListContext, *, mirrors: Sequence[str] = ()
) -> Iterator[UrlItem]:
    """Yield the files of a row, or one that says why it cannot be used; `values` are by key."""
    try:
        yield from _files(values, line, context, mirrors)
    except UnusableRow as why:
        yield unusable(values.get("url", ""), line, context, str(why))


def split_urls(cell: str) -> list[str]:
    """Take the URLs of a cell apart; a ";" within a URL that has a scheme is its own."""
    parts = _NEXT_URL.split(cell) if _ABSOLUTE.match(cell) else cell.split(";")
    if len(parts) > 1:
        parts = [part.rstrip("; ") for part in parts]
    return [_encoded(part.strip()) for part in parts if part.strip()]


def _encoded(url: str) -> str:
    """Encode blanks: a cell has a clear end, so they are part of the URL."""
    return url.replace(" ", "%20")


def digest(algorithm: str, text: str) -> Digest:
    """Read a checksum in hexadecimal or base64, or one that names its algorithm.

    What is wrong with it is said where it is used.
    """
    name = checksums.algorithm(algorithm)
    declared = checksums.split(text)
    if declared and checksums.algorithm(declared.algorithm) == name:
        return declared
    if len(text) != 2 * (checksums.size(name) or 0):
        return Digest(name, checksums.from_base64(name, text) or text)
    return Digest(name, text)


def size(text: str) -> int | None:
    """Read a number of bytes, `None` for nothing. Raises `UnusableRow` for anything else."""
    if not text:
        return None
    number = _SIZE.fullmatch(text)
    if number is None:
        raise UnusableRow(f"its size is no number of bytes: {text[:40]!r}")
    return int(number[1])


def recorded_name(path: str, context: ListContext) -> str | None:
    """Return the name that a record's file had in its folder.

    The folder is the one of this run, if the path is below it; of a file elsewhere only its own
    name is known for certain.
    """
    folder = context.folder.rstrip("/")
    if path.startswith(f"{folder}/"):
        return path.removeprefix(f"{folder}/")
    return path.rpartition("/")[2] or None


def _files(
    values: Mapping[str, str], line: int, context: ListContext, mirrors: Sequence[str]
) -> Iterator[UrlItem]:
    url = values.get("url", "")
    urls = [url] * bool(url) if "path" in values else split_urls(url)  # a record is of one file
    if not urls:
        raise UnusableRow("there is no URL in this row")
    by_key = {key: _each(key, text, len(urls)) for key, text in values.items() if key != "url"}
    rows = [{key: each[number] for key, each in by_key.items()} for number in range(len(urls))]
    sizes = [size(row.get("size", "")) for row in rows]
    for url, row, bytes_ in zip(urls, rows, sizes, strict=True):
        sums = (digest(key, row[key]) for key in row if key not in _NO_SUMS and row[key])
        name = row.get("name") or recorded_name(row.get("path", ""), context)
        yield UrlItem(
            *(resolved(url, context), line, context.source, name, tuple(sums), bytes_),
            mirrors=tuple(mirrors),
        )


def _each(key: str, cell: str, count: int) -> list[str]:
    """Take a cell apart that goes with so many URLs."""
    if count == 1 or not cell.strip():
        return [cell.strip()] * count
    parts = [part.strip() for part in cell.split(";")]
    if len(parts) == count + 1 and not parts[-1]:
        parts.pop()
    if len(parts) != count:
        raise UnusableRow(f"it has {count} URLs, and {len(parts)} in its column {key}")
    return parts


def _key(title: str) -> str | None:
    plain = title.casefold()
    if plain in _PLAIN_KEYS:
        return plain
    name = checksums.algorithm(plain)
    return name if name in checksums.known() else None


def _place(title: str, header: Sequence[str], context: ListContext) -> int:
    titles = [each.strip() for each in header]
    if title in titles:
        return titles.index(title)
    near = difflib.get_close_matches(title, titles, n=1)
    hint = f": did you mean {near[0]!r}?" if near else _there_are(header)
    raise UsageError(f"{context.source}: no column is called {title}{hint}")


def _there_are(header: Sequence[str]) -> str:
    named = ", ".join(repr(each.strip()[:40]) for each in header[:SHOWN])
    more = ", ..." if len(header) > SHOWN else ""
    return f" (there are {named}{more}): name the right one with --columns url=COLUMN"
