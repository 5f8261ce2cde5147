"""Lists in JSON: objects with the keys of tables, one after the other or in one array.

The records of `--format json` are such objects: what they tell of a file is checked.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from downloader.errors import UsageError
from downloader.formats import fields
from downloader.formats.reading import ListContext, unusable
from downloader.formats.text import LONGEST_LINE, is_cut, lines
from downloader.models import UrlItem

LARGEST = 1024 * 1024  # characters of one object
PIECE = 64 * 1024  # bytes of a line that are read at once
_BLANK = re.compile(r"[\s]*")
_BETWEEN = re.compile(r"[\s,]*")
_NOT_YET = object()
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
    for value, line in _Values(stream, context.source):
        yield from _items(value, line, context)


class _Values:
    """The values of a stream with the numbers of the lines in which they begin."""

    def __init__(self, stream: BinaryIO, source: str) -> None:
        self._stream = stream
        self._source = source
        self._decoder = json.JSONDecoder()
        self._utf8 = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._line = 1
        self._is_over = False

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        is_array = self._begins_array()
        while True:
            self._pass(_BETWEEN)
            if not self._text:
                break
            if is_array and self._text[0] == "]":
                return
            line = self._line
            yield self._next(), line
        if is_array:
            raise self._broken("the array does not end")

    def _begins_array(self) -> bool:
        self._pass(_BLANK)
        is_array = self._text.startswith("[")
        self._text = self._text[is_array:]
        return is_array

    def _pass(self, between: re.Pattern[str]) -> None:
        """Pass over what stands between values, up to the next one or the end."""
        while True:
            found = between.match(self._text)
            assert found is not None
            self._take(found.end())
            if self._text or self._is_over:
                return
            self._read()

    def _next(self) -> Any:
        tried = 0
        while True:
            # Values end in a bracket or a quote: a long one is not tried again with every line.
            if self._is_over or len(self._text) > tried + tried // 4:
                tried = len(self._text)
                value = self._decoded()
                if value is not _NOT_YET:
                    return value
            if len(self._text) > LARGEST:
                raise self._broken(f"an object of more than {LARGEST >> 20} MiB")
            self._read()

    def _decoded(self) -> Any:
        try:
            value, end = self._decoder.raw_decode(self._text)
        except (ValueError, RecursionError) as error:
            if self._is_over or isinstance(error, RecursionError):
                raise self._broken("this is no JSON") from None
            return _NOT_YET
        self._take(end)
        return value

    def _take(self, end: int) -> None:
        self._line += self._text.count("\n", 0, end)
        self._text = self._text[end:]

    def _read(self) -> None:
        piece = self._stream.readline(PIECE)
        self._is_over = not piece
        self._text += self._utf8.decode(piece, final=not piece)

    def _broken(self, why: str) -> UsageError:
        return UsageError(f"{self._source}:{self._line}: {why}")


def _items(value: object, line: int, context: ListContext) -> Iterator[UrlItem]:
    """Yield the files of one value."""
    if isinstance(value, str):
        value = {"url": value}
    if not isinstance(value, dict):
        yield unusable(json.dumps(value), line, context, "this is no object with a url")
        return
    try:
        values, mirrors = _texts(value, context), _mirrors(value)
    except fields.UnusableRow as why:
        yield unusable(json.dumps(value), line, context, str(why))
        return
    text = "" if values.get("url") else json.dumps(value)
    yield from fields.items(values, line, context, text, mirrors=mirrors)


def _texts(value: _Object, context: ListContext) -> dict[str, str]:
    """Return what an object holds, by the keys of tables."""
    digests = value.get("digests")
    found = {**value, **(digests if isinstance(digests, dict) else {})}
    texts = {known: each for key, each in found.items() if (known := fields.key_of(key))}
    if value.keys() >= fields.RECORD:
        texts["path"] = value["path"] or ""
    for key, column in context.columns.items():
        texts[fields.key_of(key) or key] = _at(value, column)
    return {key: _text(key, each) for key, each in texts.items() if each is not None}


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
    raise fields.UnusableRow(f"its {key} is no text")


def _mirrors(value: Mapping[str, Any]) -> tuple[str, ...]:
    mirrors = value.get("mirrors") or []
    if not isinstance(mirrors, list) or not all(isinstance(each, str) for each in mirrors):
        raise fields.UnusableRow("its mirrors are no list of URLs")
    return tuple(mirrors)
