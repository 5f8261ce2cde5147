"""Usual exchanges shared out to processes: where one interpreter is the limit, several are not.

Each process runs a multiplexer of its own (`fetch_worker`) on connections that were opened here.
What is not usual comes back with its connection; so does all that a process had, if it dies.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from downloader.executors.spawn import DEATH, WorkerContext, WorkerProcess
from downloader.transfer import fetch_worker
from downloader.transfer.channel import Channel
from downloader.transfer.multiplexer import Landed, Request
from downloader.transfer.work import Returned, Route, Work
from downloader.wire.begun import BegunExchange
from downloader.wire.exchange import HttpConnection

# Requests that are sent together, and those that a process has beyond its connections, so that it
# never runs dry.
BATCH = 32
AHEAD = 64
# Bytes that a channel holds while nobody reads: more than ever is on its way to a process.
BUFFER = 1024 * 1024
# Seconds for which a process may say nothing of what it has, or take nothing: it was stopped, or
# hangs. A transfer that takes long is handed over much sooner.
SILENCE = 10.0


class Process:
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

    def returned(self, route: Route, descriptor: int) -> HttpConnection:
        """Take an open connection back."""
        connection = self._give_back(route)
        connection.reopen(socket.socket(fileno=descriptor))
        return connection

    def closed(self, routes: Iterable[Route]) -> None:
        """Note that it has closed connections that led there."""
        for route in routes:
            self._give_back(route)

    def _give_back(self, route: Route) -> HttpConnection:
        lent = self._lent[route]
        connection = lent.pop()
        if not lent:
            del self._lent[route]
        return connection


class FetchProcesses:
    """Runs requests in `size` processes.

    Raises whatever keeps this machine, or this program, from starting processes.
    """

    def __init__(self, size: int, work: Work) -> None:
        self._context = WorkerContext()
        self._work = work
        self._most = work.transfers
        self._looked = 0.0
        self._by_descriptor: dict[int, Process] = {}
        try:
            for number in range(size):
                self._start((work.transfers + number) // size)
        except BaseException:
            self.close()
            raise

    @property
    def descriptors(self) -> list[int]:
        """What can be read once a process has sent something."""
        return list(self._by_descriptor)

    @property
    def in_flight(self) -> int:
        """How many requests are with the processes."""
        return sum(len(each.in_flight) for each in self._processes())

    @property
    def active(self) -> int:
        """How many transfers are under way there, as far as is known here."""
        return sum(min(len(each.in_flight), each.share) for each in self._processes())

    @property
    def room(self) -> int:
        """How many requests more the processes should have."""
        return sum(max(0, each.room) for each in self._processes())

    def pids(self) -> list[int]:
        """Return the processes' ids."""
        return self._context.pids()

    def lend(self, route: Route, connection: HttpConnection) -> None:
        """Give an open connection to the process that has fewest to where it leads."""
        process = min(self._processes(), key=lambda each: each.connections(route))
        with _death_is_noticed_later():
            process.lend(route, connection)

    def put(self, route: Route, request: Request) -> bool:
        """Have a request run; return False if no process has a connection, and room, for it."""
        able = [each for each in self._processes() if each.room > 0 and each.connections(route)]
        if not able:
            return False
        process = min(able, key=lambda each: len(each.in_flight) / each.connections(route))
        with _death_is_noticed_later():
            process.put(route, request)
        return True

    def limit(self, most: int) -> None:
        """Set how many transfers all processes together may have at once, each one at least.

        What a process has shall not wait for as long as a fetch thread takes.
        """
        if most != self._most:
            self._most = most
            self._divide()

    def flush(self) -> None:
        """Send what waits to go."""
        for process in self._processes():
            with _death_is_noticed_later():
                process.flush()

    def recall(self, host: str) -> None:
        """Ask for the requests to a host back that have not begun."""
        self.flush()
        for process in self._processes():
            with _death_is_noticed_later():
                process.send("recall", host)

    def received(self, descriptor: int) -> Iterator[Landed | Returned]:
        """Read what a process has sent; if it has died, all that it had comes back."""
        process = self._by_descriptor[descriptor]
        process.heard_at = time.monotonic()
        try:
            for message, handed in process.channel.receive():
                yield from _read(process, message, handed)
        except EOFError:
            self._bury(descriptor)
            yield from map(Returned, process.in_flight)

    def end_the_silent(self) -> None:
        """End each process that has been silent for too long: reading from it tells.

        After a pause of this process, which may have been one of all, they have time again.
        """
        now = time.monotonic()
        has_paused = now - self._looked > SILENCE / 2
        self._looked = now
        for process in self._processes():
            if has_paused or not process.in_flight:
                process.heard_at = now
            elif now - process.heard_at > SILENCE:
                process.worker.kill()

    def close(self) -> None:
        """End the processes, whatever they are at."""
        for descriptor in self.descriptors:
            self._bury(descriptor)
        self._context.end()

    def _processes(self) -> list[Process]:
        return list(self._by_descriptor.values())

    def _start(self, share: int) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SILENCE))
            target: Callable[..., None] = fetch_worker.serve
            _, *settings = self._work
            process = self._context.Process(target=target, args=(theirs, *settings))
            process.daemon = True
            process.start()
        channel = Channel(ours)
        self._by_descriptor[channel.fileno()] = Process(process, channel, share)

    def _bury(self, descriptor: int) -> None:
        """Forget a process; the others may have as many transfers as all had."""
        self._by_descriptor.pop(descriptor).end()
        self._divide()

    def _divide(self) -> None:
        left = self._processes()
        for number, process in enumerate(left):
            with _death_is_noticed_later():
                process.limit(max(1, (self._most + number) // len(left)))


def _read(
    process: Process, message: tuple[Any, ...], handed: int | None
) -> Iterator[Landed | Returned]:
    match message:
        case ("landed", rows, closed):
            process.closed(closed)
            for row in rows:
                landed = Landed(*row)
                process.in_flight.discard(landed.number)
                yield landed
        case ("handed over", number, route, received, sent_at):
            assert handed is not None
            process.in_flight.discard(number)
            connection = process.returned(route, handed)
            yield Returned(number, BegunExchange(route, connection, received, sent_at))
        case ("back", number, closed):
            process.closed(closed)
            process.in_flight.discard(number)
            yield Returned(number)
        case ("recalled", numbers):
            process.in_flight.difference_update(numbers)
            yield from (Returned(number, is_recalled=True) for number in numbers)


def _timeval(seconds: float) -> bytes:
    """Return seconds as sockets take them."""
    whole = int(seconds)
    return struct.pack("ll", whole, int((seconds - whole) * 1e6))


def _plain(route: Route) -> Route:
    scheme, host, port = route
    return scheme, host, port


def _death_is_noticed_later() -> suppress:
    """Pass over a process that has just died: reading from it tells, and what it had comes back."""
    return suppress(EOFError)
