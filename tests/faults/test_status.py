"""Statuses, what servers ask for, and hosts that cannot be reached.

S1, S2, S3, S12 and S13 are the rows of the catalogue of faults.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from good import GoodServer, Reply
from raw import RawServer
from transfer_rig import Rig
from ways_rig import by_any_way

from downloader.models import DownloadResult, Job, UrlItem, replace
from downloader.policy import Retry, Timeouts

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"
# The same moment, seven seconds later, in the three formats of RFC 9110 section 5.6.7.
LATER = [
    "Sun, 06 Nov 1994 08:49:44 GMT",
    "Sunday, 06-Nov-94 08:49:44 GMT",
    "Sun Nov  6 08:49:44 1994",
]
# What says nothing that can be obeyed: the usual back-off applies.
NOTHING = ["-1", "soon", "", "1.5", "12 monkeys", "Sun, 06 Nov 1994 08:49:30 GMT", "Sun, 99 Nov"]

pytestmark = by_any_way


def once(rig: Rig, url: str) -> DownloadResult:
    """Fetch one URL until it is done or goes back to the queue."""
    return rig.run(Job(UrlItem(url), url, "a.bin"))


def asking(value: str, status: int = 429) -> Reply:
    return Reply(status=status, headers={"Retry-After": value, "Date": DATE})


@pytest.mark.parametrize(
    "status", [408, 425, 429, 500, 502, 503, 504, 506, 507, 509, *range(520, 531), 540, 598, 599]
)
def test_s1_a_passing_trouble_is_tried_again_with_growing_pauses_and_given_up(
    make_rig: Callable[..., Rig], status: int
) -> None:
    rig = make_rig(retry=Retry(retries=3, base=1.0))
    with GoodServer({"/a": Reply(status=status)}) as server:
        message = rig.message(server.url("/a"))
        assert len(server.requests) == 4
    assert message.startswith(f"http-status: gave up after 4 tries: {status}")
    assert all(wait <= top for wait, top in zip(rig.stop.sleeps, [1.0, 2.0, 4.0], strict=True))


@pytest.mark.parametrize(
    ("status", "reason", "said"),
    [
        (509, "Bandwidth Limit Exceeded", "509: the server's bandwidth is used up"),
        (520, "", "520: the CDN got an odd answer from its server"),
        (522, "<none>", "522: the CDN could not connect to its server in time"),
        (530, "Frozen", "530: the CDN cannot find its server"),
        (598, "", "598: a proxy waited too long for the server's answer"),
        (555, "Coffee", "555 Coffee"),
    ],
)
def test_s1_numbers_that_cdns_made_up_are_told_in_words(
    rig: Rig, status: int, reason: str, said: str
) -> None:
    reply = f"HTTP/1.1 {status} {reason}\r\nContent-Length: 0\r\n\r\n".encode()
    with RawServer([reply], then="keep") as server:
        assert rig.message(server.url()) == f"http-status: gave up after 3 tries: {said}"


def test_s1_a_status_that_the_user_names_is_tried_again(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(retry=Retry(base=0.0, also=frozenset({404})))
    with GoodServer({"/a": [Reply(status=404), b"body"], "/b": Reply(status=410)}) as server:
        assert rig.body(server.url("/a")) == b"body"
        assert rig.message(server.url("/b")) == "http-status: 410 Gone"


def test_s1_a_403_that_the_user_names_parks_its_host_as_a_429_does(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(retry=Retry(base=0.0, also=frozenset({403})))
    with GoodServer({"/a": [Reply(status=403), b"body"]}) as server:
        result = once(rig, server.url("/a"))
    assert (result.again_in, result.waits_alone) == (0.0, False)


@pytest.mark.parametrize("status", [429, 503])
def test_s2_seconds_are_obeyed_by_the_queue_and_no_thread_sleeps(rig: Rig, status: int) -> None:
    with GoodServer({"/a": [asking("7", status), b"body"]}) as server:
        result = once(rig, server.url("/a"))
    assert (result.again_in, result.attempts, rig.stop.sleeps) == (7.0, 1, [])
    assert result.failure is not None
    assert rig.left_over() == []


@pytest.mark.parametrize("value", LATER)
def test_s2_a_date_in_any_format_is_measured_by_the_servers_own_clock(rig: Rig, value: str) -> None:
    with GoodServer({"/a": asking(value)}) as server:
        assert once(rig, server.url("/a")).again_in == 7.0


def test_s2_zero_seconds_are_obeyed_too(rig: Rig) -> None:
    with GoodServer({"/a": asking("0")}) as server:
        assert once(rig, server.url("/a")).again_in == 0.0


@pytest.mark.parametrize("value", NOTHING)
def test_s2_garbage_and_the_past_mean_the_usual_back_off(
    make_rig: Callable[..., Rig], value: str
) -> None:
    rig = make_rig(retry=Retry(base=2.0))
    with GoodServer({"/a": asking(value)}) as server:
        wait = once(rig, server.url("/a")).again_in
    assert wait is not None
    assert 0.0 <= wait <= 2.0


def test_s2_a_429_parks_its_host_also_without_a_time(rig: Rig) -> None:
    with GoodServer({"/a": Reply(status=429)}) as server:
        assert once(rig, server.url("/a")).again_in is not None


def test_s2_a_503_without_a_time_is_the_trouble_of_one_item(rig: Rig) -> None:
    with GoodServer({"/a": [Reply(status=503), b"body"]}) as server:
        assert once(rig, server.url("/a")).failure is None


def test_s2_seconds_of_a_202_are_obeyed_by_the_item_alone(rig: Rig) -> None:
    with GoodServer({"/a": [asking("7", 202), b"body"]}) as server:
        result = once(rig, server.url("/a"))
    assert (result.again_in, result.waits_alone, rig.stop.sleeps) == (7.0, True, [])


@pytest.mark.parametrize("value", ["200", "31536000", "999999999999999999999"])
@pytest.mark.parametrize("status", [202, 429, 503])
def test_s2_more_than_is_obeyed_fails_the_item_now_and_says_the_time(
    rig: Rig, value: str, status: int
) -> None:
    with GoodServer({"/a": asking(value, status)}) as server:
        result = once(rig, server.url("/a"))
        assert len(server.requests) == 1
    assert result.failure is not None
    assert f"asked to wait {float(value[:12]):g} s, more than the 60 s" in result.failure.message
    assert (result.again_in, rig.stop.sleeps) == (None, [])


def test_s2_a_longer_time_is_obeyed_where_the_user_says_so(make_rig: Callable[..., Rig]) -> None:
    rig = make_rig(retry=Retry(longest_obeyed=300.0))
    with GoodServer({"/a": asking("200")}) as server:
        assert once(rig, server.url("/a")).again_in == 200.0


def test_s2_tries_are_bounded_also_through_the_queue(rig: Rig) -> None:
    with GoodServer({"/a": asking("1")}) as server:
        message = rig.message(server.url("/a"))
        assert len(server.requests) == 3
    assert message == "http-status: gave up after 3 tries: 429 Too Many Requests"


@pytest.mark.parametrize(
    "status", [400, 401, 402, 403, 404, 405, 406, 407, 409, 410, 418, 451, 501, 505, 511]
)
def test_s3_a_refusal_is_one_line_with_its_status_and_final(rig: Rig, status: int) -> None:
    with GoodServer({"/a": Reply(b"a page", status, headers={"Retry-After": "1"})}) as server:
        result = rig.fetch(server.url("/a"))
        assert len(server.requests) == 1
    assert result.failure is not None
    assert (result.failure.kind, result.http_status) == ("http-status", status)
    assert result.failure.message.startswith(f"{status} ")
    assert "\n" not in result.failure.message
    assert rig.left_over() == []


def test_s3_no_more_than_64_kib_of_an_error_page_are_read(rig: Rig) -> None:
    endless = b"HTTP/1.1 404 Not Found\r\nContent-Length: 65537\r\n\r\n"
    with RawServer([endless], then="stall") as server:
        assert rig.message(server.url()) == "http-status: 404 Not Found"


def test_s12_a_bounce_is_stored(rig: Rig) -> None:
    with GoodServer({"/a": [Reply(status=503), b"body"]}) as server:
        result = rig.fetch(server.url("/a"))
    assert (result.failure, result.attempts, result.http_status) == (None, 2, 200)


@pytest.fixture
def dead_url() -> Iterator[str]:
    """A host that takes no connection, on a port that nobody else is given meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_s13_a_refused_connection_is_its_hosts_trouble_and_no_thread_sleeps(
    rig: Rig, dead_url: str
) -> None:
    result = once(rig, dead_url)
    assert result.again_in is not None
    assert result.unreached.startswith("connection refused by 127.0.0.1 port ")
    assert (result.attempts, rig.stop.sleeps) == (1, [])


