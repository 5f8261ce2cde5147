"""Many small transfers on one thread: kept connections, watched together (epoll if there is one).

A thread for each transfer pays for every small file with the interpreter's lock going to and fro.
Here one thread sends requests on connections that others have opened, and takes each reply that is
usual: 200, its length declared, all of it in the buffer. Whatever is not usual is handed over, with
the connection and all that came, to a fetch thread, which goes on as if it had asked itself: long
bodies, other statuses, redirects, chunks, what comes slowly, and every error.
"""

from __future__ import annotations

import re
import select
import ssl
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from downloader import hashing
from downloader.models import FileStat
from downloader.shared.load import LoadMeter
from downloader.shared.transfer_progress import TransferProgress
from downloader.transfer import digest_fields
from downloader.transfer.digest_fields import Declared
from downloader.wire.begun import BegunExchange, Connection
from downloader.wire.errors import TransferError
from downloader.wire.parser import parsed

if TYPE_CHECKING:
    from downloader.wire.head import Fields, Head

# Bytes of a reply, head and body, that is taken here: larger ones are received as fast elsewhere.
SIZE = 64 * 1024
# Seconds after which what has not come is left to a thread, which can wait, and knows how long.
PATIENCE = 1.0
# Seconds between two looks for those.
LOOK = 0.25
# Seconds: over a shorter span there is no mean.
INSTANT = 1e-9

_BEGINNING = b"HTTP/1."
_BLANK_LINE = re.compile(rb"\n\r?\n")
_NOTHING = Declared()
_NAME = b"content-disposition"
# Header fields with which a reply is not usual, and how many digits a usual length has.
_UNUSUAL = frozenset({b"transfer-encoding", b"content-encoding"})
_DIGITS = 15
_WOULD_BLOCK = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Request(NamedTuple):
    """What is asked for on a kept connection: the whole request, and where its body goes.

    `number` is the asker's own; `path` the final path, from which the part has its name.
    """

    number: int
    data: bytes
    path: str
    host: str
    algorithms: Sequence[str]


class Landed(NamedTuple):
    """A usual reply whose body is in its part, and hashed.

    All values are plain, so that they cross processes cheaply: `stat` and `declared` are those of
    `FileStat` and `Declared`. `hexdigests` are by the request's algorithms, then that of the
    declared digest if it is another one. Moments are `time.monotonic()`; loads and rank are as in
    `Timing`.
    """

    number: int
    size: int
    part: str
    stat: tuple[int, int, int]
    hexdigests: tuple[str, ...]
    hash_seconds: float
    etag: str | None
    last_modified: str | None
    disposition: Sequence[str]
    declared: Sequence[tuple[str, str]]
    declared_in: str
    sent_at: float
    answered_at: float
    ended_at: float
    load_waiting: float
    load_reading: float
    rank: int


class HandedOver(NamedTuple):
    """An exchange that a thread is to go on with."""

    number: int
    begun: BegunExchange


Ended = Landed | HandedOver
WritePart = Callable[[str, memoryview], tuple[str, FileStat]]


