"""Output that is lost costs no file; nothing that is printed depends on where it goes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

import pytest
from good import GoodServer, Reply
from installed import Installed

NAMES = [f"{name}.bin" for name in "abcdefgh"]
needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")


def lost(stderr: bytes) -> Sequence[str]:
    """Return the lines about the loss, having seen that there is no traceback."""
    text = stderr.decode()
    assert "Traceback" not in text
    assert "Exception ignored" not in text
    return [line for line in text.splitlines() if line.startswith("dl: standard output was lost")]


@pytest.mark.parametrize("mode", [[], ["--sequential"]])
def test_a_reader_that_goes_away_costs_no_file(dl: Installed, urls: str, mode: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = dl("fetch", urls, *mode, stdout=writing)
    os.close(writing)
    assert done.returncode == 120
    assert lost(done.stderr) == ["dl: standard output was lost (Broken pipe): files are safe"]
    assert sorted(dl.files()) == NAMES


@needs_full
def test_a_full_disk_under_the_output_wins_over_failed_items(
    dl: Installed, web: GoodServer
) -> None:
    with open("/dev/full", "wb") as full:
        done = dl("fetch", web.url("/a.bin"), web.url("/gone"), stdout=full)
    assert done.returncode == 120
    assert len(lost(done.stderr)) == 1
    assert list(dl.files()) == ["a.bin"]


def test_closed_streams_are_lost_output_and_nothing_worse(dl: Installed, urls: str) -> None:
    done = dl.shell(f"$DL fetch {urls} <&- >&- 2>&-")
    assert done.returncode == 120
    assert sorted(dl.files()) == NAMES


def test_without_records_a_closed_output_is_no_loss(dl: Installed, urls: str) -> None:
    assert dl.shell(f"$DL fetch {urls} --format none >&-").returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], ["fetch", "--help"], ["--version"]])
@needs_full
def test_lost_help_is_lost_output(dl: Installed, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = dl(*arguments, stdout=full)
    assert done.returncode == 120
    assert len(lost(done.stderr)) == 1


def test_a_locale_without_unicode_fails_nothing(dl: Installed, web: GoodServer) -> None:
    latin = {"LC_ALL": "C", "PYTHONIOENCODING": "latin-1"}
    (dl.folder / "list").write_text(f"{web.url('/a.bin')}\n{web.url('/☃')}\n", encoding="utf-8")
    done = dl("fetch", "list", "-d", "sné☃".encode(), env=latin)
    assert done.returncode == 1
    assert "  sné☃/a.bin\n".encode() in done.stdout
    assert b"Traceback" not in done.stderr


def test_what_servers_and_lists_hold_reaches_the_terminal_harmless(dl: Installed) -> None:
    with GoodServer({"/x": Reply(b"", 404, {"X": "\x1b[2J"})}) as server:
        (dl.folder / "list").write_bytes(
            f"{server.url('/x')}\n".encode() + b"\x1b[2Jnot\x07 a url\n"
        )
        done = dl("fetch", "list", "--format", "json", "-v")
    assert done.returncode == 1
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"\x07" not in done.stdout + done.stderr


@pytest.mark.parametrize("env", [{}, {"FORCE_COLOR": "1", "GITHUB_ACTIONS": "1"}])
def test_no_escape_sequence_goes_into_a_pipe(dl: Installed, urls: str, env: dict[str, str]) -> None:
    for arguments in (["fetch", urls], ["fetch", "--help"], ["fetch", "--nonsense"]):
        done = dl(*arguments, env={"TERM": "xterm-256color", **env})
        assert b"\x1b" not in done.stdout + done.stderr


def test_quiet_says_only_what_failed(dl: Installed, web: GoodServer) -> None:
    done = dl("fetch", web.url("/a.bin"), web.url("/gone"), "-q")
    assert done.stderr.decode().splitlines() == [f"dl: {web.url('/gone')}: 404 Not Found"]


def test_verbose_says_a_line_an_item(dl: Installed, urls: str) -> None:
    said = dl("fetch", urls, "-v").stderr.decode().splitlines()
    stored = [line.split(":")[1] for line in said if line.startswith("dl: stored ")]
    assert sorted(stored) == [f" stored downloads/{name}" for name in NAMES]


def test_records_come_as_soon_as_items_are_done(dl: Installed) -> None:
    """A reader of the pipe sees the first file before the second one is there."""
    with GoodServer({"/a": b"a", "/b": Reply(b"b", delay=60)}) as server:
        arguments = ("fetch", server.url("/a"), server.url("/b"), "--format", "paths")
        with dl.begin(*arguments, stdin=subprocess.DEVNULL) as process:
            assert process.stdout
            assert process.stdout.readline() == b"downloads/a\n"
            process.kill()
