"""What a row of a table or an object holds: its columns by what they mean, and the files it names.

The keys are `url`, `name`, `size` and the names of algorithms. Several URLs in one cell, separated
by ";", are several files: with as many names, sizes and checksums, one each.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from downloader import checksums
from downloader.errors import UsageError
from downloader.formats.cells import (
    UnusableRow,
    digest,
    encoded,
    recorded_name,
    shared,
    size,
    split_urls,
)
from downloader.formats.reading import ListContext, resolved, shown, unusable
from downloader.formats.usable import usable
from downloader.models import Digest, UrlItem

# Columns by which the records of `--format json` and csv are known, which are lists too.
RECORD = frozenset({"schema", "final_url", "path"})
LONGEST_TITLE = 64  # characters of one that is known, and remembered
SHOWN = 12  # columns that are named where none is known
_PLAIN_KEYS = ("url", "name", "size")
_NO_SUMS = (*_PLAIN_KEYS, "path")


def key_of(title: str) -> str | None:
    """Return what a column of this title holds, `None` if that is not known."""
    return _key_of(title) if len(title) <= LONGEST_TITLE else None


@lru_cache(maxsize=1024)
def _key_of(title: str) -> str | None:
    plain = title.strip().casefold()
    if plain in _PLAIN_KEYS:
        return plain
    name = checksums.algorithm(plain)
    return name if name in checksums.known() else None


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
        key = key_of(title.strip().removeprefix("digests."))
        if key is not None:
            found.setdefault(key, number)
    for wanted, title in context.columns.items():
        found[key_of(wanted) or wanted] = _place(title, header, context)
    if "url" not in found and any("://" in title for title in header):
        first = "its first row is one of files: write a row of titles before it (url, name, md5)"
        raise UsageError(f"{context.source}: {first}")
    if "url" not in found:
        raise UsageError(f"{context.source}: no column is called url{_there_are(header)}")
    return found


def items(
    values: Mapping[str, str],
    line: int,
    context: ListContext,
    text: str = "",
    *,
    mirrors: Sequence[str] = (),
) -> Iterator[UrlItem]:
    """Yield the files of a row, or one that says why it cannot be used; `values` are by key.

    `text` is what is shown of a row without a URL.
    """
    try:
        yield from _files(values, line, context, mirrors)
    except UnusableRow as why:
        yield unusable(values.get("url", "").strip() or text, line, context, str(why))


def _files(
    values: Mapping[str, str], line: int, context: ListContext, mirrors: Sequence[str]
) -> list[UrlItem]:
    url = values.get("url", "").strip()
    is_one = ";" not in url or "path" in values  # a record is of one file
    urls = [encoded(url)] * bool(url) if is_one else split_urls(url)
    if not urls:
        raise UnusableRow("there is no URL in this row")
    if len(urls) == 1:
        return [_item(urls[0], values, line, context, mirrors)]
    by_key = {key: shared(key, cell, len(urls)) for key, cell in values.items() if key != "url"}
    rows = ({key: each[number] for key, each in by_key.items()} for number in range(len(urls)))
    return [_item(each, row, line, context, mirrors) for each, row in zip(urls, rows, strict=True)]


def _item(
    url: str, row: Mapping[str, str], line: int, context: ListContext, mirrors: Sequence[str]
) -> UrlItem:
    digests: list[Digest] = []
    for key, cell in row.items():
        if key not in _NO_SUMS and (text := cell.strip()):
            digests.append(digest(key, text))
    name = row.get("name", "").strip() or None
    if name is None and "path" in row:
        name = recorded_name(row["path"], context.folder)
    bytes_ = size(row.get("size", "").strip())
    others = tuple(usable(mirrors, context)) if mirrors else ()
    whole = resolved(url, context)
    return UrlItem(*(whole, line, context.source, name, tuple(digests), bytes_, others))


def _place(title: str, header: Sequence[str], context: ListContext) -> int:
    titles = [each.strip() for each in header]
    if title in titles:
        return titles.index(title)
    near = difflib.get_close_matches(title, titles, n=1)
    hint = f": did you mean {near[0]!r}?" if near else _there_are(header)
    raise UsageError(f"{context.source}: no column is called {title}{hint}")


def _there_are(header: Sequence[str]) -> str:
    named = ", ".join(repr(shown(each.strip())[:40]) for each in header[:SHOWN])
    more = ", ..." if len(header) > SHOWN else ""
    return f" (there are {named}{more}): name the right one with --columns url=COLUMN"
