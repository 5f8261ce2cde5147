"""Open connections that one thread watches together, by epoll if there is one."""

from __future__ import annotations

import select
from collections.abc import Hashable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from downloader.shared.transfer_progress import TransferProgress
from downloader.transfer.work import Request
from downloader.wire.begun import Connection

if TYPE_CHECKING:
    from downloader.wire.head import Head


class Slot(TransferProgress):
    """A connection; while `request` is set, a transfer is under way on it, received in a buffer.

    `sent` and `answered` are readings of the meter. In the buffer `end` is the end of what has
    come, `start` that of the head, and `total` that of the body, 0 while the head is not there.
    """

    __slots__ = (
        "alone",
        "answered",
        "connection",
        "end",
        "head",
        "request",
        "route",
        "sent",
        "start",
        "total",
        "view",
    )

    def __init__(self, route: Hashable, connection: Connection) -> None:
        super().__init__("", "", 0.0, 0, None)
        self.route = route
        self.connection = connection
        self.request: Request | None = None
        self.alone = select.poll()
        self.alone.register(connection.sock, select.POLLIN)
        self.sent = self.answered = (0.0, 0.0)

    def begin(self, request: Request, view: memoryview) -> None:
        """Forget the last transfer."""
        self.request, self.view = request, view
        self.head: Head | None = None
        self.end = self.start = self.total = 0
        self.name, self.host, self.size = request.path, request.host, None
        self.done = self.received = 0
        self.reading = False


class WatchedConnections:
    """Connections by where they lead, for one thread: those that are free, and those in use.

    `woken` holds the other descriptors that could be read when `ready` was asked last.
    """

    def __init__(self) -> None:
        has_epoll = hasattr(select, "epoll")
        self._poller: Any = select.epoll() if has_epoll else select.poll()
        self._unit = 1.0 if has_epoll else 1000.0
        self._slots: dict[int, Slot] = {}
        self._idle: dict[Hashable, list[Slot]] = {}
        self._closed: list[Hashable] = []
        self.woken: list[int] = []

    def __len__(self) -> int:
        """Return how many connections are here."""
        return len(self._slots)

    def slots(self) -> list[Slot]:
        """Return all that are here."""
        return list(self._slots.values())

    def watch(self, descriptor: int) -> None:
        """Have `ready` return, and `woken` hold it, as soon as this descriptor can be read, too."""
        self._poller.register(descriptor, select.POLLIN)

    def unwatch(self, descriptor: int) -> None:
        """Watch a descriptor no longer; one that is closed is no error."""
        with suppress(OSError):  # what is closed, epoll has forgotten by itself
            self._poller.unregister(descriptor)

    def ready(self, timeout: float) -> Iterator[Slot]:
        """Wait for up to `timeout` seconds; yield the connections on which something has come."""
        self.woken.clear()
        for descriptor, _ in self._poller.poll(timeout * self._unit):
            slot = self._slots.get(descriptor)
            if slot is None:
                self.woken.append(descriptor)
            else:
                yield slot

    def leads_to(self, route: Hashable) -> bool:
        """Return True if a connection is here that leads there, free or not."""
        return any(slot.route == route for slot in self._slots.values())

    def is_idle(self, route: Hashable) -> bool:
        """Return True if a connection that leads there is free."""
        return route in self._idle

    def adopt(self, route: Hashable, connection: Connection) -> None:
        """Take over a connection that was kept."""
        sock: Any = connection.sock
        sock.setblocking(False)
        slot = Slot(route, connection)
        self._slots[sock.fileno()] = slot
        self._poller.register(sock.fileno(), select.POLLIN)
        self.put_back(slot)

    def release(self, route: Hashable) -> Connection | None:
        """Give a free connection away, `None` if there is none."""
        return self.let_go(self.take(route)) if self.is_idle(route) else None

    def surplus(self, most: int, busy: int) -> Iterator[tuple[Hashable, Connection]]:
        """Give away free connections until no more than `most` are left beside the `busy` ones.

        They go by their hosts, that whose connections have been free longest before all others.
        """
        while len(self._slots) - busy > most:
            route = next(iter(self._idle))
            yield route, self.let_go(self.take(route))

    def take(self, route: Hashable, slot: Slot | None = None) -> Slot:
        """Take this one, or the newest, from those that are free; a route without any goes."""
        idle = self._idle[route]
        chosen = slot or idle[-1]
        idle.remove(chosen)
        if not idle:
            del self._idle[route]
        return chosen

    def put_back(self, slot: Slot) -> None:
        """Have a connection be free."""
        self._idle.setdefault(slot.route, []).append(slot)

    def let_go(self, slot: Slot) -> Connection:
        """Watch a connection, which is not free, no longer; it is the caller's."""
        sock: Any = slot.connection.sock
        self._poller.unregister(sock)
        del self._slots[sock.fileno()]
        return slot.connection

    def shut(self, slot: Slot) -> None:
        """Close a connection that is not free."""
        self._closed.append(slot.route)
        self.let_go(slot).close()

    def note_closed(self, route: Hashable) -> None:
        """Count a connection that was given away, and closed, among those that were closed here."""
        self._closed.append(route)

    def closed_routes(self) -> list[Hashable]:
        """Return where the connections led that were closed here since this was asked last."""
        closed, self._closed = self._closed, []
        return closed

    def close(self) -> None:
        """Close every connection."""
        for slot in self.slots():
            self.shut(slot)
        self._idle.clear()
        if hasattr(self._poller, "close"):
            self._poller.close()
