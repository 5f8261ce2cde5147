"""One process that runs usual exchanges (`fetch_worker`), seen from the coordinator's side."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from typing import Any

from downloader.executors.spawn import DEATH, WorkerProcess
from downloader.transfer.channel import Channel
from downloader.transfer.work import Landed, Request, Route, Undone
from downloader.wire.begun import BegunExchange
from downloader.wire.exchange import HttpConnection

# Requests that are sent together, and those that a process has beyond its connections, so that it
# never runs dry.
BATCH = 32
AHEAD = 64


class FetchProcess:
    """One process, seen from here; `share` is how many transfers it may have at once."""

    def __init__(self, worker: WorkerProcess, channel: Channel, share: int) -> None:
        self.worker = worker
        self.channel = channel
        self.in_flight: set[int] = set()
        self.heard_at = 0.0
        self.share = 0
        self._outbox: list[tuple[Route, tuple[Any, ...]]] = []
        self._lent: dict[Route, list[HttpConnection]] = {}
        self.limit(share)

    def end(self) -> None:
        """End it: what it had may be begun anew once it can write no more."""
        self.worker.kill()
        self.worker.join(DEATH)
        self.channel.close()

    def send(self, *message: object, descriptor: int | None = None) -> None:
        """Tell it something; one that takes nothing any more is ended."""
        try:
            self.channel.send(*message, descriptor=descriptor)
        except EOFError:
            self.worker.kill()
            raise

    def limit(self, share: int) -> None:
        """Set how many transfers it may have at once."""
        if share != self.share:
            self.share = share
            self.send("limit", share)

    @property
    def room(self) -> int:
        """How many requests more it should have."""
        return self.share + AHEAD - len(self.in_flight)

    def connections(self, route: Route) -> int:
        """Return how many connections it has to where a route leads."""
        return len(self._lent.get(route, ()))

    @property
    def lent(self) -> int:
        """How many connections it has."""
        return sum(map(len, self._lent.values()))

    def put(self, route: Route, request: Request) -> None:
        """Have a request run; it goes with others."""
        self.in_flight.add(request.number)
        self._outbox.append((_plain(route), tuple(request)))
        if len(self._outbox) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Send what waits to go."""
        if self._outbox:
            rows, self._outbox = self._outbox, []
            self.send("run", rows)

    def lend(self, route: Route, connection: HttpConnection) -> None:
        """Give it an open connection."""
        sock: Any = connection.sock
        self.send("adopt", _plain(route), descriptor=sock.fileno())
        sock.close()
        connection.sock = None
        self._lent.setdefault(route, []).append(connection)

    def receive(self) -> Iterator[Landed | Undone]:
        """Read what it has sent. Raises `EOFError` once it is dead."""
        for message, descriptor in self.channel.receive():
            yield from self._read(message, descriptor)

    def _read(self, message: tuple[Any, ...], descriptor: int | None) -> Iterator[Landed | Undone]:
        match message:
            case ("landed", rows, closed):
                self._note_closed(closed)
                for row in rows:
                    landed = Landed(*row)
                    self.in_flight.discard(landed.number)
                    yield landed
            case ("handed over", number, route, received, sent_at):
                assert descriptor is not None
                self.in_flight.discard(number)
                connection = self._taken_back(route, descriptor)
                yield Undone(number, BegunExchange(route, connection, received, sent_at))
            case ("back", number, closed):
                self._note_closed(closed)
                self.in_flight.discard(number)
                yield Undone(number)
            case ("recalled", numbers):
                self.in_flight.difference_update(numbers)
                yield from (Undone(number, is_recalled=True) for number in numbers)

    def _taken_back(self, route: Route, descriptor: int) -> HttpConnection:
        connection = self._give_back(route)
        connection.reopen(socket.socket(fileno=descriptor))
        return connection

    def _note_closed(self, routes: Iterable[Route]) -> None:
        for route in routes:
            self._give_back(route)

    def _give_back(self, route: Route) -> HttpConnection:
        lent = self._lent[route]
        connection = lent.pop()
        if not lent:
            del self._lent[route]
        return connection


def _plain(route: Route) -> Route:
    scheme, host, port = route
    return scheme, host, port
