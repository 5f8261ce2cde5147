r"""What a sums file may call an item's file (pure functions).

Names are compared as they are written first, then loosely: "\" is "/", blanks around a name do not
count, and letters with marks are the same however they are composed (NFC). Names that are
percent-encoded as in URLs are found too, and those of BagIt (RFC 8493 section 2.1.3), which writes
"%25", "%0A" and "%0D" for what its lines cannot hold.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote, unquote

from downloader import urls

# Folders of a URL that a name in a sums file may have before it.
_DEEPEST = 32
_BAGIT = {"%": "%25", "\n": "%0A", "\r": "%0D"}
_USUAL = re.compile("[A-Za-z0-9_./-]*")  # what stands for itself in all of them
_OF_BAGIT = re.compile("[%\n\r]")


class Called(NamedTuple):
    """What an item is called: its URL without a login, its name in the list, and its paths.

    `path` is that of its file below the target folder, `shown` as the user reaches it.
    """

    url: str
    listed: str | None
    path: str
    shown: str


def plain(name: str) -> str:
    """Return a name without "./" before it."""
    while name.startswith("./"):
        name = name[2:].lstrip("/")
    return name


def loose(name: str) -> str:
    """Return what names that mean the same file have in common."""
    name = name.strip().replace("\\", "/")
    return plain(name if name.isascii() else unicodedata.normalize("NFC", name))


def whole(called: Called) -> Iterator[str]:
    """Yield the names that tell an item's file from others, the surest first."""
    yield called.shown
    yield from _of_url(called.url)
    yield from _ends(called.path)
    yield from _ends(called.listed or "")
    yield from _written(_segments(called.url)[-1])


def last(called: Called) -> Iterator[str]:
    """Yield the names of the file alone, without folders."""
    for name in (called.listed or "", _segments(called.url)[-1], called.path):
        yield from _written(name.rpartition("/")[2])


def of_path(called: Called) -> Iterator[str]:
    """Yield the names that an item's file has by its path alone, the surest first."""
    yield called.shown
    yield from _ends(called.path)


def url_keys(url: str) -> Iterator[str]:
    """Yield what `below` returns for a name that is this URL's path from there."""
    site, path = _site(url), urls.path(url)
    yield site + loose(_decoded(path))
    if "%" in path:
        yield site + loose(path)


def beside(called: Called) -> str:
    """Return what `below` returns for the name of an item's file in the folder of its URL."""
    return below(called.url.partition("?")[0], called.path.rpartition("/")[2])


def below(url: str, name: str) -> str:
    """Return what stands for the URL of a name in a sums file that has the URL `url`."""
    path = posixpath.join(posixpath.dirname(_decoded(urls.path(url))), loose(name).lstrip("/"))
    return _site(url) + loose("/" + posixpath.normpath(path).lstrip("/"))


def folder(url: str) -> str:
    """Return what stands for the folder of a sums file that has the URL `url`."""
    return below(url, ".").rstrip("/")


def _site(url: str) -> str:
    scheme, host, port = urls.origin(url)
    return f"{scheme}://{host}:{port}"


def _of_url(url: str) -> Iterator[str]:
    """Yield the last parts of a URL's path with a folder, the longest first."""
    segments = _segments(url)
    for start in range(len(segments) - 1):
        yield from _written("/".join(segments[start:]))


def _ends(path: str) -> Iterator[str]:
    """Yield a path and its last parts, the longest first."""
    yield from _written(path)
    at = path.find("/")
    while at >= 0:
        yield from _written(path[at + 1 :])
        at = path.find("/", at + 1)


def _written(name: str) -> Iterator[str]:
    """Yield a name if there is one, and as it stands in a URL and in the manifest of a bag."""
    if not name:
        return
    yield name
    if _USUAL.fullmatch(name):
        return
    yield quote(name, errors="surrogateescape")
    if _OF_BAGIT.search(name):
        bag = _OF_BAGIT.sub(lambda match: _BAGIT[match[0]], name)
        yield bag
        yield bag.replace("%0A", "%0a").replace("%0D", "%0d")


def _segments(url: str) -> list[str]:
    """Return the last folders of a URL's path and its file's name, percent-decoded."""
    return [_decoded(part) for part in urls.path(url).split("/")[1:][-_DEEPEST:]]


def _decoded(text: str) -> str:
    return unquote(text, errors="surrogateescape")
