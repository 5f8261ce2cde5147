"""Digest authentication (RFC 7616): a server's challenge read, and answered (pure functions).

MD5 and SHA-256, each also as "-sess", with `qop=auth` or, as servers of RFC 2069 have it, without.
All texts are as they stand in fields, read as Latin-1.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

Login = tuple[str, str]

# By preference: what only the weaker ones can be asked for is asked for last.
_HASHES: dict[str, Callable[[bytes], str]] = {
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
}
_SESSION = "-SESS"

# RFC 9110 section 11.6.1: a scheme, or a parameter with its value.
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ITEM = re.compile(rf'({_TOKEN})(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|({_TOKEN})))?')
_ESCAPED = re.compile(r"\\(.)")
_LONGEST = 8192  # characters of challenges that are read


class Challenge(NamedTuple):
    """What a server wants to be answered; `algorithm` as it was sent, "" if it was not."""

    realm: str
    nonce: str
    algorithm: str
    opaque: str | None
    has_qop: bool

    @property
    def hash(self) -> Callable[[bytes], str]:
        """What makes hex digests."""
        return _HASHES[_base(self.algorithm)]

    @property
    def is_session(self) -> bool:
        """Return True if the secret is made anew for each nonce."""
        return self.algorithm.upper().endswith(_SESSION)


def challenge(fields: Sequence[str]) -> Challenge | None:
    """Return the strongest Digest challenge of all WWW-Authenticate fields that can be answered."""
    found = [each for parameters in _digests(fields) if (each := _challenge(parameters))]
    strongest = list(_HASHES)
    return min(found, key=lambda each: strongest.index(_base(each.algorithm)), default=None)


def answer(asked: Challenge, login: Login, path: str, *, count: int, cnonce: str) -> str:
    """Return the Authorization field's value for a GET of `path` (RFC 7616 section 3.4).

    `count` is how many requests have answered this nonce, this one included.
    """
    user = login[0].encode().decode("latin-1")
    number = f"{count:08x}"
    response = _response(asked, login, path, number, cnonce)
    quoted = {"username": user, "realm": asked.realm, "nonce": asked.nonce, "uri": path}
    parts = [f"{name}={_quoted(value)}" for name, value in quoted.items()]
    parts.append(f'response="{response}"')
    if asked.algorithm:
        parts.append(f"algorithm={asked.algorithm}")
    if asked.opaque is not None:
        parts.append(f"opaque={_quoted(asked.opaque)}")
    if asked.has_qop:
        parts.append(f"qop=auth, nc={number}")
    if asked.has_qop or asked.is_session:
        parts.append(f'cnonce="{cnonce}"')
    return "Digest " + ", ".join(parts)


def _response(asked: Challenge, login: Login, path: str, number: str, cnonce: str) -> str:
    digest = asked.hash
    user, password = (text.encode() for text in login)
    secret = digest(b"%b:%b:%b" % (user, asked.realm.encode("latin-1"), password))
    if asked.is_session:
        secret = digest(f"{secret}:{asked.nonce}:{cnonce}".encode("latin-1"))
    what = digest(f"GET:{path}".encode("latin-1"))
    between = f"{asked.nonce}:{number}:{cnonce}:auth" if asked.has_qop else asked.nonce
    return digest(f"{secret}:{between}:{what}".encode("latin-1"))


def _challenge(parameters: dict[str, str]) -> Challenge | None:
    algorithm, qop = parameters.get("algorithm", ""), parameters.get("qop")
    offered = {each.strip().lower() for each in (qop or "").split(",")}
    is_known = _base(algorithm) in _HASHES and (not qop or "auth" in offered)
    if not is_known or "realm" not in parameters or not parameters.get("nonce"):
        return None
    realm, nonce, opaque = parameters["realm"], parameters["nonce"], parameters.get("opaque")
    return Challenge(realm, nonce, algorithm, opaque, bool(qop))


def _digests(fields: Sequence[str]) -> Iterator[dict[str, str]]:
    """Yield the parameters of each Digest challenge; one field may hold several of any scheme."""
    current: dict[str, str] | None = None
    for item in _ITEM.finditer(", ".join(fields)[:_LONGEST]):
        name, quoted, token = item.groups()
        if quoted is None and token is None:  # a scheme begins
            if current:
                yield current
            current = {} if name.lower() == "digest" else None
        elif current is not None:
            current.setdefault(name.lower(), token or _ESCAPED.sub(r"\1", quoted or ""))
    if current:
        yield current


def _base(algorithm: str) -> str:
    return algorithm.upper().removesuffix(_SESSION) or "MD5"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
