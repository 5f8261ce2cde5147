"""Signed URLs: what of a query is the signature alone, and says nothing of which file is meant.

A list that is signed anew each day names the same files by other URLs.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class _Scheme(NamedTuple):
    """Parameters without which a URL is not signed so, and all those that make up the signature."""

    needed: frozenset[str]
    own: re.Pattern[str]


def _scheme(needed: str, own: str) -> _Scheme:
    return _Scheme(frozenset(needed.split()), re.compile(own))


_SCHEMES = (
    _scheme("x-amz-signature x-amz-expires", r"x-amz-(?!meta).*"),  # S3, version 4
    _scheme("x-goog-signature x-goog-expires", r"x-goog-.*"),
    # S3 version 2, Google's and Alibaba's of that kind, CloudFront.
    _scheme("signature expires", r"signature|expires|awsaccesskeyid|googleaccessid|ossaccesskeyid"),
    _scheme("signature key-pair-id", r"signature|expires|policy|key-pair-id"),
    # A shared access signature of Azure.
    _scheme("sig sv se", r"sig|s[tevpr]|spr|sip|sks|skoid|sktid|skt|ske|skv"),
)


def unsigned(url: str) -> str:
    """Return a URL without the parameters of its signature; as it is if it has none."""
    start, mark, query = url.partition("?")
    pieces = query.split("&")
    names = [piece.partition("=")[0].lower() for piece in pieces]
    for scheme in _SCHEMES:
        if scheme.needed <= set(names):
            named = zip(names, pieces, strict=True)
            left = (piece for name, piece in named if not scheme.own.fullmatch(name))
            return start + mark + "&".join(left)
    return url


def is_same_file(one: str, other: str) -> bool:
    """Return True if two URLs are one but for their signatures."""
    return one == other or ("?" in one and unsigned(one) == unsigned(other))
