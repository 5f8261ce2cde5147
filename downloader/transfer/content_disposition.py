"""Content-Disposition (RFC 6266): the file name that a reply itself gives (pure functions).

Read as the world writes it: what the grammar wants quoted often is not. What still has no one
meaning names nothing. What is returned is a server's text and no path: it has to be made safe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import unquote_to_bytes

_LONGEST = 8 * 1024  # characters of a field that is read at all

# A parameter, or the type, up to its semicolon. A value without quotes runs that far as well, with
# blanks, commas, brackets and what else it may hold. What has quotes elsewhere is passed over.
_PARAMETER = re.compile(
    r"""
    (?: ([^;="]*) (?: =[ \t]* (?: "((?:[^"\\]|\\.)*)" | '([^';]*)' | ([^;"]*) ) )? [ \t]* (?=;|\Z)
      | (?: [^;"] | "(?:[^"\\]|\\.)*"? )*
    )
    (?: ; | \Z )
    """,
    re.VERBOSE | re.DOTALL,
)
# RFC 9110 section 5.6.4. Before all else a backslash separates folders: servers send what a browser
# once gave them as it is.
_QUOTED_PAIR = re.compile(r'\\(["\\])')
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# RFC 8187 section 3.2: charset'language'value.
_EXTENDED = re.compile(r"([A-Za-z0-9!#$%&+^_`{}~-]+)'([A-Za-z0-9-]*)'((?:[^%]|%[0-9A-Fa-f]{2})*)")
_CHARSETS = {"utf-8": "utf-8", "utf8": "utf-8", "iso-8859-1": "latin-1"}
_ENCODED_WORD = re.compile(r"=\?[^? ]+\?[BbQq]\?[^? ]*\?=")  # RFC 2047: of mail, not of HTTP
_SEPARATOR = re.compile(r"[/\\]")


def filename(fields: Sequence[str]) -> str | None:
    """Return the name that the values of the field give, `None` if they give none.

    `fields` were read as Latin-1. "filename*" goes before "filename" (section 4.3), and only there
    are percent signs decoded. Of a path only the last segment counts. What cannot be read is
    ignored: a parameter that is there twice with two values, an unknown charset, bytes that are no
    text, encoded words, several fields that do not agree.
    """
    if not fields or len(set(fields)) != 1 or len(fields[0]) > _LONGEST:
        return None
    values: dict[str, set[str]] = {}
    for name, value in _parameters(fields[0]):
        values.setdefault(name, set()).add(value)
    for name, read in _READERS:
        if len(found := values.get(name, ())) == 1 and (text := read(*found)):
            return text
    return None


def _parameters(field: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters, names in lower case, of values those that can be read."""
    for match in _PARAMETER.finditer(field):
        name, quoted, in_single, plain = match.groups(default="")
        value = _QUOTED_PAIR.sub(r"\1", quoted) or in_single or plain.strip()
        if value:
            yield name.strip().lower(), value


def _plain(value: str) -> str | None:
    """Read "filename": ASCII, or UTF-8 as servers send it, else the Latin-1 that it stands for."""
    if _ENCODED_WORD.search(value) or _CONTROL.search(value):
        return None
    try:
        return _last(value.encode("latin-1").decode())
    except UnicodeDecodeError:
        return _last(value)


def _extended(value: str) -> str | None:
    """Read "filename*" (RFC 8187 section 3.2)."""
    match = _EXTENDED.fullmatch(value)
    charset = _CHARSETS.get(match[1].lower()) if match else None
    if match is None or charset is None:
        return None
    try:
        return _last(unquote_to_bytes(match[3].encode("latin-1")).decode(charset))
    except UnicodeError:
        return None


def _last(path: str) -> str | None:
    """Return the last segment of a path if it is a name."""
    last = _SEPARATOR.split(path)[-1]
    return last if last.strip(". ") else None


_READERS = (("filename*", _extended), ("filename", _plain))
