"""F22: however slowly a peer drips, an item ends in time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from good import GoodServer, Reply
from listening import CERTIFICATE
from raw import Endless, RawServer, Script
from refusals import AGAIN, NEVER, refused
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader.models import Failure
from downloader.policy import Retry, Timeouts

OK = b"HTTP/1.1 200 OK\r\n"
PATIENT = 60.0  # seconds: would exceed every test's time
PAUSE = 0.01  # seconds between two drops

pytestmark = by_any_way


def patient(**times: float) -> Timeouts:
    return Timeouts(**{"connect": PATIENT, "silence": PATIENT, **times})


DRIPS = [
    pytest.param(OK, b"X: 1\r\n", id="header lines"),
    pytest.param(OK + b"X: ", b"1", id="a header line"),
    pytest.param(b"", b"HTTP/1.1 103 \r\n\r\n", id="informational replies"),
    pytest.param(OK + b"Content-Length: 100000\r\n\r\n", b"x", id="body"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", id="chunks"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n5;", b"x", id="an extension"),
    pytest.param(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: 1\r\n", id="trailers"),
    pytest.param(OK + b"\r\n", b"x", id="body without length"),
]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(("head", "piece"), DRIPS)
def test_f22_trickle_is_given_up_and_tried_again(
    make_rig: Callable[..., Rig], head: bytes, piece: bytes, tls: bool
) -> None:
    timeouts = patient(slowest_rate=1e6, slowest_over=0.05)
    rig = make_rig(timeouts=timeouts, cacert=CERTIFICATE)
    with RawServer(Endless(head, piece, PAUSE), tls=tls) as server:
        message = refused(rig, server, "timeout", AGAIN)
    assert message.endswith(": less than 1e+06 bytes per second over 0.05 s")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(("head", "piece"), DRIPS)
def test_f22_items_time_ends_whatever_drips(
    make_rig: Callable[..., Rig], head: bytes, piece: bytes, tls: bool
) -> None:
    rig = make_rig(timeouts=patient(total=0.2), cacert=CERTIFICATE)
    with RawServer(Endless(head, piece, PAUSE), tls=tls) as server:
        assert refused(rig, server, "timeout", NEVER) == "not complete within 0.2 s"


@pytest.mark.parametrize("head", [b"", OK, OK + b"Content-Length: 9\r\n\r\n123"])
def test_f22_items_time_ends_in_silence(make_rig: Callable[..., Rig], head: bytes) -> None:
    rig = make_rig(timeouts=patient(total=0.5))
    with RawServer([head], then="stall") as server:
        assert refused(rig, server, "timeout", NEVER) == "not complete within 0.5 s"


def test_items_time_is_that_of_all_its_tries(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(timeouts=patient(total=0.3), retry=Retry(retries=10**6, base=0.0))
    with GoodServer({"/": Reply(status=503, delay=0.02)}) as server:
        assert "within 0.3 s" in rig.message(server.url())
        assert len(server.requests) > 1


def test_pause_beyond_the_items_time_is_not_begun(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(timeouts=patient(total=5.0))
    with GoodServer({"/": Reply(status=503, headers={"Retry-After": "9"})}) as server:
        message = rig.message(server.url())
    assert message == "http-status: 503 Service Unavailable: no time left within 5 s"
    assert rig.stop.sleeps == []


def test_f22_a_reply_that_never_begins_has_one_more_try(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(timeouts=patient(first_byte=0.1), retry=Retry(retries=5, base=0.0))
    with RawServer([], then="stall") as server:
        failure = rig.fetch(server.url()).failure
        assert len(server.requests) == 2
    said = "gave up after 2 tries: no reply within 0.1 s (--first-byte-timeout)"
    assert failure == Failure("timeout", said, retryable=True)


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("chunked", [0, 2])
def test_a_reply_may_begin_after_more_than_a_silence(
    make_rig: Callable[..., Rig], tls: bool, chunked: int
) -> None:
    rig = make_rig(timeouts=patient(silence=0.3), cacert=CERTIFICATE)
    with GoodServer({"/": Reply(b"late", delay=0.7, chunked=chunked)}, tls=tls) as server:
        result = rig.fetch(server.url())
    assert (result.failure, result.attempts) == (None, 1)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"H", "no reply within 0.2 s"),
        (OK + b"X: ", "no reply within 0.2 s"),
        (b"HTTP/1.1 103 \r\n\r\n", "no reply within 0.2 s"),
        (OK + b"Content-Length: 9\r\n\r\n", "no data for 0.2 s after 0 of 9 bytes"),
    ],
)
def test_f22_a_silence_within_a_reply_is_shorter_and_has_all_its_tries(
    make_rig: Callable[..., Rig], head: bytes, said: str
) -> None:
    rig = make_rig(timeouts=patient(silence=0.2))
    with RawServer([head], then="stall") as server:
        assert refused(rig, server, "timeout", AGAIN) == f"gave up after 3 tries: {said}"


def test_servers_time_to_think_is_no_trickle(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(timeouts=patient(slowest_rate=1e3, slowest_over=0.1))
    with GoodServer({"/": b"x" * 100_000}, delay=0.2) as server:
        assert len(rig.body(server.url())) == 100_000


@pytest.fixture
def full() -> Iterator[tuple[str, int]]:
    """Give an address that accepts no connection any more, and refuses none."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        with socket.create_connection(address):
            yield address


