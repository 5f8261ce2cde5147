"""Where a URL begins and ends on a line of text, and what stands around it (pure functions).

Bullets, numbers and check boxes of lists are left out. Quotes, "<...>" and Markdown links say
themselves where a URL ends; else a tab or two blanks do.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BETWEEN = re.compile("(?:  | ?\t)[ \t]*")

_BULLET = re.compile(r"(?:[-*+•]|\d{1,7}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(?=(.))")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|[\"'<\[!]|[0-9A-Fa-f]{32}")
_QUOTED = re.compile(r"""(["'`])(.*?)\1[,;]?(?=\s|$)|()<([^<>]*)>[,;]?(?=\s|$)""")
# An inline link (CommonMark section 6.3): a title may follow, and the URL may stand in "<...>".
_LINK = re.compile(
    r"""!?\[((?:[^\[\]]|\[[^\[\]]*\])*)\]\(\s*(?:<([^<>]*)>|((?:[^()\s]|\([^()]*\))*))"""
    r"""(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)"""
)


class Cut(NamedTuple):
    """A line, cut behind its URL; `rest` begins with what separates it.

    `caption` is the text of a link. A `marked` URL says itself where it ends.
    """

    url: str
    rest: str
    caption: str | None = None
    marked: bool = False


def without_bullet(text: str, *, relative: bool) -> str:
    """Leave out a bullet; if URLs may be relative, only before what is one for certain."""
    found = _BULLET.match(text)
    if found is None:
        return text
    rest = text[found.end() :]
    return rest if not relative or _ABSOLUTE.match(rest) else text


def cut(text: str) -> Cut:
    """Cut a line behind its URL."""
    if link := _LINK.match(text):
        caption, bracketed, bare = link.groups()
        return Cut((bracketed or bare or "").strip(), text[link.end() :], caption.strip(), True)
    if quoted := _QUOTED.match(text):
        return Cut((quoted[2] or quoted[4] or "").strip(), text[quoted.end() :], None, True)
    if between := BETWEEN.search(text):
        return Cut(text[: between.start()], text[between.start() :])
    return Cut(text, "")
