"""Headers from a file: one a line, so that secrets stay out of the list of processes."""

from __future__ import annotations

import re

from downloader.errors import UsageError

# Bytes of a file of headers: more are no headers, or have no end.
LARGEST = 1024 * 1024
_LINE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)", re.DOTALL)  # RFC 9110 section 5.6.2


def read(option: str, path: str) -> tuple[tuple[str, str], ...]:
    """Return the headers of a file, in their order; blank lines count as none.

    Raises `UsageError` with the line of what is no header; the text may be a secret, and is never
    quoted.
    """
    said = f"{option} @{path}"
    lines = _text(said, path).replace("\r\n", "\n").split("\n")
    numbered = enumerate(lines, start=1)
    return tuple(_header(said, number, line) for number, line in numbered if line.strip())


def _text(said: str, path: str) -> str:
    if path == "-":
        raise UsageError(f"{said}: standard input is for lists: name a file")
    try:
        with open(path, "rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it cannot be read"
        raise UsageError(f"{said}: {why.lower()}") from None
    if len(data) > LARGEST:
        raise UsageError(f"{said}: more than {LARGEST >> 20} MiB: this is no file of headers")
    return data.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")


def _header(said: str, number: int, line: str) -> tuple[str, str]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise UsageError(f"{said}: line {number} is no header: write it as 'Name: value'")
    return found[1], found[2].strip(" \t")
