"""The bytes of a request (RFC 9112 section 3), and what would garble them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from downloader.wire.errors import TransferError, cleaned

_TOKEN = re.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.6.2
_TARGET = re.compile("[!-~]+")  # RFC 9112 section 3.2: no blank, no control, ASCII only
_FORBIDDEN = re.compile("[\r\n\0]")  # RFC 9110 section 5.5


def request(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    """Return a whole request without a body. Raises `TransferError` for what would garble it."""
    return request_line(method, target) + header(tuple(headers.items()))


def request_line(method: str, target: str) -> bytes:
    """Return the first line. Raises `TransferError` for a target that cannot stand in it."""
    if not _TARGET.fullmatch(target):
        raise TransferError("bad-url", "the URL cannot be requested: it is not plain ASCII")
    return f"{method} {target} HTTP/1.1\r\n".encode()


@lru_cache(maxsize=256)
def header(fields: tuple[tuple[str, str], ...]) -> bytes:
    """Return the header fields and the blank line after them."""
    for name, value in fields:
        if not _TOKEN.fullmatch(name) or _FORBIDDEN.search(value):
            raise TransferError(
                "internal", f"a header that would garble the request: {cleaned(name)}"
            )
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"{lines}\r\n".encode("latin-1")
