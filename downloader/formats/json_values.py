"""The values of a JSON document, one after the other: no more than one is in memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from downloader.errors import UsageError

LARGEST = 1024 * 1024  # characters of one value
PIECE = 64 * 1024  # bytes of a line that are read at once
_BLANK = re.compile(r"[\s]*")
_BETWEEN = re.compile(r"[\s,]*")
_NOT_YET = object()


class JsonValues:
    """Those of arrays, or those that follow each other, with the lines in which they begin.

    Raises `UsageError` for what is no JSON, and for a value that is too large.
    """

    def __init__(self, stream: BinaryIO, source: str) -> None:
        self._stream = stream
        self._source = source
        self._decoder = json.JSONDecoder()
        self._utf8 = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._line = 1
        self._is_over = False

    def __iter__(self) -> Iterator[tuple[Any, int]]:
        if not self._takes("["):
            yield from self._values("")
            return
        yield from self._values("]")
        while self._takes("["):
            yield from self._values("]")
        if self._text:
            raise self._broken("there is something after the end of the array")

    def _takes(self, bracket: str) -> bool:
        """Pass over a bracket, if it comes next."""
        self._pass(_BLANK)
        is_next = self._text.startswith(bracket)
        self._take(len(bracket) * is_next)
        return is_next

    def _values(self, end: str) -> Iterator[tuple[Any, int]]:
        """Yield values up to the end of what they stand in."""
        self._pass(_BETWEEN)
        while self._text and self._text[0] != end:
            line = self._line
            yield self._next(), line
            self._pass(_BETWEEN)
        if not self._takes(end):
            raise self._broken("the array does not end")

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
            is_full = len(self._text) > LARGEST
            if self._is_over or is_full or len(self._text) > tried + tried // 4:
                tried = len(self._text)
                value = self._decoded()
                if value is not _NOT_YET:
                    return value
            if is_full:
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
