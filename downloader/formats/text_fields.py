"""What follows a URL on a line of text: a name, checksums, a size (pure functions).

What cannot be told for certain is never guessed: such a line is not usable, in one sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from downloader import checksums
from downloader.errors import BadUrl
from downloader.formats.reading import digest_of_hex, quoted
from downloader.models import Digest

CAPTIONS = "{} had a caption where a name is expected: these files have the names of their URLs"

_SIZE = re.compile(r"size=(\d{1,18})", re.IGNORECASE)
_URL = re.compile("[A-Za-z][A-Za-z0-9+.-]*://")
_SUFFIX = re.compile(r"[^/]\.(?=[^./]*[A-Za-z])[A-Za-z0-9_~+-]{1,12}$")
_NUMBERED = re.compile(r"(?=[^/]*\d)[0-9A-Fa-f-]+$")  # an identifier: 1234, or a UUID
_SENTENCE = re.compile(r"[.!?\u3002\uff01\uff1f]$")
_QUOTED = re.compile(r"""^(["'])(.+)\1$""")
_TAG = re.compile(r"([A-Za-z][A-Za-z0-9_./-]*[:=])")


class Fields(NamedTuple):
    """What a line says of a URL besides it."""

    name: str | None = None
    checksums: tuple[Digest, ...] = ()
    size: int | None = None


def read_fields(fields: Sequence[str]) -> Fields:
    """Tell apart the fields after a URL, in any order. Raises `BadUrl` for what is none."""
    name, size, digests = None, None, []
    for field in fields:
        if digest := digest_of(field):
            digests.append(digest)
        elif found := _SIZE.fullmatch(field):
            size = int(found[1])
        elif field.lower().startswith("size="):
            raise BadUrl(f"{quoted(field)} is no size: write size=NUMBER, in bytes")
        elif _URL.match(field):
            raise BadUrl("two URLs stand on one line: give each a line of its own")
        elif name is None:
            name = _QUOTED.sub(r"\2", field)
        else:
            one = f"after a name, {quoted(field)} is no checksum and no size"
            raise BadUrl(f"{one}: {checksums.HOW}, or size=NUMBER")
    return Fields(name, tuple(digests), size)


def digest_of(field: str) -> Digest | None:
    """Return what looks like a checksum as one, unchecked: ALGORITHM:HEX, SRI, or digits alone."""
    if _URL.match(field):
        return None
    return checksums.split(field) or digest_of_hex(field)


def is_field(word: str) -> bool:
    """Return True for a word that is a checksum, a size or a URL, and no part of a URL."""
    digest = digest_of(word)
    is_sum = digest is not None and checksums.algorithm(digest.algorithm) in checksums.known()
    return is_sum or bool(_SIZE.fullmatch(word) or _URL.match(word))


def is_caption(name: str, url: str) -> bool:
    """Return True for what is prose, next to a URL that has a suffix, and no name for its file."""
    looks_so = " " in name or _SENTENCE.search(name) is not None
    return looks_so and has_suffix(_path(url)) and not has_suffix(name)


def may_be_name_of(url: str, caption: str) -> bool:
    """Return True if the text of a link is its file's name: it looks like one, as the URL does."""
    if has_suffix(caption) or not caption:
        return bool(caption)
    return " " not in caption and not has_suffix(_path(url))


def has_suffix(name: str) -> bool:
    """Return True if a name ends as files' names do: .txt, .7z, .R, but not 1.5 or St."""
    return _SUFFIX.search(name) is not None


def may_be_one_name(url: str, fields: Fields, separator: str) -> bool:
    """Return True if two blanks before a name may as well be part of the URL's own name.

    So it is in /two  spaces.csv: a URL without a suffix, and a name with nothing after it. A tab
    is never part of a URL; a query, a number in place of a name, folders before the name or a
    checksum after it tell that there are two fields.
    """
    name = fields.name
    if name is None or "\t" in separator or "/" in name or fields[1:] != Fields()[1:]:
        return False
    last = _path(url).rpartition("/")[2]
    is_open = last and "?" not in url and not has_suffix(last) and not _NUMBERED.match(last)
    return bool(is_open)


def shared(field: str, count: int) -> list[str]:
    """Share a field with ";" in it among as many URLs.

    What stands before the first part only ("md5:") is meant for all of them. Raises `BadUrl` for
    another number of parts.
    """
    parts = [part.strip() for part in field.strip("; ").split(";")]
    if len(parts) != count:
        raise BadUrl(f"{count} URLs stand on one line, but {quoted(field)} is not for as many")
    tag = _TAG.match(parts[0])
    if tag is None or any(_TAG.match(part) for part in parts[1:]) or not is_field(parts[0]):
        return parts
    return [parts[0], *(tag[1] + part for part in parts[1:])]


def _path(url: str) -> str:
    """Return the path of a URL, without host, query and fragment."""
    rest = url.partition("://")[2] or url
    return re.split("[?#]", rest, maxsplit=1)[0].partition("/")[2]
