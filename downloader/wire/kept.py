"""Connections that wait, open and idle, for another request to where they lead."""

from __future__ import annotations

import select
import threading
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from downloader.wire.begun import Connection
    from downloader.wire.exchange import HttpConnection

# Over all routes: far below the usual limit of 1024 open files.
MOST = 512


class KeptConnections:
    """Idle connections by their route, shared by many threads.

    A route is what a connection leads to, and through: an origin, with a proxy if there is one.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._by_route: dict[Hashable, list[HttpConnection]] = {}  # the newest last
        self._routes: dict[HttpConnection, Hashable] = {}  # the oldest first
        self._is_closed = False

    def __len__(self) -> int:
        """Return how many connections wait."""
        return len(self._routes)

    def take(self, route: Hashable) -> HttpConnection | None:
        """Return the newest connection of a route, for its taker alone; `None` if there is none.

        One that the peer has closed meanwhile, or has sent bytes on that nobody asked for, is
        closed and passed over.
        """
        while (connection := self._newest(route)) is not None:
            if not has_something_to_read(connection):
                return connection
            connection.close()
        return None

    def put(self, route: Hashable, connection: HttpConnection) -> None:
        """Keep a connection on which no reply is under way; beyond `most` the oldest is closed."""
        with self._lock:
            surplus = connection if self._is_closed else self._add(route, connection)
        if surplus is not None:
            surplus.close()

    def drop(self) -> None:
        """Close all that wait now; later ones are kept again."""
        with self._lock:
            dropped = list(self._routes)
            self._by_route.clear()
            self._routes.clear()
        _close(dropped)

    def close(self) -> None:
        """Close all that wait, and from now on each that is put here."""
        with self._lock:
            self._is_closed = True
        self.drop()

    def _newest(self, route: Hashable) -> HttpConnection | None:
        with self._lock:
            waiting = self._by_route.get(route)
            if not waiting:
                return None
            connection = waiting.pop()
            del self._routes[connection]
            if not waiting:
                del self._by_route[route]
            return connection

    def _add(self, route: Hashable, connection: HttpConnection) -> HttpConnection | None:
        """Add a connection and return the one that has to go for it."""
        self._by_route.setdefault(route, []).append(connection)
        self._routes[connection] = route
        if len(self._routes) <= self._most:
            return None
        oldest = next(iter(self._routes))
        waiting = self._by_route[self._routes.pop(oldest)]
        waiting.remove(oldest)  # it is the first: each route's are in the order of their age
        return oldest


def has_something_to_read(connection: Connection) -> bool:
    """Return True if bytes, the end or an error wait on the socket; never blocks."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _close(connections: Iterable[HttpConnection]) -> None:
    for connection in connections:
        connection.close()
