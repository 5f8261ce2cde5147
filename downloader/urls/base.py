"""What relative URLs of a list are below: `--base` (pure functions)."""

from __future__ import annotations

import re

from downloader.errors import BadUrl
from downloader.urls.parse import normalise

_ABSOLUTE = re.compile("[A-Za-z][A-Za-z0-9+.-]*://|https?:", re.IGNORECASE)
_BARE = re.compile("https?://", re.IGNORECASE)
_ROOT = re.compile("[^/]*//[^/]*")


def check_base(base: str) -> None:
    """Raise `BadUrl` for what can be no base: it is a folder's URL, or a bare scheme."""
    if _BARE.fullmatch(base):
        return
    if "?" in base or "#" in base:
        raise BadUrl('give a folder\'s URL, without "?" and "#"')
    normalise(base)


def below(base: str, url: str) -> str:
    """Return an absolute URL as it is, and any other one below the base.

    A base is a folder, with or without "/" at its end; what begins with "/" is below its host,
    "//" before a host stands for its scheme. Nothing is normalised, and no fragment lost.
    """
    if _ABSOLUTE.match(url):
        return url
    if url.startswith("//"):
        return base.partition("//")[0] + url
    if _BARE.fullmatch(base):
        return base + url.lstrip("/")
    if url.startswith("/"):
        root = _ROOT.match(base)
        assert root is not None
        return root[0] + url
    return f"{base.rstrip('/')}/{url.removeprefix('./')}"
