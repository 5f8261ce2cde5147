"""Every fault ends as a failure in one sentence, whatever was raised."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable

import pytest
from good import GoodServer, Reply
from raw import RawServer
from requests.exceptions import ConnectionError as RequestsConnectionError
from transfer_rig import Rig
from urllib3.exceptions import LocationParseError, MaxRetryError, NewConnectionError, ProtocolError

from downloader.errors import DiskFailed
from downloader.models import FileStat
from downloader.policy import Retry, Timeouts
from downloader.protocols import Partial
from downloader.transfer.errors import classify
from downloader.wire.state import ThreadState

STATE = ThreadState(Timeouts(connect=10, silence=30))
STATE.peer, STATE.opening = ("h.example", 80), True


def wrapped(inner: OSError) -> Exception:
    """Hide an error as requests and urllib3 do."""
    connection = http.client.HTTPConnection("h.example")
    try:
        raise NewConnectionError(connection, "failed") from inner  # type: ignore[arg-type]
    except NewConnectionError as error:
        return RequestsConnectionError(MaxRetryError(None, "/", error))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "kind", "message", "retryable"),
    [
        (OSError(errno.ECONNREFUSED, "x"), "connect", "refused by h.example port 80", True),
        (OSError(errno.ENETUNREACH, "x"), "connect", "Network is unreachable", True),
        (OSError(errno.EMFILE, "x"), "connect", "too many open files", True),
        (TimeoutError("timed out"), "timeout", "no connection to h.example", True),
        (socket.gaierror(socket.EAI_NONAME, "x"), "dns", "name not found: h.example", False),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "dns", "cannot be looked up now", True),
        (socket.gaierror(socket.EAI_FAIL, "x"), "dns", "name lookup failed", False),
    ],
)
def test_hidden_cause_is_found(error: OSError, kind: str, message: str, retryable: bool) -> None:
    failure = classify(wrapped(error), STATE)
    assert (failure.kind, failure.retryable) == (kind, retryable)
    assert message in failure.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LocationParseError("label empty or too long"), "bad-url"),
        (UnicodeEncodeError("idna", "x", 0, 1, "label too long"), "protocol"),
        (http.client.LineTooLong("header line"), "protocol"),
        (ProtocolError("Connection aborted.", http.client.BadStatusLine("junk")), "protocol"),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), "tls"),
        (ValueError("odd"), "internal"),
        (AttributeError("'NoneType' object has no attribute 'x'"), "internal"),
        (MemoryError(), "internal"),
    ],
)
def test_exceptions_outside_requests_tree_are_classified(error: Exception, kind: str) -> None:
    assert classify(error, STATE).kind == kind


def test_message_shows_no_object_and_no_login() -> None:
    error = RuntimeError(
        "<urllib3.X object at 0x7f>: http://u:sesame@h/ failed\nbadly " + "x" * 999
    )
    message = classify(error, STATE).message
    assert message.startswith("RuntimeError: : http://h/ failed badly x")
    assert len(message) < 250


def test_circular_causes_end() -> None:
    one, two = ValueError("one"), ValueError("two")
    one.__cause__, two.__cause__ = two, one
    assert classify(one, STATE).message == "ValueError: one"


def test_unexpected_exception_fails_the_item_only(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr(rig.fetcher._session, "get", broken)
    assert rig.message("http://h.example/") == "internal: KeyError: 'surprise'"


@pytest.mark.parametrize(
    "reply",
    [
        b"garbage\r\n\r\n",
        b"ICY 200 OK\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_reply_that_is_not_http_is_a_fault_of_the_protocol(rig: Rig, reply: bytes) -> None:
    with RawServer([reply]) as server:
        assert rig.message(server.url()).startswith("protocol: ")


def test_unknown_name_is_not_tried_again(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert rig.message("http://nosuch.example/") == "dns: name not found: nosuch.example"


class Broken:
    """A storage, and its part, that fail in one step."""

    path = "part"

    def __init__(self, step: str, error: Exception) -> None:
        self.step, self.error = step, error
        self.discarded = False

    def _do(self, step: str) -> None:
        if step == self.step:
            raise self.error

    def open_part(self, path: str, version: str = "") -> Partial:
        self._do("open")
        return self

    def reopen_part(self, path: str, version: str, keep: int) -> Partial | None:
        return None

    def part_size(self, path: str, version: str) -> int:
        return 0

    def write_at(self, offset: int, data: object) -> None:
        self._do("write")

    def truncate(self) -> None:
        self._do("truncate")

    def sync(self) -> None:
        self._do("sync")

    def close(self) -> FileStat:
        self._do("close")
        return FileStat(0, 0, 0)

    def discard(self, part: str) -> None:
        self.discarded = True


@pytest.mark.parametrize("step", ["open", "write", "close"])
@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.EIO, "disk: a.bin cannot be written: "), (errno.ENOTDIR, "disk: a.bin cannot be ")],
)
def test_fault_of_the_disk_is_the_items(
    make_rig: Callable[..., Rig], step: str, number: int, said: str
) -> None:
    broken = Broken(step, OSError(number, "broken"))
    with GoodServer({"/": b"x"}) as server:
        assert make_rig(storage=broken).message(server.url()).startswith(said)
        assert len(server.requests) == 1
    assert broken.discarded is (step != "open")


@pytest.mark.parametrize("step", ["open", "write", "close"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS])
def test_full_disk_stops_the_run(make_rig: Callable[..., Rig], step: str, number: int) -> None:
    rig = make_rig(storage=Broken(step, OSError(number, "full")))
    with GoodServer({"/": b"x"}) as server, pytest.raises(DiskFailed, match=r"a\.bin"):
        rig.fetch(server.url())


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (FileExistsError("a link stands there"), "exists"),
        (FileExistsError(errno.EEXIST, "File exists"), "exists"),
        (OSError(errno.ENAMETOOLONG, "File name too long"), "name"),
        (ValueError("embedded null byte"), "name"),
    ],
)
def test_name_that_cannot_be_opened_is_said(
    make_rig: Callable[..., Rig], error: Exception, kind: str
) -> None:
    with GoodServer({"/": b"x"}) as server:
        assert make_rig(storage=Broken("open", error)).message(server.url()).startswith(kind)


def test_running_out_of_files_at_the_disk_is_tried_again(make_rig: Callable[..., Rig]) -> None:
    broken = Broken("open", OSError(errno.EMFILE, "Too many open files"))
    with GoodServer({"/": b"x"}) as server:
        message = make_rig(storage=broken).message(server.url())
    assert message.startswith("connect: gave up after 3 tries: too many open files")


def test_truncating_that_fails_is_a_fault_of_the_disk(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(storage=Broken("truncate", OSError(errno.EIO, "broken")))
    with RawServer([b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123"]) as server:
        assert rig.message(server.url()).startswith("disk: ")


def test_running_out_of_files_frees_idle_connections(
    make_rig: Callable[..., Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = make_rig(retry=Retry(retries=1, base=0))
    with GoodServer({"/": Reply(b"x")}) as server:
        rig.body(server.url())
        real = rig.fetcher._session.get
        full = iter([OSError(errno.EMFILE, "Too many open files")])

        def get(*args: object) -> object:
            for error in full:
                raise error
            return real(*args)  # type: ignore[arg-type]  # passed on as they came

        monkeypatch.setattr(rig.fetcher._session, "get", get)
        assert rig.body(server.url()) == b"x"
        assert server.connections == 2
