"""A process that runs usual exchanges on the connections that it is given (see `multiplexer`).

It asks nobody anything: it gets requests and open connections, and sends back what has landed, or
what is not usual, with its connection. It ends when the other end of its channel is closed.
"""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any

from downloader.executors import worker
from downloader.shared.load import LoadMeter
from downloader.storage.local import LocalStorage
from downloader.transfer.channel import Channel
from downloader.transfer.multiplexer import Multiplexer
from downloader.transfer.work import Ended, Landed, Request

# Results that are sent together, and the seconds that they wait for each other.
BATCH = 32
LINGER = 0.01
# The longest wait, in seconds: what comes too slowly is looked for now and then.
LOOK = 0.25


def serve(end: socket.socket, root: str, patience: float, most: float) -> None:
    """Work for the process at the other end of the socket pair, in its target folder.

    Whatever ends this process, what it had is done elsewhere, and meets there what there is to say.
    """
    worker.begin()
    with suppress(Exception):
        FetchWorker(Channel(end), LocalStorage(root), patience, most).run()
    os._exit(0)


class LentConnection:
    """A connection whose former owner has closed it: no more than a socket."""

    def __init__(self, descriptor: int) -> None:
        self.sock = socket.socket(fileno=descriptor)

    def close(self) -> None:
        """Close it."""
        self.sock.close()


class FetchWorker:
    """Runs requests in the order in which they came, at most `limit` at once."""

    def __init__(
        self, channel: Channel, storage: LocalStorage, patience: float, most: float
    ) -> None:
        self._channel = channel
        write_part = storage.write_part
        self._multiplexer = Multiplexer(write_part, LoadMeter(), patience=patience, most=most)
        self._connections = self._multiplexer.connections
        self._connections.watch(channel.fileno())
        self._waiting: deque[tuple[Hashable, Request]] = deque()
        self._landed: list[tuple[Any, ...]] = []
        self._since = 0.0
        self._limit = 1

    def run(self) -> None:
        """Work until the channel is closed, which raises `EOFError`."""
        while True:
            self._start()
            for each in self._multiplexer.poll(self._patience()):
                self._note(each)
            if self._connections.woken:
                for message, descriptor in self._channel.receive():
                    self._take(message, descriptor)
            if self._is_due():
                self._send()

    def _start(self) -> None:
        """Begin what waits while there is room; what finds no connection goes back."""
        while self._waiting and self._multiplexer.busy < self._limit:
            route, request = self._waiting[0]
            if not self._connections.is_idle(route) and self._connections.leads_to(route):
                return
            self._waiting.popleft()
            is_idle = self._connections.is_idle(route)
            if not (is_idle and self._multiplexer.start(route, request)):
                self._channel.send("back", request.number, self._connections.closed_routes())

    def _patience(self) -> float:
        return LOOK if not self._landed else max(0.0, self._since + LINGER - time.monotonic())

    def _take(self, message: tuple[Any, ...], descriptor: int | None) -> None:
        match message:
            case ("run", rows):
                self._waiting.extend((route, Request(*row)) for route, row in rows)
            case ("adopt", route):
                assert descriptor is not None
                self._connections.adopt(route, LentConnection(descriptor))
            case ("limit", most):
                self._limit = most
            case ("recall", host):
                self._recall(lambda _, request: request.host == host)

    def _recall(self, is_meant: Callable[[Hashable, Request], bool]) -> None:
        """Give back the requests that are meant, of those that have not begun."""
        waiting, self._waiting = self._waiting, deque()
        back = []
        for route, request in waiting:
            if is_meant(route, request):
                back.append(request.number)
            else:
                self._waiting.append((route, request))
        if back:
            self._channel.send("recalled", back)

    def _note(self, ended: Ended) -> None:
        if isinstance(ended, Landed):
            if not self._landed:
                self._since = time.monotonic()
            self._landed.append(tuple(ended))
            return
        begun = ended.begun
        descriptor = begun.connection.sock.detach()
        message = ("handed over", ended.number, begun.route, begun.received, begun.sent_at)
        self._channel.send(*message, descriptor=descriptor)
        os.close(descriptor)
        if begun.says_not_now:
            self._recall(lambda route, _: route == begun.route)

    def _is_due(self) -> bool:
        if not self._landed:
            return False
        is_full = len(self._landed) >= BATCH or not self._multiplexer.busy
        return is_full or time.monotonic() - self._since >= LINGER

    def _send(self) -> None:
        landed, self._landed = self._landed, []
        for route, connection in self._connections.surplus(self._limit, self._multiplexer.busy):
            connection.close()
            self._connections.note_closed(route)
        self._channel.send("landed", landed, self._connections.closed_routes())
