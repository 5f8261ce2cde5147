"""A small HTTP/1.1 server that is slow on purpose, as servers far away are.

It waits `DELAY` seconds before each reply and sends no more than `CAP` bytes a second on one
connection; threads wait at the same time. Contents are made from names alone (SHAKE-128), so they
are the same everywhere. When it is ready it prints one line of JSON, the port and what it serves
with its digests, and it ends when its standard input does: also when its parent was killed.

It is run as a file (`python -I server.py`), in a process of its own. As a thread of the process
that fetches it would contend with the fetch threads for the interpreter lock, and its processor
time would stand in their account: measured, a sixth more of it, at the same wall time, since at
this rate both sides do little but wait.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DELAY = 0.08  # seconds before each reply
CAP = 2 * 1024 * 1024  # bytes per second and connection
PIECE = 32 * 1024  # bytes sent at once
# How many files there are of which size in bytes, about: no two are of the same size.
SIZES = ((4, 480 * 1024), (12, 112 * 1024), (24, 20 * 1024))


def contents() -> dict[str, bytes]:
    """Return the files by their path on the server, large and small ones mixed."""
    sizes = [size + 1021 * n for count, size in SIZES for n in range(count)]
    spread = sorted(sizes, key=lambda size: hashlib.sha256(b"%d" % size).digest())
    names = [f"/file-{number:02d}.bin" for number in range(1, len(spread) + 1)]
    return {
        name: hashlib.shake_128(name.encode()).digest(size)
        for name, size in zip(names, spread, strict=True)
    }


class Server(ThreadingHTTPServer):
    """Serves `files` on a free port of 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, files: dict[str, bytes], delay: float = DELAY, cap: float = CAP) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.delay, self.cap = files, delay, cap

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a peer that went away."""


class Handler(BaseHTTPRequestHandler):
    """Answers GET, on connections that stay open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        """Wait, then send one file at the capped rate."""
        body = self.server.files.get(self.path)
        time.sleep(self.server.delay)
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        for piece in throttled(body or b"", self.server.cap):
            self.wfile.write(piece)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def throttled(body: bytes, cap: float) -> Iterator[bytes]:
    """Yield the pieces of a body, each no earlier than the cap allows its last byte."""
    began = time.monotonic()
    for start in range(0, len(body), PIECE):
        piece = body[start : start + PIECE]
        time.sleep(max(0.0, began + (start + len(piece)) / cap - time.monotonic()))
        yield piece


def catalogue(server: Server) -> str:
    """Return the line that says where the server is and what it serves."""
    files = [
        {"path": path, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
        for path, body in server.files.items()
    ]
    return json.dumps({"port": server.port, "files": files})


def main() -> None:
    """Serve until standard input ends."""
    server = Server(contents())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(catalogue(server) + "\n")
    sys.stdout.flush()
    while os.read(sys.stdin.fileno(), 4096):
        pass


if __name__ == "__main__":
    main()
