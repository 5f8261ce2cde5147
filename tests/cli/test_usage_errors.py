"""Wrong usage: status 2, one line that says what would do, nothing fetched, nothing left."""

from __future__ import annotations

from pathlib import Path

import pytest
from good import GoodServer
from typer.testing import CliRunner

from downloader.cli.app import app


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fetch", "{url}", "--threads", "0"], "--threads 0: give a whole number of at least 1"),
        (["fetch", "{url}", "-t", "many"], "--threads many: give a whole number"),
        (["fetch", "{url}", "--fetch-processes", "few"], "few: give a whole number, or auto"),
        (["fetch", "{url}", "--fetch-processes", "0"], "--fetch-processes 0: give a whole number"),
        (["fetch", "{url}", "--timeout", "soon"], "--timeout soon: give a number of seconds"),
        (["fetch", "{url}", "--timeout", "0"], "--timeout 0: give"),
        (["fetch", "{url}", "--rate", "0"], "--rate 0: give a number of requests a second above 0"),
        (["fetch", "{url}", "--retry-status", "4xx"], "--retry-status 4xx: give statuses with"),
        (["fetch", "{url}", "--retry-status", "200"], "--retry-status 200: give statuses from 400"),
        (["fetch", "{url}", "--per-host", "0"], "--per-host 0: give a whole number of at least 1"),
        (["fetch", "{url}", "--limit-rate", "0.1"], "--limit-rate 0: give"),
        (["fetch", "{url}", "--max-size", "1T"], "--max-size 1T: give a number of bytes, as in"),
        (["fetch", "{url}", "--max-size", "-1"], "--max-size -1: give a number of bytes, as in"),
        (["fetch", "{url}", "--max-retry-wait", "-1"], "--max-retry-wait -1: give a number of"),
        (["fetch", "{url}", "--max-time", "0"], "--max-time 0: give a number of seconds above 0"),
        (["fetch", "{url}", "-a", "sha265"], "did you mean 'sha256'?"),
        (["fetch", "{url}", "--layout", "trees"], "did you mean 'tree'?"),
        (["fetch", "{url}", "--format", "jsn"], "did you mean 'json'?"),
        (["fetch", "{url}", "--format", "json", "-0"], "--null"),
        (["fetch", "{url}", "-H", "no colon"], "write it as 'Name: value'"),
        (["fetch", "{url}", "-H", "X: a\r\nY: b"], "control character"),
        (["fetch", "{url}", "-q", "-v"], "choose one of them"),
        (["fetch", "{url}", "--report", "-"], "standard output has records"),
        (["fetch", "{url}", "--report", "no/where"], "no such file or directory"),
        (["fetch", "{url}", "--report", "."], "is a directory"),
        (["fetch", "{url}", "{url}", "-o", "x"], "a single URL only"),
        (["fetch", "{url}", "--cacert", "none.pem"], "no such file"),
        (["fetch", "missing.txt"], "missing.txt: no such file"),
        (["fetch", "."], "is a folder, not a list"),
        (["fetch"], "name a list"),
        (["fetch", "{url}", "--thread", "2"], "--thread"),
        (["fetch", "{url}", "--dir"], "--dir"),
        (["hash"], "name a file"),
    ],
)
def test_wrong_usage_is_told_in_one_line_and_fetches_nothing(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with GoodServer() as server:
        url = server.url("/a.bin")
        result = CliRunner().invoke(app, [each.format(url=url) for each in arguments])
        assert server.connections == 0
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert result.stderr.startswith("dl: ")
    assert result.stderr.count("\n") == 1
    assert not list(tmp_path.glob("*.tmp"))
