"""Sites, each met once: what a plain GET of any of its URLs has in common with all others."""

from __future__ import annotations

import re
from typing import NamedTuple

from downloader.transfer.fetcher import HttpFetcher
from downloader.transfer.target import target
from downloader.transfer.work import Route

# Sites that are known at once.
MOST = 1024

_PATH = re.compile("[!-~]+")  # RFC 9112 section 3.2: no blank, no control, ASCII only
_VERSION = b" HTTP/1.1\r\n"


class Site(NamedTuple):
    """How a site is asked: by which connections, and with what after the path of each URL.

    `route` is `None` if that is for fetch threads; `is_plain` means without TLS.
    """

    route: Route | None
    fields: bytes
    host: str
    is_plain: bool

    def request(self, path: str) -> bytes | None:
        """Return what asks for a path, `None` if a fetch thread is to ask."""
        if self.route is None or not path.startswith("/") or not _PATH.fullmatch(path):
            return None
        return b"GET " + path.encode() + self.fields


class Sites:
    """What a fetcher would send, and where, by site: scheme and authority, without a login."""

    def __init__(self, fetcher: HttpFetcher) -> None:
        self._fetcher = fetcher
        self._met: dict[str, Site] = {}
        fetcher.on_new_answers(self._met.clear)

    def of(self, site: str) -> Site:
        """Return how a site is asked."""
        return self._met.get(site) or self._meet(site)

    def _meet(self, site: str) -> Site:
        asked = target(f"{site}/")
        route, whole = self._fetcher.route(asked), self._fetcher.request_for(asked)
        fields = b"" if whole is None else whole[whole.index(_VERSION) :]
        host = site.partition("://")[2]
        met = Site(None if whole is None else route, fields, host, asked.origin.scheme == "http")
        if len(self._met) >= MOST:
            self._met.clear()
        self._met[site] = met
        return met
