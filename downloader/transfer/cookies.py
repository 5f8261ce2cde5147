"""Cookies of one item: they live for its redirects and tries, and are forgotten (RFC 6265).

Nothing is shared between items, and nothing is written to disk. Most items never need a jar: what
servers set is only noted, and read if there is another request.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from downloader.transfer.cookie_file import NO_COOKIES, GivenCookies
from downloader.transfer.target import Target
from downloader.wire.head import Fields

if TYPE_CHECKING:
    from downloader.transfer.cookie_jar import ItemJar

_SET_COOKIE = b"set-cookie"
# Items whose cookies are kept while they wait in the queue for another try.
WAITING_AT_MOST = 256


class Cookies:
    """The cookies of one item, to which the user's are `given`; for the thread that fetches it."""

    def __init__(self, given: GivenCookies = NO_COOKIES) -> None:
        self._given = given
        self._noted: list[tuple[Target, list[str]]] = []
        self._jar: ItemJar | None = None

    @property
    def is_begun(self) -> bool:
        """Return True if a server has set any, or has been sent any."""
        return bool(self._noted) or self._jar is not None

    def note(self, hop: Target, fields: Fields) -> None:
        """Note what a reply sets."""
        if _SET_COOKIE in fields.values:
            self._noted.append((hop, fields.getlist("Set-Cookie")))

    def header(self, hop: Target) -> str:
        """Return the value of the Cookie field for a request, "" if none is for its URL."""
        given = self._given.of(hop.origin.host)
        if not self.is_begun and not given:
            return ""
        jar = self._made()
        jar.give(given)
        for source, lines in self._noted:
            jar.take(source, lines)
        self._noted.clear()
        return jar.header(hop)

    def _made(self) -> ItemJar:
        from downloader.transfer.cookie_jar import ItemJar  # noqa: PLC0415  30 ms to load

        self._jar = self._jar or ItemJar()
        return self._jar


class WaitingCookies:
    """The cookies of items that are back in the queue, by final path; for all threads.

    The oldest are forgotten beyond `WAITING_AT_MOST`: such an item meets its servers anew.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, Cookies] = {}

    def put(self, path: str, cookies: Cookies) -> None:
        """Keep an item's cookies for its next try."""
        if not cookies.is_begun:
            return
        with self._lock:
            self._waiting[path] = cookies
            if len(self._waiting) > WAITING_AT_MOST:
                del self._waiting[next(iter(self._waiting))]

    def take(self, path: str) -> Cookies | None:
        """Return the cookies of an item that comes back, once; `None` if none are kept."""
        with self._lock:
            return self._waiting.pop(path, None)
