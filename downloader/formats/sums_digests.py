"""Digests as they stand in sums files: hexadecimal, base64, with or without their algorithm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

from downloader import checksums
from downloader.models import Digest

# Of bare digits only their number tells what they are,
_BY_DIGITS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_SHA3 = {56: "sha3_224", 64: "sha3_256", 96: "sha3_384", 128: "sha3_512"}
# unless the file's own name does (B2SUMS, SHA3-256SUMS, x.sfv).
_BY_NAME: Mapping[str, Mapping[int, str]] = {
    "b2sum": {128: "blake2b"},
    "blake2": {128: "blake2b", 64: "blake2s"},
    ".b2": {128: "blake2b"},
    "b3sum": {64: "blake3"},
    "blake3": {64: "blake3"},
    ".b3": {64: "blake3"},
    "sha3-": _SHA3,
    "sha3_": _SHA3,
    "sfv": {8: "crc32"},
    "crc": {8: "crc32"},
}
# The name of a file before what its own sums file has more.
_KINDS = "md5|sha-?[0-9]+|sha3[-_]?[0-9]*|sha512[-_]256|b2|b3|blake2[bs]?|blake3|crc(?:32)?|sfv"
_OWN = re.compile(
    rf"(?i)(.+?)[._-](?:(?:{_KINDS})[._-]?(?:sums?)?|sums?|hash|digest|checksums?|cksum)"
    r"(?:\.(?:txt|asc|gz|xz|bz2|zst))*"
)

_HEX = re.compile("[0-9A-Fa-f]+")
_TYPED = re.compile(r"([A-Za-z][A-Za-z0-9_/-]*):([0-9A-Fa-f]{8,128})")


def by_digits(source: str) -> dict[int, str]:
    """Return the algorithm for each number of hexadecimal digits in a sums file of that name."""
    name = source.rpartition("/")[2].lower()
    rows = [row for word, row in _BY_NAME.items() if word in name]
    return {**_BY_DIGITS, **(rows[0] if rows else {})}


def own_name(source: str) -> str:
    """Return the name of the file that a sums file is of: "x.iso" for "x.iso.sha256", else ""."""
    name = source.rpartition("/")[2]
    found = _OWN.fullmatch(unquote(name) if source.lower().startswith("http") else name)
    return found[1] if found else ""


def known(algorithm: str, digits: str) -> Digest | None:
    """Return a digest of an algorithm in any spelling; `None` if it is none that can be computed.

    The digits may be base64, as coreutils and OpenBSD write them.
    """
    name = checksums.algorithm(algorithm)
    size = checksums.size(name)
    if size is None:
        return None
    if len(digits) == 2 * size and _HEX.fullmatch(digits):
        return Digest(name, digits.lower())
    decoded = checksums.from_base64(name, digits)
    return Digest(name, decoded) if decoded else None


def typed(token: str) -> tuple[str, str] | None:
    """Return the algorithm and digits of "sha256:HEX", or of what SRI has; both unchecked."""
    if found := _TYPED.fullmatch(token):
        return found[1], found[2]
    sri = checksums.split(token) if "-" in token else None
    return (sri.algorithm, sri.hexdigest) if sri and _HEX.fullmatch(sri.hexdigest) else None
