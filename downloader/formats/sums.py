r"""Sums files: GNU lines ("hex  name", "hex *name"), BSD lines ("SHA256 (name) = hex").

In a file that is read, what is neither (comments, the armour of a PGP signature, digests of other
algorithms) does not count. A "\" before a line says that "\\", "\n" and "\r" in its name are
escaped, as coreutils does. Names are written as the bytes that stand on disk.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from downloader import checksums
from downloader.formats import Shape, Write
from downloader.formats.text import is_cut, lines
from downloader.models import Digest, Outcome

_GNU = re.compile(r"(\\?)([0-9A-Fa-f]{32,128})(?: [ *]|\t+| (?=[^ *]))(.+)", re.DOTALL)
_BSD = re.compile(r"(\\?)([A-Za-z0-9_/-]+) ?\((.+)\) ?= ([0-9A-Fa-f]{32,128})", re.DOTALL)
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPED = {"\\": "\\", "n": "\n", "r": "\r"}
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
# As coreutils and OpenSSL spell them; all other names are written in capitals.
_TAGS = {
    "blake2b": "BLAKE2b",
    "sha3_224": "SHA3-224",
    "sha3_256": "SHA3-256",
    "sha3_384": "SHA3-384",
    "sha3_512": "SHA3-512",
}

# Of a GNU line only the number of digits tells what they are,
_BY_DIGITS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_SHA3 = {56: "sha3_224", 64: "sha3_256", 96: "sha3_384", 128: "sha3_512"}
# unless the file's own name does (B2SUMS, SHA3-256SUMS).
_BY_NAME: Mapping[str, Mapping[int, str]] = {
    "b2sum": {128: "blake2b"},
    "blake2": {128: "blake2b", 64: "blake2s"},
    "b3sum": {64: "blake3"},
    "blake3": {64: "blake3"},
    "sha3-": _SHA3,
    "sha3_": _SHA3,
}


def parse(stream: BinaryIO, source: str) -> Iterator[tuple[str, Digest]]:
    """Yield a file's name and digest for each line that has them, in constant memory.

    Raises `UsageError` for a file that has no lines at all.
    """
    by_digits = _algorithms(source)
    for number, line in enumerate(lines(stream, source)):
        if not is_cut(line):
            begin = line if number else line.removeprefix(codecs.BOM_UTF8)
            found = _entry(begin.rstrip(b"\r\n").decode("utf-8", "surrogateescape"), by_digits)
            if found:
                yield found


def _algorithms(source: str) -> Mapping[int, str]:
    name = source.rpartition("/")[2].lower()
    rows = [row for word, row in _BY_NAME.items() if word in name]
    return {**_BY_DIGITS, **(rows[0] if rows else {})}


def _entry(line: str, by_digits: Mapping[int, str]) -> tuple[str, Digest] | None:
    if bsd := _BSD.fullmatch(line):
        escape, tag, name, digits = bsd.groups()
        algorithm = checksums.algorithm(tag)
    elif gnu := _GNU.fullmatch(line):
        escape, digits, name = gnu.groups()
        algorithm = by_digits.get(len(digits), "")
    else:
        return None
    if len(digits) != 2 * (checksums.size(algorithm) or 0):
        return None
    plain = _unescaped(name) if escape else name
    return (plain, Digest(algorithm, digits.lower())) if plain else None


def _unescaped(name: str) -> str | None:
    """Return the name that an escaped one stands for, `None` if it is none."""
    if any(escape[1] not in _ESCAPED for escape in _ESCAPE.finditer(name)):
        return None
    return _ESCAPE.sub(lambda escape: _ESCAPED[escape[1]], name)


def writer(shape: Shape) -> Write:
    """Return what writes each item that is there: a GNU line, BSD lines of several algorithms."""
    end = shape.end
    if len(shape.algorithms) > 1:
        return lambda outcome: _bsd_lines(outcome, shape.algorithms, end)
    algorithm = "".join(shape.algorithms)

    def write(outcome: Outcome) -> bytes:
        path = outcome.path
        if outcome.status != "failed" and path is not None:
            for digest in outcome.digests:
                if digest.algorithm == algorithm:
                    return gnu_line(digest.hexdigest, path, end)
        return b""

    return write


def _bsd_lines(outcome: Outcome, algorithms: Sequence[str], end: str) -> bytes:
    path = outcome.path
    if outcome.status == "failed" or path is None:
        return b""
    found = {digest.algorithm: digest for digest in outcome.digests}
    digests = [found[name] for name in algorithms if name in found]
    return b"".join(bsd_line(digest, path, end) for digest in digests)


def gnu_line(hexdigest: str, path: str, end: str = "\n") -> bytes:
    r"""Return the line that GNU `sha256sum` and its sisters print for a file.

    A name with a backslash or a line break is escaped, and the line then begins with a backslash;
    with `end="\0"` nothing is escaped, as with `--zero`.
    """
    if end != "\0" and ("\\" in path or "\n" in path or "\r" in path):
        return os.fsencode(f"\\{hexdigest}  {path.translate(_ESCAPES)}{end}")
    return os.fsencode(f"{hexdigest}  {path}{end}")


def bsd_line(digest: Digest, path: str, end: str = "\n") -> bytes:
    """Return the line `SHA256 (path) = hex`, as GNU `sha256sum --tag` prints it."""
    name = path if end == "\0" else path.translate(_ESCAPES)
    mark = "" if name == path else "\\"
    tag = _TAGS.get(digest.algorithm, digest.algorithm.upper())
    return os.fsencode(f"{mark}{tag} ({name}) = {digest.hexdigest}{end}")
