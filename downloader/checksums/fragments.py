"""Checksums in the fragments of URLs, as package indexes give them (pure functions).

Python's Simple Repository API (PEP 503) writes `#sha256=HEX`; pip reads several things there, with
"&" between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from downloader.checksums.parse import algorithm, known
from downloader.models import Digest

_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9_-]*)[=:](.*)")


def in_fragment(url: str) -> Iterator[Digest]:
    """Yield the checksums that a URL's fragment names, unchecked; other words are none."""
    for part in url.partition("#")[2].split("&"):
        pair = _PAIR.fullmatch(unquote(part))
        if pair and algorithm(pair[1]) in known():
            yield Digest(pair[1], pair[2])
