"""Hosts of URLs: names, IPv4 and IPv6 addresses, checked and normalised (pure functions)."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

import idna

from downloader.errors import BadUrl

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")


@lru_cache(maxsize=256)
def normalise(host: str) -> str:
    """Return the host in the form that is looked up and compared.

    A name is lower case ASCII (a dot at its end stays), an IPv4 address is dotted decimal, an
    IPv6 address the shortest in brackets. Raises `BadUrl`, with a sentence about "the URL".
    """
    if not host:
        raise BadUrl("the URL has no host")
    if host.startswith("["):
        return _ipv6(host)
    if len(host) > 254:  # before the costly part; 253 and a trailing dot, RFC 1035 section 2.3.4
        raise BadUrl("the URL's host is longer than 253 characters")
    name = _ascii(host)
    labels = name.removesuffix(".").split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise BadUrl("the URL's host is not valid: labels of 1 to 63 letters, digits and hyphens")
    if len(".".join(labels)) > 253:
        raise BadUrl("the URL's host is longer than 253 characters")
    return _ipv4(labels) if all(map(_NUMBER.fullmatch, labels)) else name


def _ascii(host: str) -> str:
    """Return the name in ASCII (IDNA 2008 after UTS #46 mapping), lower case."""
    if host.isascii():
        return host.lower()
    try:
        mapped = idna.uts46_remap(host, std3_rules=False, transitional=False)
        labels = mapped.split(".")
        return ".".join(x if x.isascii() else idna.alabel(x).decode() for x in labels)
    except (UnicodeError, ValueError, IndexError):
        raise BadUrl("the URL's host is not a valid international name (IDNA)") from None


def _ipv4(labels: list[str]) -> str:
    """Read 127.1, 0x7f.1 and the like as the resolver would (inet_aton), so that no check errs."""
    try:
        *first, last = [_number(label) for label in labels]
        value = last + sum(part << 8 * (3 - place) for place, part in enumerate(first))
        fits = len(first) <= 3 and max(first, default=0) < 256 and last < 256 ** (4 - len(first))
    except ValueError:
        fits = False
    if not fits:
        raise BadUrl("the URL's host looks like an IPv4 address and is none")
    return str(ipaddress.IPv4Address(value))


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text[2:] or "0", 16)
    return int(text, 8 if text.startswith("0") else 10)


def _ipv6(host: str) -> str:
    if "%" in host:
        raise BadUrl("the URL's host has a zone (%): addresses of one link are not supported")
    try:
        return f"[{ipaddress.IPv6Address(host[1:-1])}]"
    except ValueError:
        raise BadUrl("the URL's host is not a valid IPv6 address") from None
