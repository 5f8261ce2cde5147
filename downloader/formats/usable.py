"""Of several URLs of one file, those that can be fetched here."""

from __future__ import annotations

from collections.abc import Iterable

from downloader import urls
from downloader.errors import BadUrl
from downloader.formats.reading import ListContext, resolved


def usable(listed: Iterable[str], context: ListContext) -> list[str]:
    """Return the URLs that can be requested, in their order.

    Lists of mirrors name ftp, rsync and torrents beside http: those are passed over.
    """
    return [url for each in listed if _is_valid(url := resolved(each, context))]


def _is_valid(url: str) -> bool:
    try:
        urls.normalise(url)
    except BadUrl:
        return False
    return True
