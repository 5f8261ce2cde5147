"""What a usual reply is, and what it says (pure functions).

It is a 200 whose length is declared, once and simply, and whose body is sent as it is. Whatever
else may come is for a fetch thread, which has the words for it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from downloader import hashing
from downloader.transfer import digest_fields
from downloader.transfer.digest_fields import Declared
from downloader.wire.errors import TransferError
from downloader.wire.parser import parsed

if TYPE_CHECKING:
    from downloader.wire.head import Fields, Head

_BEGINNING = b"HTTP/1."
_BLANK_LINE = re.compile(rb"\n\r?\n")
_NOTHING = Declared()
_DISPOSITION = b"content-disposition"
# Header fields with which a reply is not usual, and how many digits a usual length has.
_UNUSUAL = frozenset({b"transfer-encoding", b"content-encoding"})
_DIGITS = 15


def head_end(view: memoryview, end: int) -> int | None:
    """Return where the head ends in what has come, `None` if it has not come to its end."""
    blank = _BLANK_LINE.search(view, 0, end)
    return None if blank is None else blank.end()


def may_be(view: memoryview, end: int) -> bool:
    """Return True if what has come so far may be the beginning of a reply."""
    return _BEGINNING.startswith(bytes(view[: min(end, len(_BEGINNING))]))


def head_of(data: bytes) -> Head | None:
    """Return the head of a usual reply, `None` for another one."""
    try:
        head = parsed(data)
    except TransferError:  # a thread finds out, and says why
        return None
    is_usual = head.status == 200 and _UNUSUAL.isdisjoint(head.fields.values)
    return head if is_usual else None


def length_of(head: Head) -> int | None:
    """Return the bytes of the body, `None` if they are declared in no usual way."""
    lengths = head.fields.values.get(b"content-length", ())
    if len(lengths) != 1 or not lengths[0].isdigit() or len(lengths[0]) > _DIGITS:
        return None
    return int(lengths[0])


def declared_in(fields: Fields) -> Declared:
    """Return the digests that a usual reply declares of its body."""
    is_declared = not digest_fields.NAMES.isdisjoint(fields.values)
    return digest_fields.declared(200, fields) if is_declared else _NOTHING


def disposition(fields: Fields) -> Sequence[str]:
    """Return the values of Content-Disposition."""
    return fields.getlist("Content-Disposition") if _DISPOSITION in fields.values else ()


def value(fields: Fields, name: bytes) -> str | None:
    """Return a field's value; a single one by the short way."""
    found = fields.values.get(name)
    if found is None:
        return None
    return found[0].decode("latin-1").strip(" \t") if len(found) == 1 else fields.get(name.decode())


def digests(
    body: memoryview, algorithms: Sequence[str], declared: Declared
) -> tuple[tuple[str, ...], float]:
    """Return the digests by these algorithms, and by a declared one if none of them is; seconds."""
    began = time.monotonic()
    if declared.digests and not any(each.algorithm in algorithms for each in declared.digests):
        algorithms = (*algorithms, declared.digests[0].algorithm)
    found = [hashing.digest_of(body, name) for name in algorithms]
    return tuple(found), time.monotonic() - began
