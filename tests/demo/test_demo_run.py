"""The demonstration checks what it fetched against what the server computed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from good import GoodServer

from downloader.demo import run, serving, words
from downloader.errors import LocalError

FILES = {f"/{name}.bin": name.encode() * 1000 for name in "abc"}


@pytest.fixture
def server() -> Iterator[GoodServer]:
    with GoodServer(FILES) as running:
        yield running


def served(server: GoodServer) -> serving.Served:
    digests = {server.url(path): hashlib.sha256(body).hexdigest() for path, body in FILES.items()}
    return serving.Served(digests, 3000)


def test_the_second_run_quotes_the_first_as_measured(server: GoodServer, tmp_path: Path) -> None:
    demo = run.Demo(served(server), str(tmp_path))
    first, second = demo.run("sequential"), demo.run("parallel")
    assert second.report.sequential.basis == "measured"
    assert second.report.sequential.seconds == pytest.approx(first.report.seconds.wall)


def test_right_digests_are_confirmed(server: GoodServer, tmp_path: Path) -> None:
    checked = run.Demo(served(server), str(tmp_path)).run("parallel")
    assert (len(checked.right), checked.wrong) == (3, frozenset())
    assert words.verified(checked) == "all 3 SHA-256 digests are those that the server computed"


def test_a_wrong_digest_is_found(server: GoodServer, tmp_path: Path) -> None:
    told = served(server)
    server.files["/b.bin"] = b"something else"
    checked = run.Demo(told, str(tmp_path)).run("sequential")
    assert checked.wrong == {server.url("/b.bin")}
    assert words.verified(checked).startswith("1 of 3 files are not")


def test_a_file_that_did_not_arrive_is_wrong(server: GoodServer, tmp_path: Path) -> None:
    told = served(server)
    del server.files["/c.bin"]
    assert run.Demo(told, str(tmp_path)).run("sequential").wrong == {server.url("/c.bin")}


def test_the_environments_proxy_is_left_alone(
    server: GoodServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert not run.Demo(served(server), str(tmp_path)).run("sequential").wrong


def test_the_whole_stage_is_set_up_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with run.demo() as demo:
        assert len(demo.served.digests) == 40
        assert len(os.listdir(tmp_path)) == 1
    assert os.listdir(tmp_path) == []


def test_a_server_that_does_not_start_is_a_local_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("downloader.demo.server.__file__", "/nowhere/server.py")
    with pytest.raises(LocalError, match="did not start"), serving.serving():
        pass


def test_the_explanation_is_two_sentences(server: GoodServer, tmp_path: Path) -> None:
    demo = run.Demo(served(server), str(tmp_path))
    said = words.explanation(demo.run("sequential").report, demo.run("parallel").report)
    assert said.count(". ") == 1
    assert "8 threads" in said