class Slot(TransferProgress):
    """A connection; while `request` is set, a transfer is under way on it, received in a buffer.

    `sent` and `answered` are readings of the meter. In the buffer `end` is the end of what has
    come, `start` that of the head, and `total` that of the body, 0 while the head is not there.
    """

    __slots__ = (
        *(
            "alone",
            "answered",
            "connection",
            "end",
            "head",
            "request",
            "route",
            "sent",
            "start",
            "total",
        ),
        "view",
    )

    def __init__(self, route: Hashable, connection: Connection) -> None:
        super().__init__("", "", 0.0, 0, None)
        self.route = route
        self.connection = connection
        self.request: Request | None = None
        self.alone = select.poll()
        self.alone.register(connection.sock, select.POLLIN)
        self.sent = self.answered = (0.0, 0.0)

    def begin(self, request: Request, view: memoryview) -> None:
        """Forget the last transfer."""
        self.request, self.view = request, view
        self.head: Head | None = None
        self.end = self.start = self.total = 0
        self.name, self.host, self.size = request.path, request.host, None
        self.done = self.received = 0
        self.reading = False


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
        has_epoll = hasattr(select, "epoll")
        self._poller: Any = select.epoll() if has_epoll else select.poll()
        self._unit = 1.0 if has_epoll else 1000.0
        self._slots: dict[int, Slot] = {}
        self._idle: dict[Hashable, list[Slot]] = {}
        self._views: list[memoryview] = []
        self._ended: list[Ended] = []
        self._closed: list[Hashable] = []
        self._looked = 0.0
        self.busy = 0
        self.woken: list[int] = []

    @property
    def connections(self) -> int:
        """How many connections are here."""
        return len(self._slots)

    def watch(self, descriptor: int) -> None:
        """Have `poll` return, and `woken` hold it, as soon as this descriptor can be read, too."""
        self._poller.register(descriptor, select.POLLIN)

    def unwatch(self, descriptor: int) -> None:
        """Watch a descriptor no longer; one that is closed is no error."""
        with suppress(OSError):  # what is closed, epoll has forgotten by itself
            self._poller.unregister(descriptor)

    def leads_to(self, route: Hashable) -> bool:
        """Return True if a connection is here that leads there, free or not."""
        return any(slot.route == route for slot in self._slots.values())

    def note_closed(self, route: Hashable) -> None:
        """Count a connection that was given away, and closed, among those that were closed here."""
        self._closed.append(route)

    def closed_routes(self) -> list[Hashable]:
        """Return where the connections led that were closed here since this was asked last."""
        closed, self._closed = self._closed, []
        return closed

    def is_idle(self, route: Hashable) -> bool:
        """Return True if a connection that leads there is free."""
        return route in self._idle

    def adopt(self, route: Hashable, connection: Connection) -> None:
        """Take over a connection that was kept."""
        sock: Any = connection.sock
        sock.setblocking(False)
        slot = Slot(route, connection)
        self._slots[sock.fileno()] = slot
        self._poller.register(sock.fileno(), select.POLLIN)
        self._idle.setdefault(route, []).append(slot)

    def release(self, route: Hashable) -> Connection | None:
        """Give a free connection away, `None` if there is none."""
        return self._let_go(self._take_idle(route)) if self.is_idle(route) else None

    def surplus(self, most: int) -> Iterator[tuple[Hashable, Connection]]:
        """Give away free connections until no more than `most` are left.

        They go by their hosts, that whose connections have been free longest before all others.
        """
        while len(self._slots) - self.busy > most:
            route = next(iter(self._idle))
            yield route, self._let_go(self._take_idle(route))

    def start(self, route: Hashable, request: Request) -> bool:
        """Send a request on a free connection; return False if that cannot be done at once.

        What has come on one meanwhile would be taken for the reply: such a connection is closed.
        """
        while route in self._idle:
            slot = self._take_idle(route)
            if not slot.alone.poll(0) and _is_sent(slot.connection, request):
                self._begin(slot, request)
                return True
            self._close(slot)
        return False

    def poll(self, timeout: float) -> list[Ended]:
        """Wait for up to `timeout` seconds for something to come; return what has ended."""
        self.woken.clear()
        for descriptor, _ in self._poller.poll(timeout * self._unit):
            slot = self._slots.get(descriptor)
            if slot is None:
                self.woken.append(descriptor)
            else:
                self._read(slot)
        if self.busy:
            self._hand_over_the_slow()
        ended, self._ended = self._ended, []
        return ended

    def close(self) -> None:
        """Close every connection; transfers under way are broken off."""
        for slot in list(self._slots.values()):
            if slot.request is not None:
                self._meter.leave(slot)
            self._close(slot)
        self._idle.clear()
        self.busy = 0
        if hasattr(self._poller, "close"):
            self._poller.close()

    def _begin(self, slot: Slot, request: Request) -> None:
        slot.begin(request, self._views.pop() if self._views else memoryview(bytearray(SIZE)))
        slot.sent = slot.answered = self._meter.join(slot)
        self.busy += 1

    def _read(self, slot: Slot) -> None:
        if slot.request is None:  # closed by the peer, or it sent what nobody asked for
            self._take_idle(slot.route, slot)
            self._close(slot)
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
        blank = _BLANK_LINE.search(slot.view, 0, slot.end)
        if blank is None:
            is_reply = _BEGINNING.startswith(bytes(slot.view[: min(slot.end, len(_BEGINNING))]))
            if slot.end == SIZE or not is_reply:
                self._hand_over(slot)
            return False
        slot.answered = self._meter.load()
        slot.reading = True
        slot.start = blank.end()
        length = self._usual_length(slot)
        if length is None or slot.start + length > SIZE:
            self._hand_over(slot)
            return False
        slot.size, slot.total = length, slot.start + length
        return True

    def _usual_length(self, slot: Slot) -> int | None:
        """Return the bytes of the body of a usual reply, `None` for another one."""
        try:
            head = slot.head = parsed(bytes(slot.view[: slot.start]))
        except TransferError:  # a thread finds out, and says why
            return None
        if head.status != 200 or not _UNUSUAL.isdisjoint(head.fields.values):
            return None
        lengths = head.fields.values.get(b"content-length", ())
        if len(lengths) != 1 or not lengths[0].isdigit() or len(lengths[0]) > _DIGITS:
            return None
        length = int(lengths[0])
        return length if length <= self._most else None

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
            self._idle.setdefault(slot.route, []).append(slot)
        else:
            self._close(slot)

    def _landed(self, slot: Slot) -> Landed | None:
        """Hash and store the body; return `None` if that fails here."""
        request, head = slot.request, slot.head
        assert request is not None
        assert head is not None
        body, fields = slot.view[slot.start : slot.total], head.fields
        is_declared = not digest_fields.NAMES.isdisjoint(fields.values)
        declared = digest_fields.declared(200, fields) if is_declared else _NOTHING
        try:
            hexdigests, seconds = _digests(body, request.algorithms, declared)
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
            _value(fields, b"etag"),
            _value(fields, b"last-modified"),
            fields.getlist("Content-Disposition") if _NAME in fields.values else (),
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
        begun = BegunExchange(slot.route, self._let_go(slot), received, slot.sent[0])
        self._ended.append(HandedOver(request.number, begun))

    def _hand_over_the_slow(self) -> None:
        now = time.monotonic()
        if now - self._looked < LOOK:
            return
        self._looked = now
        for slot in list(self._slots.values()):
            if slot.request is not None and now - slot.sent[0] > self._patience:
                self._hand_over(slot)

    def _take_idle(self, route: Hashable, slot: Slot | None = None) -> Slot:
        """Take this slot, or the newest, from those that are free; a route without any goes."""
        idle = self._idle[route]
        chosen = slot or idle[-1]
        idle.remove(chosen)
        if not idle:
            del self._idle[route]
        return chosen

    def _is_over(self, slot: Slot) -> None:
        """Note that no transfer is under way on a connection."""
        self._views.append(slot.view)
        slot.request = None
        self.busy -= 1

    def _close(self, slot: Slot) -> None:
        self._closed.append(slot.route)
        self._let_go(slot).close()

    def _let_go(self, slot: Slot) -> Connection:
        """Watch a connection no longer."""
        sock: Any = slot.connection.sock
        self._poller.unregister(sock)
        del self._slots[sock.fileno()]
        return slot.connection


def _is_sent(connection: Connection, request: Request) -> bool:
    """Return True if all of a request has gone out."""
    try:
        return bool(connection.sock.send(request.data) == len(request.data))
    except OSError:
        return False


def _value(fields: Fields, name: bytes) -> str | None:
    """Return a field's value; a single one by the short way."""
    found = fields.values.get(name)
    if found is None:
        return None
    return found[0].decode("latin-1").strip(" \t") if len(found) == 1 else fields.get(name.decode())


def _digests(
    body: memoryview, algorithms: Sequence[str], declared: Declared
) -> tuple[tuple[str, ...], float]:
    """Return the digests by these algorithms, and by a declared one if none of them is; seconds."""
    began = time.monotonic()
    if declared.digests and not any(each.algorithm in algorithms for each in declared.digests):
        algorithms = (*algorithms, declared.digests[0].algorithm)
    found = [hashing.digest_of(body, name) for name in algorithms]
    return tuple(found), time.monotonic() - began


def mean_load(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the mean load between two readings of the meter: the transfer itself counts as 1."""
    seconds = end[0] - start[0]
    return max(1.0, (end[1] - start[1]) / seconds) if seconds > INSTANT else 1.0