def test_s13_a_refused_connection_is_given_up_after_few_tries(rig: Rig, dead_url: str) -> None:
    result = rig.fetch(dead_url)
    assert result.failure is not None
    assert result.failure.kind == "connect"
    assert result.failure.message.startswith("gave up after 3 tries: connection refused by ")
    assert result.unreached.startswith("connection refused by ")


@pytest.mark.parametrize(
    ("number", "retryable"),
    [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)],
    ids=["NXDOMAIN", "SERVFAIL"],
)
def test_s13_a_name_that_does_not_exist_is_final_and_one_that_cannot_be_looked_up_is_not(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, number: int, retryable: bool
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "no luck")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    result = rig.fetch("http://nowhere.example/")
    assert result.failure is not None
    assert (result.failure.kind, result.failure.retryable) == ("dns", retryable)
    assert result.attempts == (3 if retryable else 1)
    assert "nowhere.example" in result.unreached


def test_s13_a_connection_that_does_not_open_in_time_is_its_hosts_trouble(
    make_rig: Callable[..., Rig],
) -> None:
    rig = make_rig(timeouts=Timeouts(connect=0.1), retry=Retry(retries=0))
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        result = once(rig, f"http://127.0.0.1:{port}/")
        for each in waiting:
            each.close()
    assert result.unreached == f"no connection to 127.0.0.1 port {port} within 0.1 s"


def test_s13_a_host_that_a_redirect_leads_to_is_not_the_listed_one(rig: Rig, dead_url: str) -> None:
    away = Reply(status=302, headers={"Location": dead_url})
    with GoodServer({"/a": away}) as server:
        result = rig.fetch(server.url("/a"))
    assert result.failure is not None
    assert result.failure.kind == "connect"
    assert result.unreached == ""


def test_the_time_in_the_queue_is_no_work(rig: Rig) -> None:
    with GoodServer({"/a": [asking("0"), b"body"]}) as server:
        first = once(rig, server.url("/a"))
        timing = replace(first.timing, ended=first.timing.ended - 5.0)
        job = replace(first.job, attempts=1, earlier=timing)
        second = rig.fetcher.fetch(job).timing
    assert second.began == first.timing.began
    assert second.parked == pytest.approx(5.0, abs=1.0)
    assert second.paused >= second.parked
