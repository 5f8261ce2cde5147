"""The digests that a server declares for a file, in the fields that are in use for that.

An ETag is none of them. What is malformed, or does not apply to the bytes as they are stored, is
passed over: a declaration can only ever add a check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

from downloader import checksums
from downloader.models import Digest

# Sent with each request (RFC 9530 section 4): sha-256 is what is computed anyway.
ASKED_FOR = "sha-256=10, sha-512=5"

# Structured Fields (RFC 9651 section 4.2), as far as a Dictionary can have them.
_KEY = r"[a-z*][a-z0-9_.*-]*"
_BARE = (
    r"(?::[A-Za-z0-9+/=]*:"  # a byte sequence
    r'|"(?:[ !#-\[\]-~]|\\["\\])*"'
    r"|-?[0-9]{1,15}(?:\.[0-9]{1,3})?"
    r"|[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*"
    r"|\?[01]|@-?[0-9]{1,15})"
)
_PARAMETERS = rf"(?:; *{_KEY}(?:={_BARE})?)*"
_INNER_LIST = rf"\( *(?:{_BARE}{_PARAMETERS}(?: +{_BARE}{_PARAMETERS})*)? *\)"
_MEMBER = re.compile(rf"({_KEY})(?:=({_BARE}|{_INNER_LIST}))?{_PARAMETERS}")
_COMMA = re.compile(r"[ \t]*,[ \t]*")
_LONGEST = 8192  # characters: more is no digest


class Fields(Protocol):
    """A reply's header fields."""

    def get(self, name: str) -> str | None:
        """Return all values of a name as one list, `None` if there is none."""
        ...


class Declared(NamedTuple):
    """Digests of the whole file, the cheapest first, and the field that they stand in."""

    digests: tuple[Digest, ...] = ()
    field: str = ""


NOTHING = Declared()


def declared(status: int, fields: Fields) -> Declared:
    """Return the strongest digests that a reply declares for the bytes that are stored.

    That is the whole file, also if the reply brings the rest of it only (206): fields that
    then speak of the part are not looked at. With a Content-Encoding none is trusted, since
    servers differ in what they compute it over.
    """
    if status not in (200, 206) or coding(fields):
        return NOTHING
    for field, read in _READERS if status == 200 else _READERS_OF_WHOLE:
        value = fields.get(field)
        if value is None or len(value) > _LONGEST or not _applies(field, fields):
            continue
        digests = tuple(_known(read(value)))
        if digests:
            return Declared(digests, field)
    return NOTHING


def coding(fields: Fields) -> str:
    """Return the body's Content-Encoding, "" if it has none."""
    value = (fields.get("Content-Encoding") or "").strip().lower()
    return "" if value == "identity" else value


def dictionary(value: str) -> dict[str, str]:
    """Read a Dictionary, its values as they are written; an empty one if it is malformed."""
    found: dict[str, str] = {}
    at, value = 0, value.strip(" ")
    while member := _MEMBER.match(value, at):
        found[member[1]] = member[2] or ""
        if member.end() == len(value):
            return found
        comma = _COMMA.match(value, member.end())
        if comma is None:
            break
        at = comma.end()
    return {}


def _repr_digest(value: str) -> Iterator[tuple[str, str]]:
    """Read Repr-Digest (RFC 9530 section 3)."""
    members = dictionary(value)
    for key, name in (("sha-256", "sha256"), ("sha-512", "sha512")):
        text = members.get(key, "")
        if text.startswith(":"):
            yield name, text.strip(":")


def _goog_hash(value: str) -> Iterator[tuple[str, str]]:
    """Read x-goog-hash: "crc32c=n03x6A==,md5=Ojk9c3dhfxgoKVVHYwFbHQ==" (Cloud Storage)."""
    for each in value.split(","):
        name, _, text = each.strip().partition("=")
        if name == "md5":
            yield name, text


def _single(name: str) -> Callable[[str], Iterator[tuple[str, str]]]:
    return lambda value: iter([(name, value.strip())])


# The strongest first.
_READERS: tuple[tuple[str, Callable[[str], Iterator[tuple[str, str]]]], ...] = (
    ("Repr-Digest", _repr_digest),
    ("x-amz-checksum-sha256", _single("sha256")),
    ("x-amz-checksum-sha1", _single("sha1")),
    ("x-goog-hash", _goog_hash),
    ("Content-MD5", _single("md5")),  # RFC 1864; on a 206 it speaks of the part
)
# Their names, as `Fields.values` has them: without one of them nothing is declared.
NAMES = frozenset(field.lower().encode() for field, _ in _READERS)
_READERS_OF_WHOLE = tuple(row for row in _READERS if row[0] in ("Repr-Digest", "x-goog-hash"))


def _applies(field: str, fields: Fields) -> bool:
    """Return True if the field speaks of the file as it is sent."""
    if field == "x-goog-hash":  # of what is kept, which may be sent unpacked
        return (fields.get("x-goog-stored-content-encoding") or "identity") == "identity"
    if field.startswith("x-amz-"):
        return (fields.get("x-amz-checksum-type") or "").upper() != "COMPOSITE"
    return True


def _known(found: Iterator[tuple[str, str]]) -> Iterator[Digest]:
    for name, text in found:
        digits = checksums.from_base64(name, text)  # None for the "-N" of several parts, too
        if digits is not None:
            yield Digest(name, digits)
