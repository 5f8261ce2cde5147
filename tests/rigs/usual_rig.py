"""Usual exchanges beside a fetcher, and a table of replies to them."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from listening import Listening
from multiplexer_rig import LONG, reply
from transfer_rig import Rig

from downloader import urls
from downloader.models import (
    Digest,
    DownloadResult,
    Job,
    UrlItem,
)
from downloader.transfer.multiplexer import SIZE, Multiplexer
from downloader.transfer.usual import Done, UsualExchanges
from downloader.transfer.work import Work

TRANSFERS = 8  # at once
DATA = bytes(range(256)) * 20
SHA = Digest("sha256", hashlib.sha256(DATA).hexdigest())
MD5 = Digest("md5", hashlib.md5(DATA, usedforsecurity=False).hexdigest())
SHA512 = "Repr-Digest: sha-512=:z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==:"  # noqa: E501


def job_of(url: str, item: UrlItem | None = None, **more: Any) -> Job:
    return Job(item or UrlItem(url), url, "a.bin", **more)


class Desk:
    """Usual exchanges on a fetcher's connections to one server, of which one is kept."""

    def __init__(
        self,
        rig: Rig,
        server: Listening,
        *algorithms: str,
        patience: float = LONG,
        transfers: int = TRANSFERS,
    ) -> None:
        self.rig = rig
        self.server = server
        self.multiplexer = Multiplexer(rig.local.write_part, rig.meter, patience=patience)
        work = Work(transfers, str(rig.root), patience, float("inf"))
        self.usual = UsualExchanges(
            rig.fetcher, self.multiplexer, rig.meter, algorithms or ("sha256",), work
        )
        rig.fetch(server.url("/first"), "first.bin")

    def start(self, job: Job) -> bool:
        """Begin a job of which the test is the owner."""
        return self.usual.start(self, job, urls.site(job.url))

    def done(self) -> Done:
        """Wait for the job that ends next."""
        end = time.monotonic() + LONG
        while not (found := self.usual.poll(0.05)):
            assert time.monotonic() < end, "nothing has ended"
        [done] = found
        return done

    def result(self, job: Job) -> DownloadResult:
        """Run a job that is usual, on this thread or as one that has been handed over."""
        assert self.start(job)
        done = self.done()
        assert (done.owner, done.job) == (self, job)
        return done.result or self.usual.take_over(job, done.begun)

    def close(self) -> None:
        """Break off what is under way."""
        self.usual.close()


CASES = {
    "plain": reply(DATA),
    "empty": reply(b""),
    "etag": reply(DATA, 'ETag: "v1"', "Last-Modified: Wed, 01 Jan 2020 00:00:00 GMT"),
    "weak etag": reply(DATA, 'ETag: W/"v1"'),
    "named": reply(DATA, 'Content-Disposition: attachment; filename="a b.txt"'),
    "named in two ways": reply(
        DATA, "Content-Disposition: attachment; filename=a; filename*=UTF-8''%c3%bc"
    ),
    "two names": reply(DATA, "Content-Disposition: x; filename=a", "Content-Disposition: x"),
    "no name": reply(DATA, "Content-Disposition: inline"),
    "md5": reply(DATA, "Content-MD5: kAFQmDzST7DWlj99KOF/cg=="),
    "sha512": reply(DATA, SHA512),
    "sha256": reply(DATA, "Repr-Digest: sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"),
    "two declared": reply(DATA, SHA512, "Content-MD5: kAFQmDzST7DWlj99KOF/cg=="),
    "broken declaration": reply(DATA, "Content-MD5: nonsense"),
    "identity": reply(DATA, "Content-Encoding: identity"),
    "coded": reply(b"\x1f\x8b" + DATA, "Content-Encoding: gzip"),
    "room": reply(bytes(SIZE - 300)),
    "large": reply(bytes(3 * SIZE)),
    "length twice": reply(b"abc", "Content-Length: 3"),
    "two lengths": reply(b"abc", "Content-Length: 2"),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "until the end": b"HTTP/1.1 200 OK\r\n\r\nabc",
    "hints": b"HTTP/1.1 103 Early Hints\r\n\r\n" + reply(DATA),
    "old": reply(DATA).replace(b"/1.1", b"/1.0"),
    "closing": reply(DATA, "Connection: close"),
    "bare line feeds": reply(b"abc").replace(b"\r\n", b"\n"),
    "gone": reply(b"gone", status="404 Not Found"),
    "forbidden": reply(b"", status="403 Forbidden"),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "part": reply(b"abc", "Content-Range: bytes 0-2/9", status="206 Partial Content"),
    "busy": reply(b"", "Retry-After: 7", status="429 Too Many Requests"),
    "redirected": reply(b"", "Location: /first", status="302 Found"),
    "redirected nowhere": reply(b"", status="302 Found"),
    "cut in its head": reply(DATA)[:30],
    "cut in its body": reply(DATA)[:-1],
    "nothing": b"",
    "garbage": b"\0garbage\xff" * 20,
    "more than it declares": reply(DATA) + b"more",
    "a line that is broken": reply(b"abc", " bent"),
}

# All that end without the end of their connection.
KEPT = sorted(CASES.keys() - {"cut in its head", "cut in its body", "nothing", "until the end"})


def comparable(result: DownloadResult) -> dict[str, Any]:
    """Return all that a result says but when, and by whom, the file was hashed."""
    values = {name: getattr(result, name) for name in DownloadResult._fields}
    left_out = {"timing", "digests", "hash_seconds", "hash_cpu", "stat", "part"}
    body = Path(result.part).read_bytes() if result.part else None
    shown = {name: value for name, value in values.items() if name not in left_out}
    return {**shown, "body": body}
