"""Text for people: foreign text made harmless, and numbers with their units (pure functions)."""

from __future__ import annotations

import math
import re
import unicodedata

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_GAP = "..."


def escaped(text: str) -> str:
    r"""Show what cannot be seen: controls, bidi marks, lone surrogates become `\x1b`, `\u202e`.

    What `str.isprintable` calls printable stays as it is, so nothing in the answer moves a cursor,
    ends a line or turns the direction of writing.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def encodable(text: str, encoding: str | None) -> str:
    r"""Replace what `encoding` cannot express by `\u…` escapes, so that writing never fails."""
    name = encoding or "utf-8"
    return text.encode(name, "backslashreplace").decode(name)


def size(count: float) -> str:
    """Return a number of bytes in units of 1024, as in "5 B" and "190.7 MiB"."""
    if not math.isfinite(count):
        return "unknown"
    if abs(count) < 1024:
        return f"{count:.0f} B"
    power = 0
    while round(abs(count), 1) >= 1024 and power < len(_UNITS) - 1:
        count /= 1024
        power += 1
    return f"{count:.1f} {_UNITS[power]}"


def rate(bytes_per_second: float) -> str:
    """Return bytes per second, as in "75.7 MiB/s"."""
    return f"{size(bytes_per_second)}/s" if math.isfinite(bytes_per_second) else "unknown"


def seconds(span: float, decimals: int = 2) -> str:
    """Return a span of time, as in "2.52 s", "2 min 05 s", "1 h 02 min", "3 d 04 h"."""
    if not math.isfinite(span):
        return "unknown"
    if span < 0:
        return f"-{seconds(-span, decimals)}"
    if round(span, decimals) >= 60:
        return _long(round(span))
    if decimals and 0 < span < 0.01:
        decimals = 3
    return f"{span:.{decimals}f} s"


def _long(whole: int) -> str:
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    minutes = whole // 60
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes // 1440} d {minutes // 60 % 24:02d} h"


def plural(noun: str, count: int) -> str:
    """Return the number with its noun, as in "1 file", "8 threads", "2 tries"."""
    if count == 1:
        return f"1 {noun}"
    if noun.endswith("s"):
        return f"{count} {noun}es"
    return f"{count} {re.sub('y$', 'ie', noun)}s"


def columns(text: str) -> int:
    """Return how many columns of a terminal `text` takes (wide East Asian characters take two)."""
    if text.isascii():
        return len(text)
    return sum(_column(c) for c in text)


def _column(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shortened(text: str, room: int) -> str:
    """Cut `text` in the middle so that it takes at most `room` columns: ends tell names apart."""
    if columns(text) <= room:
        return text
    if room <= len(_GAP):
        return _head(text, room)
    left = (room - len(_GAP)) // 2
    tail = _head(text[::-1], room - len(_GAP) - left)[::-1]
    return _head(text, left) + _GAP + tail


def _head(text: str, room: int) -> str:
    width = 0
    for index, character in enumerate(text):
        width += _column(character)
        if width > room:
            return text[:index]
    return text
