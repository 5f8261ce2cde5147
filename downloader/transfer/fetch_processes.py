"""Usual exchanges shared out to processes: where one interpreter is the limit, several are not.

Each process runs a multiplexer of its own (`fetch_worker`) on connections that were opened here.
What is not usual comes back with its connection; so does all that a process had, if it dies.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

from downloader.executors.spawn import WorkerContext
from downloader.transfer import fetch_worker
from downloader.transfer.channel import Channel
from downloader.transfer.fetch_process import FetchProcess
from downloader.transfer.work import Landed, Request, Route, Undone, Work
from downloader.wire.exchange import HttpConnection

# Bytes that a channel holds while nobody reads: more than ever is on its way to a process.
BUFFER = 1024 * 1024
# Seconds for which a process may say nothing of what it has, or take nothing: it was stopped, or
# hangs. A transfer that takes long is handed over much sooner.
SILENCE = 10.0


class FetchProcesses:
    """Runs requests in `size` processes.

    Raises whatever keeps this machine, or this program, from starting processes.
    """

    def __init__(self, size: int, work: Work) -> None:
        self._context = WorkerContext()
        self._work = work
        self._most = work.transfers
        self._looked = 0.0
        self._by_descriptor: dict[int, FetchProcess] = {}
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
        """Give an open connection to the process that has fewest to where it leads.

        Of several it is the one that may use most beyond those that it has.
        """
        process = min(
            self._processes(), key=lambda each: (each.connections(route), each.lent - each.share)
        )
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

    def received(self, descriptor: int) -> Iterator[Landed | Undone]:
        """Read what a process has sent; if it has died, all that it had comes back."""
        process = self._by_descriptor[descriptor]
        process.heard_at = time.monotonic()
        try:
            yield from process.receive()
        except EOFError:
            self._bury(descriptor)
            yield from map(Undone, process.in_flight)

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

    def _processes(self) -> list[FetchProcess]:
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
        self._by_descriptor[channel.fileno()] = FetchProcess(process, channel, share)

    def _bury(self, descriptor: int) -> None:
        """Forget a process; the others may have as many transfers as all had."""
        self._by_descriptor.pop(descriptor).end()
        self._divide()

    def _divide(self) -> None:
        """Set the shares, the larger ones where more connections are: they close what is beyond."""
        left = sorted(self._processes(), key=lambda each: each.lent)
        for number, process in enumerate(left):
            with _death_is_noticed_later():
                process.limit(max(1, (self._most + number) // len(left)))


def _timeval(seconds: float) -> bytes:
    """Return seconds as sockets take them."""
    whole = int(seconds)
    return struct.pack("ll", whole, int((seconds - whole) * 1e6))


def _death_is_noticed_later() -> suppress:
    """Pass over a process that has just died: reading from it tells, and what it had comes back."""
    return suppress(EOFError)
