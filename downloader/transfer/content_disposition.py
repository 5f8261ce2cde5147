"""Content-Disposition (RFC 6266): the file name that a reply itself gives (pure functions).

Read strictly: a field that breaks the grammar names nothing, for other readers would make another
name of it. What is returned is a server's text and no path: it has to be made safe.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

_LONGEST = 8 * 1024  # characters of a field that is read at all

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # RFC 9110 section 5.6.2
_TYPE = re.compile(rf"[ \t]*({_TOKEN})[ \t]*(?=;|\Z)")
# A semicolon, and a parameter or none (RFC 9110 section 5.6.6). Blanks around "=" are what RFC 6266
# has from RFC 2616. A value of an extended parameter may have "()" too, which encodeURIComponent()
# of browsers leaves as they are.
_PARAMETER = re.compile(
    rf"""
    ; [ \t]*
    (?: ({_TOKEN}) [ \t]*=[ \t]*
        (?: "((?:[\t !\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t -\x7e\x80-\xff])*)"
          | ([!#$%&'*+.^_`|~0-9A-Za-z()-]+) )
    )?
    [ \t]* (?=;|\Z)
    """,
    re.VERBOSE,
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
# RFC 8187 section 3.2: charset'language'value; the value may hold what is said above.
_EXTENDED = re.compile(r"([A-Za-z0-9!#$%&+^_`{}~-]+)'([A-Za-z0-9-]*)'((?:[^%]|%[0-9A-Fa-f]{2})*)")
_CHARSETS = {"utf-8": "utf-8", "iso-8859-1": "latin-1"}
_ENCODED_WORD = re.compile(r"=\?[^? ]+\?[BbQq]\?[^? ]*\?=")  # RFC 2047: of mail, not of HTTP
_SEPARATOR = re.compile(r"[/\\]")


def filename(fields: Sequence[str]) -> str | None:
    """Return the name that the values of the field give, `None` if they give none.

    `fields` were read as Latin-1. "filename*" goes before "filename" (section 4.3), and only there
    are percent signs decoded. Of a path only the last segment counts. Several fields, a parameter
    that is there twice, an unknown charset, bytes that are no text: all these give no name.
    """
    if not fields or len(set(fields)) != 1 or len(fields[0]) > _LONGEST:
        return None
    parameters = _parameters(fields[0])
    if parameters is None:
        return None
    names = [read(parameters[key]) for key, read in _READERS if key in parameters]
    if not names or None in names:
        return None
    last = _SEPARATOR.split(names[0] or "")[-1]
    return last if last.strip(". ") else None


def _parameters(field: str) -> dict[str, str] | None:
    """Return the parameters, names in lower case; `None` for a field that breaks the grammar."""
    kind = _TYPE.match(field)
    if kind is None:
        return None
    at, found = kind.end(), dict[str, str]()
    while at < len(field):
        match = _PARAMETER.match(field, at)
        if match is None:
            return None
        at = match.end()
        name, quoted, token = match.groups()
        if name is None:
            continue
        if name.lower() in found or (quoted is not None and name.endswith("*")):
            return None
        if quoted is None and ("(" in token or ")" in token) and not name.endswith("*"):
            return None
        found[name.lower()] = token if quoted is None else _QUOTED_PAIR.sub(r"\1", quoted)
    return found


def _plain(value: str) -> str | None:
    """Read "filename": ASCII, or UTF-8 as servers send it, else the Latin-1 that it stands for."""
    if _ENCODED_WORD.search(value):
        return None
    try:
        return value.encode("latin-1").decode()
    except UnicodeDecodeError:
        return value


def _extended(value: str) -> str | None:
    """Read "filename*" (RFC 8187 section 3.2)."""
    match = _EXTENDED.fullmatch(value)
    charset = _CHARSETS.get(match[1].lower()) if match else None
    if match is None or charset is None:
        return None
    try:
        return unquote_to_bytes(match[3]).decode(charset)
    except UnicodeDecodeError:
        return None


_READERS = (("filename*", _extended), ("filename", _plain))
