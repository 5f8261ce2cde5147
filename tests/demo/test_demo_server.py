"""The demonstration's server: deterministic, kept alive, paced, gone with its parent."""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from downloader.demo import server as demo_server


@pytest.fixture
def server() -> Iterator[demo_server.Server]:
    with demo_server.Server({"/a": b"x" * 100_000}, delay=0.0, cap=1e12) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_contents_are_the_same_everywhere() -> None:
    files = demo_server.contents()
    whole = hashlib.sha256(b"".join(files.values())).hexdigest()
    assert (len(files), len(set(map(len, files.values())))) == (40, 40)
    assert whole == "bdb0b1a71e52a543a415ea01978ef1a8d956f6e36ea92d07f2265fb91e9ae4dd"


def test_connections_stay_open(server: demo_server.Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/a")
    assert connection.getresponse().read() == b"x" * 100_000
    kept = connection.sock
    connection.request("GET", "/missing")
    assert connection.getresponse().status == 404
    assert connection.sock is kept
    connection.close()


def test_pieces_keep_to_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("downloader.demo.server.time.monotonic", lambda: sum(slept))
    monkeypatch.setattr("downloader.demo.server.time.sleep", slept.append)
    body = b"x" * 100_000
    assert b"".join(demo_server.throttled(body, cap=50_000)) == body
    assert sum(slept) == pytest.approx(2.0)


def test_it_ends_when_its_parent_lets_go_of_it() -> None:
    command = [sys.executable, "-I", demo_server.__file__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        told = json.loads(process.stdout.readline())
        process.stdin.close()
        assert process.wait(10) == 0
    assert len(told["files"]) == 40
