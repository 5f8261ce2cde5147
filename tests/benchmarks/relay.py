"""A relay that passes every byte on after half a round trip, for machines without netem.

python tests/benchmarks/relay.py PORT SECONDS

It connects to PORT on the loopback interface, and prints the port at which it listens. It is for
many small bodies: it has no cap, and waits where a reader does not read.
"""

from __future__ import annotations

import heapq
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from selectors import EVENT_READ, BaseSelector, DefaultSelector
from socket import IPPROTO_TCP, SHUT_WR, TCP_NODELAY, create_connection, create_server, socket

PIECE = 1 << 16  # bytes


@dataclass(slots=True)
class Way:
    """One direction of a connection. What it brings next leaves no earlier than `not_before`."""

    source: socket
    sink: socket
    not_before: float = 0.0

    def send(self, data: bytes) -> None:
        """Pass data on, or the end (no data), if there is still somebody who reads."""
        with suppress(OSError):
            if data:
                self.sink.sendall(data)
            else:
                self.sink.shutdown(SHUT_WR)

    def receive(self) -> bytes:
        """Return what there is; nothing at the end, or if it was cut."""
        with suppress(OSError):
            return self.source.recv(PIECE)
        return b""


@dataclass(slots=True)
class Relay:
    """Connections between `listener` and the port of a server, `delay` seconds each way."""

    listener: socket
    port: int
    delay: float
    selector: BaseSelector = field(default_factory=DefaultSelector)
    # When, in which order, on which way, what.
    flying: list[tuple[float, int, Way, bytes]] = field(default_factory=list)
    order: count[int] = field(default_factory=count)

    def run(self) -> None:
        """Relay for ever."""
        self.selector.register(self.listener, EVENT_READ)
        while True:
            for ready, _ in self.selector.select(self._pause()):
                if ready.data:
                    self._take(ready.data)
                else:
                    self._accept()
            self._deliver()

    def _pause(self) -> float | None:
        return max(0.0, self.flying[0][0] - time.monotonic()) if self.flying else None

    def _accept(self) -> None:
        """Take a connection: as the handshake is not delayed, its first bytes are, once more."""
        client, _ = self.listener.accept()
        server = create_connection(("127.0.0.1", self.port))
        shaken = time.monotonic() + 3 * self.delay
        for way in (Way(client, server, shaken), Way(server, client)):
            way.source.setsockopt(IPPROTO_TCP, TCP_NODELAY, True)
            self.selector.register(way.source, EVENT_READ, way)

    def _take(self, way: Way) -> None:
        data = way.receive()
        way.not_before = max(time.monotonic() + self.delay, way.not_before)
        heapq.heappush(self.flying, (way.not_before, next(self.order), way, data))
        if not data:  # with the last of both ways that is forgotten, the sockets are closed
            self.selector.unregister(way.source)

    def _deliver(self) -> None:
        while self.flying and self.flying[0][0] <= time.monotonic():
            _, _, way, data = heapq.heappop(self.flying)
            way.send(data)


def main(port: str, round_trip: str) -> None:
    """Relay until the process is ended."""
    with create_server(("127.0.0.1", 0), backlog=1024) as listener:
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()
        Relay(listener, int(port), float(round_trip) / 2).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
