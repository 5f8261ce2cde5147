"""Many small transfers on one thread: kept connections, watched together (epoll if there is one).

A thread for each transfer pays for every small file with the interpreter's lock going to and fro.
Here one thread sends requests on connections that others have opened, and takes each reply that is
usual: 200, its length declared, all of it in the buffer. Whatever is not usual is handed over, with
the connection and all that came, to a fetch thread, which goes on as if it had asked itself: long
bodies, other statuses, redirects, chunks, what comes slowly, and every error.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Hashable
from typing import Any

from downloader.checksums import web_page
from downloader.models import FileStat
from downloader.shared.load import LoadMeter, mean_load
from downloader.transfer import usual_reply
from downloader.transfer.watched import Slot, WatchedConnections
from downloader.transfer.work import Ended, HandedOver, Landed, Request
from downloader.wire.begun import BegunExchange, Connection

# Bytes of a reply, head and body, that is taken here: larger ones are received as fast elsewhere.
SIZE = 64 * 1024
# Seconds after which what has not come is left to a thread, which can wait, and knows how long.
PATIENCE = 1.0
# Seconds between two looks for those.
LOOK = 0.25

_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)

WritePart = Callable[[str, memoryview], tuple[str, FileStat]]


class Multiplexer:
    """Runs usual exchanges on kept connections; for one thread.

    `write_part` stores a whole body in a part and tells its path and stat; `most` is the size of
    the largest body that is wanted. After `patience` seconds a transfer is handed over.
    """

    def __init__(
        self,
        write_part: WritePart,
        meter: LoadMeter,
        *,
        patience: float = PATIENCE,
        most: float = float("inf"),
    ) -> None:
        self._write_part = write_part
        self._meter = meter
        self._patience = patience
        self._most = most
        self._views: list[memoryview] = []
        self._ended: list[Ended] = []
        self._looked = 0.0
        self.connections = WatchedConnections()
        self.busy = 0

    def start(self, route: Hashable, request: Request) -> bool:
        """Send a request on a free connection; return False if that cannot be done at once.

        What has come on one meanwhile would be taken for the reply: such a connection is closed.
        """
        while self.connections.is_idle(route):
            slot = self.connections.take(route)
            if not slot.alone.poll(0) and _is_sent(slot.connection, request):
                self._begin(slot, request)
                return True
            self.connections.shut(slot)
        return False

    def poll(self, timeout: float) -> list[Ended]:
        """Wait for up to `timeout` seconds for something to come; return what has ended."""
        for slot in self.connections.ready(timeout):
            self._read(slot)
        if self.busy:
            self._hand_over_the_slow()
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        """Close every connection; transfers under way are broken off."""
        for slot in self.connections.slots():
            if slot.request is not None:
                self._meter.leave(slot)
        self.connections.close()
        self.busy = 0

    def _begin(self, slot: Slot, request: Request) -> None:
        slot.begin(request, self._views.pop() if self._views else memoryview(bytearray(SIZE)))
        slot.sent = slot.answered = self._meter.join(slot)
        self.busy += 1

    def _read(self, slot: Slot) -> None:
        if slot.request is None:  # closed by the peer, or it sent what nobody asked for
            self.connections.shut(self.connections.take(slot.route, slot))
            return
        sock: Any = slot.connection.sock
        try:
            received = sock.recv_into(slot.view[slot.end :])
        except _WOULD_BLOCK:
            return
        except OSError:  # whoever reads next meets it again, or its end
            received = 0
        slot.end += received
        if not received:
            self._hand_over(slot)
        elif slot.total or self._read_head(slot):
            self._advance(slot)

    def _read_head(self, slot: Slot) -> bool:
        """Return True once the head is there; one that is not usual is handed over."""
        start = usual_reply.head_end(slot.view, slot.end)
        if start is None:
            if slot.end == SIZE or not usual_reply.may_be(slot.view, slot.end):
                self._hand_over(slot)
            return False
        slot.answered = self._meter.load()
        slot.reading = True
        slot.start = start
        head = slot.head = usual_reply.head_of(bytes(slot.view[:start]))
        length = None if head is None else usual_reply.length_of(head)
        if length is None or length > self._most or start + length > SIZE:
            self._hand_over(slot)
            return False
        slot.size, slot.total = length, start + length
        return True

    def _advance(self, slot: Slot) -> None:
        """End the transfer if its body is there; what came beyond it is for a thread to judge."""
        slot.done = slot.received = slot.end - slot.start
        if slot.end < slot.total:
            return
        landed = self._landed(slot) if slot.end == slot.total else None
        if landed is None:
            self._hand_over(slot)
            return
        self._ended.append(landed)
        assert slot.head is not None
        self._is_over(slot)
        if slot.head.keeps_alive:
            self.connections.put_back(slot)
        else:
            self.connections.shut(slot)

    def _landed(self, slot: Slot) -> Landed | None:
        """Hash and store the body; return `None` if that fails here, or is not for here."""
        request, head = slot.request, slot.head
        assert request is not None
        assert head is not None
        body, fields = slot.view[slot.start : slot.total], head.fields
        if body and body[0] in web_page.FIRST_BYTES and web_page.stands_for(request.path, body):
            return None  # a thread knows whether that is wanted
        declared = usual_reply.declared_in(fields)
        try:
            hexdigests, seconds = usual_reply.digests(body, request.algorithms, declared)
            part, stat = self._write_part(request.path, body)
        except Exception:  # a thread meets it too, and has the words for it
            return None
        ended = self._meter.leave(slot)
        return Landed(  # by place: a dozen names cost more than all that they name
            request.number,
            len(body),
            part,
            (stat.size, stat.mtime_ns, stat.inode),
            hexdigests,
            seconds,
            usual_reply.value(fields, b"etag"),
            usual_reply.value(fields, b"last-modified"),
            usual_reply.disposition(fields),
            [(each.algorithm, each.hexdigest) for each in declared.digests],
            declared.field,
            slot.sent[0],
            slot.answered[0],
            ended[0],
            mean_load(slot.sent, slot.answered),
            mean_load(slot.answered, ended),
            slot.rank,
        )

    def _hand_over(self, slot: Slot) -> None:
        """Leave the transfer to a thread, with all that has come."""
        request = slot.request
        assert request is not None
        slot.received = 0  # the thread counts it
        self._meter.leave(slot)
        received = bytes(slot.view[: slot.end])
        self._is_over(slot)
        begun = BegunExchange(slot.route, self.connections.let_go(slot), received, slot.sent[0])
        self._ended.append(HandedOver(request.number, begun))

    def _hand_over_the_slow(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        for slot in self.connections.slots():
            if slot.request is not None and now - slot.sent[0] > self._patience:
                self._hand_over(slot)

    def _is_over(self, slot: Slot) -> None:
        """Note that no transfer is under way on a connection."""
        self._views.append(slot.view)
        slot.request = None
        self.busy -= 1


def _is_sent(connection: Connection, request: Request) -> bool:
    """Return True if all of a request has gone out."""
    try:
        return bool(connection.sock.send(request.data) == len(request.data))
    except OSError:
        return False
