"""Where a request goes: a URL taken apart once."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from downloader import urls


class Origin(NamedTuple):
    """Scheme, host and port: what credentials, connections and proxies are bound to."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """Host, and port if it is not the scheme's own: what the Host header names."""
        return self.host if self.port == urls.PORTS[self.scheme] else f"{self.host}:{self.port}"


class Target(NamedTuple):
    """One URL to request: `path` is the request target in origin form (RFC 9112 section 3.2.1)."""

    url: str
    origin: Origin
    path: str

    @property
    def login(self) -> tuple[str, str] | None:
        """User and password of the URL itself."""
        return urls.login(self.url) if "@" in self.url else None

    @property
    def shown(self) -> str:
        """The URL as it may be printed."""
        return shown(self.url)


class Hop(NamedTuple):
    """What is asked on behalf of a listed URL; `was_secure` if an earlier hop was over https."""

    asked: Target
    listed: Target
    was_secure: bool = False

    @property
    def is_listed(self) -> bool:
        """Return True if this is the listed origin."""
        return self.asked.origin == self.listed.origin

    @property
    def is_downgraded(self) -> bool:
        """Return True if an earlier hop was over https, and this one is not."""
        return self.was_secure and self.asked.origin.scheme != "https"

    @property
    def is_plain(self) -> bool:
        """Return True if all that is sent is what every URL of the listed origin gets."""
        if "@" in self.asked.url or "@" in self.listed.url:
            return False
        return self.is_listed and not self.is_downgraded


def target(url: str) -> Target:
    """Take apart a URL that `urls.requested` returned."""
    # Such a URL is "scheme://authority/...": one split serves, where a parser costs
    # more than the request's headers. The authority goes through the parser, once a host.
    scheme, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    return Target(url, _origin(f"{scheme}://{authority.rpartition('@')[2]}/"), "/" + path)


def shown(url: str) -> str:
    """Return a URL, or any text, without its login."""
    return urls.masked(url) if "@" in url else url


@lru_cache(maxsize=1024)
def _origin(root: str) -> Origin:
    return Origin(*urls.origin(root))
