"""On a terminal: bars while it runs, a clean screen afterwards."""

from __future__ import annotations

import json
import os
import pty
import re
import termios
from pathlib import Path

import pytest
from good import GoodServer
from installed import Installed

ON_A_TERMINAL = {"TERM": "xterm"}


def read_all(terminal: int) -> str:
    found = b""
    try:
        while data := os.read(terminal, 1 << 16):
            found += data
    except OSError:  # what a terminal says when nobody writes to it any more
        pass
    os.close(terminal)
    return found.decode()


def on_a_terminal(
    dl: Installed,
    *arguments: str,
    env: dict[str, str],
    both: bool = False,
    status: int = 0,
    out: str = "out",
) -> str:
    """Return what is written to a terminal that has the errors, or the output as well."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with open(dl.folder / out, "wb") as file:
        streams = {"stderr": theirs, "stdin": theirs, "stdout": theirs if both else file}
        with dl.begin(*arguments, env=env, **streams) as process:
            os.close(theirs)
            written = read_all(ours)
    assert process.returncode == status
    return written


def screen(written: str) -> list[str]:
    """Return the lines that are left on a screen, moving as a terminal does."""
    lines, row, column = [""], 0, 0
    for token in re.findall(r"\x1b\[(\d*)A|(\x1b\[J)|(\r)|(\n)|([^\x1b\r\n]+)", written):
        up, clear, carriage, feed, text = token
        if clear:
            del lines[row + 1 :]
            lines[row] = ""
        elif carriage:
            column = 0
        elif feed:
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif text:
            lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
            column += len(text)
        else:
            row = max(0, row - int(up or 1))
    return [line.rstrip() for line in lines]


def test_bars_are_drawn_and_nothing_of_them_is_left(dl: Installed, urls: str) -> None:
    written = on_a_terminal(dl, "fetch", urls, env=ON_A_TERMINAL)
    assert "/8 files" in written
    left = [line for line in screen(written) if line]
    assert left[0].startswith("8 files, 23.4 KiB in ")
    assert not any("/8 files" in line for line in left)


def test_records_and_bars_share_a_terminal(dl: Installed, urls: str) -> None:
    written = on_a_terminal(dl, "fetch", urls, env=ON_A_TERMINAL, both=True)
    left = [line for line in screen(written) if line]
    assert (
        sum(bool(re.fullmatch(r"[0-9a-f]{64}  downloads/[a-h]\.bin", line)) for line in left) == 8
    )
    assert not any("/8 files" in line for line in left)


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (["--no-progress"], ON_A_TERMINAL | {"NO_COLOR": "1"}),
        (["-q"], ON_A_TERMINAL),
        ([], {"TERM": "dumb"}),
        ([], {"DL_NO_PROGRESS": "1", "NO_COLOR": "1", **ON_A_TERMINAL}),
    ],
)
def test_no_bars_where_they_are_not_wanted(
    dl: Installed, urls: str, options: list[str], env: dict[str, str]
) -> None:
    written = on_a_terminal(dl, "fetch", urls, *options, env=env)
    assert "/8 files" not in written
    assert "\x1b" not in written


COLOUR = re.compile(r"\x1b\[[0-9;]*m[^\x1b]*")


def test_only_the_word_that_says_how_it_ended_is_coloured(dl: Installed, urls: str) -> None:
    (dl.folder / urls).open("a").write("ftp://h/x\n")
    written = on_a_terminal(dl, "fetch", urls, "--no-progress", env=ON_A_TERMINAL, status=1)
    green, plain, red, rest = COLOUR.findall(written)
    assert (green, red) == ("\x1b[32mstored", "\x1b[31mfailed")
    assert (plain, rest.split()[1]) == ("\x1b[0m, 1 ", "fetch")


@pytest.mark.parametrize("env", [ON_A_TERMINAL | {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}])
def test_no_colour_where_it_is_not_wanted(dl: Installed, urls: str, env: dict[str, str]) -> None:
    assert not COLOUR.search(on_a_terminal(dl, "fetch", urls, env=env))


def list_of_bad(dl: Installed, web: GoodServer, number: int) -> str:
    return dl.write_list([web.url("/a.bin"), *[f"ftp://h{n}.example/" for n in range(number)]])


@pytest.mark.parametrize("options", [[], ["--no-progress"], ["-q"]])
def test_many_failures_are_a_count_and_a_summary(
    dl: Installed, web: GoodServer, options: list[str]
) -> None:
    urls = list_of_bad(dl, web, 2000)
    env = ON_A_TERMINAL | {"NO_COLOR": "1"}
    written = on_a_terminal(dl, "fetch", urls, *options, env=env, status=1)
    left = [line for line in screen(written) if line]
    assert len([line for line in left if "only http and https" in line]) == 20
    assert "dl: … and 1,980 more: bad-url" in left
    assert left[-3:-1] == ["failed, by kind and host:", "  2,000  bad-url"]
    assert left[-1].startswith("as a list: --continue --report FILE, then jq -r ")


def test_every_failure_has_its_line_in_a_file_and_with_verbose(
    dl: Installed, web: GoodServer
) -> None:
    urls = list_of_bad(dl, web, 200)
    assert dl("fetch", urls).stderr.count(b"only http and https") == 200
    written = on_a_terminal(dl, "fetch", urls, "-v", env=ON_A_TERMINAL, status=1)
    assert written.count("only http and https") == 200


def test_records_and_report_hold_every_failure_on_a_terminal(
    dl: Installed, web: GoodServer
) -> None:
    urls = list_of_bad(dl, web, 200)
    options = ("--format", "json", "--report", "r.json")
    on_a_terminal(dl, "fetch", urls, *options, env=ON_A_TERMINAL, status=1, out="records")
    records = (dl.folder / "records").read_text().splitlines()
    report = json.loads((dl.folder / "r.json").read_text())
    assert sum(json.loads(line)["status"] == "failed" for line in records) == 200
    assert len(report["failures"]) == 200


def test_a_terminal_that_hangs_up_costs_no_file(dl: Installed, web: GoodServer) -> None:
    """Writing to it fails from then on; the run was told to ignore the hang-up."""
    ours, theirs = pty.openpty()
    arguments = ("fetch", web.url("/a.bin"), "--format", "none")
    with dl.begin(*arguments, env=ON_A_TERMINAL, stderr=theirs) as process:
        os.close(theirs)
        os.close(ours)
    assert process.returncode == 0
    assert list(dl.files()) == ["a.bin"]


def test_help_fits_80_columns(dl: Installed) -> None:
    for verb in ([], ["fetch"], ["hash"], ["verify"], ["compare"], ["demo"]):
        text = dl(*verb, "--help").stdout.decode()
        assert max(map(len, text.splitlines())) <= 80
        assert "Examples:" in text


def test_version_is_one_line(dl: Installed) -> None:
    assert re.fullmatch(rb"dl \d+\.\d+\.\d+\S*\n", dl("--version").stdout)


def test_the_module_is_the_command(dl: Installed) -> None:
    done = dl.python("import runpy, sys; sys.argv[1:] = ['-h']; runpy.run_module('downloader')", {})
    assert not done.stdout  # imported, it does nothing
    done = dl.module("hash", str(Path(__file__)))
    assert done.stdout == dl("hash", str(Path(__file__))).stdout != b""
    assert dl.module("fetch", "--help").stdout.startswith(b"Usage: dl fetch ")
