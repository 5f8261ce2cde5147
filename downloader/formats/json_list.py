"""Lists in JSON: objects with the keys of tables, one after the other or in one array.

The records of `--format json` are such objects: what they tell of a file is checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from downloader import checksums
from downloader.formats import cells, fields
from downloader.formats.json_values import JsonValues
from downloader.formats.reading import ListContext, unusable
from downloader.formats.text import LONGEST_LINE, is_cut, lines
from downloader.models import UrlItem

_Object = dict[str, Any]


def read_lines(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield the files of each line, an object or a URL in quotes, in constant memory."""
    for number, line in enumerate(lines(stream, context.source), start=1):
        if not line.strip():
            continue
        text = line.decode("utf-8", "surrogateescape")
        if is_cut(line):
            why = f"the line is longer than {LONGEST_LINE // 1024} KiB"
            yield unusable(text, number, context, why)
            continue
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            yield unusable(text, number, context, "the line is no JSON object")
            continue
        yield from _items(value, number, context)


def read(stream: BinaryIO, context: ListContext) -> Iterator[UrlItem]:
    """Yield the files of the values of an array, or of values that follow each other.

    No more than one value is in memory. Raises `UsageError` for what is no JSON.
    """
    for value, line in JsonValues(stream, context.source):
        yield from _items(value, line, context)


def _items(value: object, line: int, context: ListContext) -> Iterator[UrlItem]:
    """Yield the files of one value."""
    if isinstance(value, str):
        value = {"url": value}
    if not isinstance(value, dict):
        yield unusable(json.dumps(value), line, context, "this is no object with a url")
        return
    try:
        values, mirrors = _texts(value, context), _mirrors(value)
    except cells.UnusableRow as why:
        yield unusable(json.dumps(value), line, context, str(why))
        return
    text = "" if values.get("url") else json.dumps(value)
    yield from fields.items(values, line, context, text, mirrors=mirrors)


def _texts(value: _Object, context: ListContext) -> dict[str, str]:
    """Return what an object holds, by the keys of tables."""
    digests = value.get("digests")
    texts: dict[str, Any] = {}
    for key, each in (*value.items(), *(digests.items() if isinstance(digests, dict) else ())):
        if known := fields.key_of(key):
            _agree(known, texts.get(known), each)
            texts[known] = each
    if value.keys() >= fields.RECORD:
        texts["path"] = value["path"] or ""
    for key, column in context.columns.items():
        texts[fields.key_of(key) or key] = _at(value, column)
    return {key: _text(key, each) for key, each in texts.items() if each is not None}


def _agree(key: str, before: object, now: object) -> None:
    """Refuse an object that gives two checksums of one kind: neither may win in silence."""
    if key in checksums.known() and None not in (before, now) and before != now:
        raise cells.UnusableRow(f"it has two different values of {key}")


def _at(value: Any, column: str) -> Any:
    """Return what stands under a key, or under keys with dots between them."""
    if isinstance(value, dict) and column in value:
        return value[column]
    first, dot, rest = column.partition(".")
    return _at(value[first], rest) if dot and isinstance(value, dict) and first in value else None


def _text(key: str, value: object) -> str:
    """Return a value as the cell of a table."""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ";".join(value)
    if isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return str(value)
    raise cells.UnusableRow(f"its {key} is no text")


def _mirrors(value: Mapping[str, Any]) -> tuple[str, ...]:
    mirrors = value.get("mirrors") or []
    if not isinstance(mirrors, list) or not all(isinstance(each, str) for each in mirrors):
        raise cells.UnusableRow("its mirrors are no list of URLs")
    return tuple(mirrors)
