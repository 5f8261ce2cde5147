"""A multiplexer on connections that a fetcher kept, and all that can come out of it."""

from __future__ import annotations

import time
from collections.abc import Hashable, Sequence
from typing import Any

from listening import Listening
from transfer_rig import Rig

from downloader.transfer.multiplexer import Multiplexer
from downloader.transfer.target import target
from downloader.transfer.work import Ended, HandedOver, Landed, Request
from downloader.wire.begun import BegunExchange, Connection
from downloader.wire.exchange import HttpConnection

# Seconds after which what a test waits for will not come.
LONG = 30.0
# The reply after which a connection is kept; a server of these tests has it at /first.
FIRST = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst"


def reply(body: bytes, *fields: str, status: str = "200 OK") -> bytes:
    """Return a reply that declares its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields, "", ""]
    return "\r\n".join(lines).encode() + body


class Plexed:
    """A multiplexer beside a fetcher, on one folder, for one server."""

    def __init__(self, rig: Rig, server: Listening, **settings: Any) -> None:
        self.rig = rig
        self.server = server
        values: dict[str, Any] = {"patience": LONG, **settings}
        write_part = values.pop("write_part", rig.local.write_part)
        self.multiplexer = Multiplexer(write_part, rig.meter, **values)

    @property
    def route(self) -> Hashable:
        """Where the server's connections lead."""
        return self.rig.fetcher.route(target(self.server.url()))

    def connect(self, count: int = 1) -> None:
        """Take over connections that the fetcher has used before."""
        for connection in [self._used() for _ in range(count)]:
            self.multiplexer.connections.adopt(self.route, connection)

    def ask(
        self,
        path: str = "/",
        number: int = 1,
        *,
        algorithms: Sequence[str] = ("sha256",),
        more: bytes = b"",
    ) -> bool:
        """Send a request; return False if that cannot be done."""
        data = self.rig.fetcher.request_for(target(self.server.url(path)))
        assert data is not None
        request = Request(number, data + more, f"{number}.bin", "127.0.0.1", algorithms)
        return self.multiplexer.start(self.route, request)

    def ended(self) -> Ended:
        """Wait for the one transfer that ends next."""
        end = time.monotonic() + LONG
        while not (found := self.multiplexer.poll(0.05)):
            assert time.monotonic() < end, "nothing has ended"
        [ended] = found
        return ended

    def landed(self) -> Landed:
        """Wait for a transfer that ends as a usual one."""
        ended = self.ended()
        assert isinstance(ended, Landed)
        return ended

    def handed_over(self) -> BegunExchange:
        """Wait for a transfer that is handed over; nothing of it is left here."""
        ended = self.ended()
        assert isinstance(ended, HandedOver)
        assert ended.begun is not None
        assert self.multiplexer.busy == 0
        assert ended.begun.connection not in self.connections()
        return ended.begun

    def connections(self) -> list[Connection]:
        """Return the connections that are here."""
        return [slot.connection for slot in self.multiplexer.connections.slots()]

    def close(self) -> None:
        """Break off what is under way."""
        self.multiplexer.close()

    def _used(self) -> HttpConnection:
        self.rig.fetch(self.server.url("/first"), "first.bin")
        connection = self.rig.fetcher.kept.take(self.route)
        assert connection is not None
        return connection


def all_of(begun: BegunExchange) -> bytes:
    """Return what had come when an exchange was handed over, and what comes after it."""
    sock = begun.connection.sock
    sock.settimeout(LONG)
    data = begun.received
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    begun.connection.close()
    return data
