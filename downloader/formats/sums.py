r"""Sums files: GNU lines ("hex  name") and BSD lines ("SHA256 (name) = hex"), as dl writes them.

A "\" before a line says that "\\", "\n" and "\r" in its name are escaped, as coreutils does. Names
are written as the bytes that stand on disk. What others write is read by `sums_reader`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from downloader import checksums
from downloader.formats import Shape, Write
from downloader.formats.sums_reader import parse
from downloader.models import Digest, Outcome

__all__ = ["bsd_line", "gnu_line", "parse", "writer"]

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})
# As coreutils and OpenSSL spell them; all other names are written in capitals.
_TAGS = {
    "blake2b": "BLAKE2b",
    "sha3_224": "SHA3-224",
    "sha3_256": "SHA3-256",
    "sha3_384": "SHA3-384",
    "sha3_512": "SHA3-512",
}


def writer(shape: Shape) -> Write:
    """Return what writes each item that is there: a GNU line, BSD lines of several algorithms."""
    end = shape.end
    if len(shape.algorithms) > 1 or set(shape.algorithms) & set(checksums.CRCS):
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
