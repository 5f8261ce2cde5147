"""A server with a nature of its own, for the bench of the estimate.

python tests/benchmarks/odd_server.py KIND[:VALUE]

It prints its port on the loopback interface. /SIZE/NAME is a body of SIZE bytes. KIND is

delay:S       each request waits S seconds
random:S      each request waits, S seconds on average (exponentially distributed)
cap:BYTES     each connection gets so many bytes a second
slots:N       N requests are served at a time, 40 ms each
busy:S        each request costs S seconds of the one processor that the server has
refuse:N      requests beyond N at a time get a 503
failing       one request in ten gets a 404, one in sixty a 429 with Retry-After: 1
plain         Python's own way: a thread a connection, nothing else
"""

from __future__ import annotations

import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 1 << 16  # bytes
SLOT = 0.04  # seconds
TICK = 0.02  # seconds


class Nature:
    """What the server does before and while it answers."""

    def __init__(self, kind: str, value: float) -> None:
        self.kind = kind
        self.value = value
        self.lock = threading.Lock()
        self.slots = threading.Semaphore(int(value) if kind == "slots" else 1)
        self.under_way = 0
        self.random = random.Random(1)
        self.asked = 0

    def status(self) -> int:
        """Wait as long as this server lets one wait; return the status."""
        match self.kind:
            case "delay":
                time.sleep(self.value)
            case "random":
                time.sleep(self.random.expovariate(1 / self.value))
            case "slots":
                with self.slots:
                    time.sleep(SLOT)
            case "busy":
                with self.lock:
                    _burn(self.value)
            case "failing":
                return self._failing()
        return 200

    def _failing(self) -> int:
        self.asked += 1
        if self.asked % 60 == 0:
            return 429
        return 404 if self.asked % 10 == 0 else 200


def _burn(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


class Server(ThreadingHTTPServer):
    """Listens for as many as come at once."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self, nature: Nature) -> None:
        handler = PlainHandler if nature.kind == "plain" else Handler
        super().__init__(("127.0.0.1", 0), handler)
        self.nature = nature


class Handler(BaseHTTPRequestHandler):
    """Answers one request after the other."""

    protocol_version = "HTTP/1.1"
    wbufsize = PIECE  # head and body leave together, but for the kind that is plain
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Answer as the server's nature is."""
        nature = self.server.nature
        with nature.lock:
            nature.under_way += 1
            is_refused = nature.kind == "refuse" and nature.under_way > nature.value
        try:
            self._answer(503 if is_refused else nature.status())
            if nature.kind == "refuse" and not is_refused:
                time.sleep(0)
        finally:
            with nature.lock:
                nature.under_way -= 1

    def _answer(self, status: int) -> None:
        size = int(self.path.split("/")[-2]) if status == 200 else 0
        if self.server.nature.kind == "refuse" and status == 200:
            time.sleep(SLOT)
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self._send(size)

    def _send(self, size: int) -> None:
        nature = self.server.nature
        piece = int(nature.value * TICK) if nature.kind == "cap" else PIECE
        while size:
            self.wfile.write(bytes(min(size, piece)))
            size -= min(size, piece)
            if nature.kind == "cap":
                self.wfile.flush()
                time.sleep(TICK)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class PlainHandler(Handler):
    """Writes head and body in packets of their own: the second waits for an acknowledgement."""

    wbufsize = 0
    disable_nagle_algorithm = False


def main(what: str) -> None:
    """Serve until the process is ended."""
    kind, _, value = what.partition(":")
    with Server(Nature(kind, float(value or 0))) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
