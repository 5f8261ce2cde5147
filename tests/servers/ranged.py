"""A file on a server that knows ranges and conditions (RFC 9110 sections 13 and 14).

file = Ranged(b"bytes", etag='"1"', cut=[3])
GoodServer({"/a.bin": file})
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.utils import formatdate, parsedate_to_datetime

from good import Reply, Request

_RANGE = re.compile(r"bytes=(\d+)-")


def http_date(seconds: float) -> str:
    """Return a moment as HTTP has it: to the second."""
    return formatdate(int(seconds), usegmt=True)


@dataclass
class Ranged:
    """A route of `GoodServer`; what it serves may be changed between requests.

    `changed` and `now` are the file's last change and the server's clock, in seconds. `cut` has
    for each reply to come how many of its bytes are sent before the connection closes; when it is
    used up, whole bodies are sent.
    """

    body: bytes
    etag: str | None = None
    changed: float | None = None
    now: float = 1_700_000_000.0
    cut: list[int] = field(default_factory=list)
    chunked: int = 0
    ranges: bool = True
    if_range: bool = True
    seen: list[str | None] = field(default_factory=list)  # the Range of each request
    statuses: list[int] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        """Answer one request."""
        self.seen.append(request.headers.get("range"))
        reply = self._reply(request)
        self.statuses.append(reply.status)
        return reply

    def _reply(self, request: Request) -> Reply:
        if self._is_fresh(request):
            return Reply(status=304, headers=self._validators())
        match = _RANGE.fullmatch(request.headers.get("range", ""))
        start = int(match[1]) if match and self.ranges and self._holds(request) else 0
        if start >= len(self.body) > 0:
            return Reply(b"", 416, {"Content-Range": f"bytes */{len(self.body)}"})
        if not start:
            return self._sent(self.body, 200, {"Accept-Ranges": "bytes"})
        extent = f"bytes {start}-{len(self.body) - 1}/{len(self.body)}"
        return self._sent(self.body[start:], 206, {"Content-Range": extent})

    def _sent(self, data: bytes, status: int, headers: dict[str, str]) -> Reply:
        headers |= self._validators()
        if not self.cut:
            return Reply(data, status, headers, chunked=self.chunked)
        sent = data[: self.cut.pop(0)]
        return Reply(sent, status, {**headers, "Content-Length": str(len(data))}, close=True)

    def _validators(self) -> dict[str, str]:
        found = {"Date": http_date(self.now)}
        if self.etag is not None:
            found["ETag"] = self.etag
        if self.changed is not None:
            found["Last-Modified"] = http_date(self.changed)
        return found

    def _holds(self, request: Request) -> bool:
        """Return True if If-Range lets the range through (RFC 9110 section 13.1.5)."""
        condition = request.headers.get("if-range")
        if condition is None or not self.if_range:
            return True
        if condition.startswith('"'):
            return condition == self.etag
        return self.changed is not None and condition == http_date(self.changed)

    def _is_fresh(self, request: Request) -> bool:
        """Return True if the conditions of the request leave nothing to send."""
        tags, since = (request.headers.get(name) for name in ("if-none-match", "if-modified-since"))
        if tags is not None:
            return self.etag is not None and _opaque(tags) == _opaque(self.etag)
        if since is None or self.changed is None:
            return False
        return int(self.changed) <= parsedate_to_datetime(since).timestamp()


def _opaque(etag: str) -> str:
    return etag.removeprefix("W/")


def asked(requests: Iterable[Request]) -> list[str | None]:
    """Return the Range of each request."""
    return [request.headers.get("range") for request in requests]
