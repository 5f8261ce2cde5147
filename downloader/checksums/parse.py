"""Checksums as people write them: read, checked, and what is wrong with others (pure functions)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from importlib.util import find_spec

from downloader.errors import BadChecksum
from downloader.models import Digest
from downloader.registry import unknown

HOW = "write sha256:HEX, or sha256-BASE64 as in SRI"

# "sha256:HEX", or what Subresource Integrity has ("sha256-BASE64=", W3C SRI section 3.1).
_HEX_FORM = re.compile(r"([A-Za-z][A-Za-z0-9_./-]*):(\S*)")
_SRI_FORM = re.compile(r"(md5|sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_HEX = re.compile("[0-9A-Fa-f]+")
# What finds errors, and no intent (see `crc`).
CRCS = ("crc32", "cksum")
CRC_SIZE = 4  # bytes
_SHOWN = 140  # characters of a wrong checksum in a message


def split(text: str) -> Digest | None:
    """Take a checksum apart, unchecked; `None` for text that does not look like one."""
    if sri := _SRI_FORM.fullmatch(text):
        name = sri[1].lower()
        return Digest(name, from_base64(name, sri[2]) or sri[2])
    if plain := _HEX_FORM.fullmatch(text):
        return Digest(plain[1], plain[2])
    return None


def read(text: str) -> Digest:
    """Read one checksum. Raises `BadChecksum`, whose sentence says what is wrong with it."""
    declared = split(text.strip())
    if declared is None:
        raise BadChecksum(f"{text[:_SHOWN]!r} is no checksum: {HOW}")
    return checked([declared])[0]


def checked(declared: Iterable[Digest]) -> tuple[Digest, ...]:
    """Return the checksums with the algorithms' usual names and lower-case digits, each once.

    Raises `BadChecksum` for one that cannot be computed here or is none of its algorithm, and for
    two that cannot both be right.
    """
    found: dict[str, Digest] = {}
    for each in map(_checked, declared):
        if found.setdefault(each.algorithm, each) != each:
            raise BadChecksum(f"two different {each.algorithm} checksums for one file")
    return tuple(found.values())


def from_base64(algorithm: str, text: str) -> str | None:
    """Return the hexadecimal form, `None` for what is no digest of the algorithm."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value.hex() if len(value) == size(algorithm) else None


@lru_cache(maxsize=256)
def algorithm(written: str) -> str:
    """Return the `hashlib` name of an algorithm: sha256 for SHA256, SHA-256 and SHA2-256."""
    name = re.sub("^sha2-", "sha", written.lower())
    spellings = (name, name.replace("-", ""), name.replace("-", "_"))
    return next((each for each in spellings if each in known()), name)


@lru_cache(maxsize=1)
def known() -> dict[str, None]:
    """Return the names of all algorithms that checksums can be of."""
    fixed = {name for name in hashlib.algorithms_guaranteed if not name.startswith("shake_")}
    return dict.fromkeys(sorted({*fixed, "blake3", *CRCS}))


@lru_cache(maxsize=64)
def size(name: str) -> int | None:
    """Return the bytes of an algorithm's digests, `None` if it cannot be computed here."""
    if name in CRCS:
        return CRC_SIZE
    if name == "blake3":
        return 32 if find_spec("blake3") else None
    if name not in known():
        return None
    try:
        return hashlib.new(name, usedforsecurity=False).digest_size
    except ValueError:  # FIPS mode, or an OpenSSL without this algorithm
        return None


def _checked(declared: Digest) -> Digest:
    name, digits = algorithm(declared.algorithm), declared.hexdigest
    if not name:
        raise BadChecksum(f"{digits[:_SHOWN]!r} is no checksum: {HOW}")
    if name not in known():
        raise BadChecksum(unknown(name[:_SHOWN], known(), "checksum algorithm"))
    bytes_ = size(name)
    if bytes_ is None:
        extra = ": pip install 'dl-downloader[blake3]'" if name == "blake3" else ""
        raise BadChecksum(f"this machine cannot compute {name}{extra}")
    right = f"a {name} checksum has {2 * bytes_} hexadecimal digits"
    if not _HEX.fullmatch(digits):
        raise BadChecksum(f"{right}, not {digits[:_SHOWN]!r}")
    if len(digits) != 2 * bytes_:
        raise BadChecksum(f"{right}, this one has {len(digits)}")
    return Digest(name, digits.lower())
