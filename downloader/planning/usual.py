"""Usual URLs of usual files: recognised by one match, and by construction left as they are.

`urls.normalise` would return such a URL unchanged, without a login, and `naming.from_url` the last
segment of its path. What is not recognised is not unusual for certain: it takes the longer way.
"""

from __future__ import annotations

import re
from functools import lru_cache

from downloader import urls
from downloader.errors import BadUrl

# Characters of a URL that may be usual: below every limit of a URL's length.
LONGEST = 2_048
# Scheme, host and port of lists that name many of them are remembered.
SITES = 1_024

# What stands for itself in a path (RFC 3986 section 3.3) and, but for ":", in a name anywhere.
# Left out: "*", "@", "%", and what may not begin (".", "-", "~") or end (".") a name.
_PLAIN = "A-Za-z0-9_,;=+()&!'$"
_SITE = r"https?://[a-z0-9._:\[\]-]{1,260}"
_FOLDER = rf"[{_PLAIN}:~-][{_PLAIN}:.~-]*/"
_DEVICE = r"(?i:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9])(?:[.?]|\Z)"
_NAME = rf"[{_PLAIN}][{_PLAIN}.~-]{{0,127}}(?<!\.)"  # short on any file system
_QUERY = rf"\?[{_PLAIN}:.~/?-]*(?:%[0-9A-F]{{2}}[{_PLAIN}:.~/?-]*)*"
_USUAL = re.compile(rf"({_SITE})/(?:{_FOLDER})*((?!{_DEVICE}){_NAME})(?:{_QUERY})?")


def name(url: str) -> str | None:
    """Return the name of a usual URL's file, `None` for any other text."""
    found = _USUAL.fullmatch(url)
    if found is None or len(url) > LONGEST or not _is_normal(found[1]):
        return None
    return found[2]


def key(name: str) -> str:
    """Return what `numbering.key` returns for a usual name."""
    return name.lower()


@lru_cache(maxsize=SITES)
def _is_normal(site: str) -> bool:
    """Return True if scheme, host and port are those of a normalised URL."""
    try:
        return urls.normalise(f"{site}/") == f"{site}/"
    except BadUrl:
        return False