def test_connecting_ends_in_time(make_rig: Callable[..., Rig], full: tuple[str, int]) -> None:
    rig = make_rig(timeouts=patient(connect=0.1), retry=Retry(retries=0))
    message = rig.message(f"http://127.0.0.1:{full[1]}/")
    assert message == f"timeout: no connection to 127.0.0.1 port {full[1]} within 0.1 s"


def test_connecting_ends_with_the_items_time(
    make_rig: Callable[..., Rig], full: tuple[str, int]
) -> None:
    rig = make_rig(timeouts=patient(total=0.1))
    assert rig.message(f"http://127.0.0.1:{full[1]}/") == "timeout: not complete within 0.1 s"


def test_address_that_does_not_answer_leaves_time_for_the_next(
    make_rig: Callable[..., Rig], full: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = make_rig(timeouts=patient(connect=0.4))
    with GoodServer({"/": b"x"}) as server:
        end = ("127.0.0.1", server.port)
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in (full, end)]
        with monkeypatch.context() as patched:
            patched.setattr(socket, "getaddrinfo", lambda *_, **__: found)
            assert rig.body(server.url()) == b"x"


# A TLS record that announces 16 KiB and brings them one by one.
RECORD = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"


@pytest.mark.parametrize(
    ("times", "said"),
    [({"connect": 0.2}, "within 0.2 s"), ({"total": 0.1}, "not complete within 0.1 s")],
)
def test_dripped_handshake_ends_in_time(
    make_rig: Callable[..., Rig], times: dict[str, float], said: str
) -> None:
    rig = make_rig(timeouts=patient(**times), retry=Retry(retries=0))
    with RawServer(Endless(RECORD, b"x", PAUSE), reads=False) as server:
        message = rig.message(server.url().replace("http:", "https:"))
    assert message.startswith("timeout: ")
    assert message.endswith(said)


def test_dripped_reply_of_a_proxy_ends_in_time(make_rig: Callable[..., Rig]) -> None:
    with RawServer(Endless(OK, b"X: 1\r\n", PAUSE)) as proxy:
        rig = make_rig(proxy=proxy.url(), timeouts=patient(connect=0.2), retry=Retry(retries=0))
        message = rig.message("https://far.example/")
    assert message == f"timeout: no connection to 127.0.0.1 port {proxy.port} within 0.2 s"


def test_dripped_body_of_a_redirect_is_not_waited_for(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("downloader.transfer.receive._PATIENCE", 0.1)
    hop = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 60000\r\n\r\n"
    whole = Script([OK + b"Content-Length: 2\r\n\r\nok"])
    with RawServer(paths={"/": Script(Endless(hop, b"x", PAUSE)), "/b": whole}) as server:
        assert rig.body(server.url()) == b"ok"
