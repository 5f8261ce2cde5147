"""Draws the README's picture of the terminal, from a real run in a pseudo-terminal.

    python tests/benchmarks/terminal_picture.py docs/terminal.svg

A server on this machine sends some files slowly, one of them broken; nothing else is needed.
"""

from __future__ import annotations

import hashlib
import os
import pty
import select
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from good import GoodServer, Reply, Route
from installed import Installed
from picture import Panel, svg
from screen import Cell, Screen

COLUMNS, LINES = 80, 24
COMMAND = "dl fetch urls.txt > SHA256SUMS"
TITLE = "dl fetches a list: bars while it runs, and the report at its end"
NAMES = [f"scene-{number:03d}.tif" for number in range(1, 41)]
RATE = 1_500_000.0  # bytes a second of each connection
LOOKED = 1.4  # seconds after which the first screen is drawn
SIZES = (240_000, 700_000, 120_000, 1_600_000, 60_000)
WRONG = f"scene-012.tif  sha256:{hashlib.sha256(b'as it was published').hexdigest()}"


def files() -> dict[str, Route]:
    """Return what the server has: all but two of the files."""
    served: dict[str, Route] = {
        f"/{name}": name.encode() * (SIZES[n % len(SIZES)] // len(name))
        for n, name in enumerate(NAMES)
    }
    return served | {"/scene-005.tif": Reply(b"", 404), "/scene-021.tif": Reply(b"", 404)}


def written(dl: Installed, terminal: int, end: int) -> Iterator[tuple[float, str]]:
    """Run the command on a terminal; yield what it writes, with the seconds since its start."""
    began = time.monotonic()
    env = {"TERM": "xterm", "DL_FORMAT": "sums"}
    with open(dl.folder / "SHA256SUMS", "wb") as out:
        process = dl.begin("fetch", "urls.txt", env=env, stdout=out, stderr=end, stdin=end)
        os.close(end)
        with process:
            while select.select([terminal], [], [], 30)[0]:
                try:
                    data = os.read(terminal, 1 << 16)
                except OSError:  # what a terminal says when nobody writes to it any more
                    return
                yield time.monotonic() - began, data.decode()


def screens(dl: Installed) -> list[Panel]:
    """Return the screen some time after the start, and at the end."""
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (LINES, COLUMNS))
    screen = Screen(COLUMNS)
    middle: list[list[Cell]] = []
    for seconds, text in written(dl, terminal, end):
        if seconds > LOOKED and not middle:
            middle = [list(row) for row in screen.rows]
        screen.feed(text)
    os.close(terminal)
    return [(f"$ {COMMAND}", kept(middle)), ("and when it is done", kept(screen.rows))]


def kept(rows: list[list[Cell]]) -> list[list[Cell]]:
    """Return the rows without empty ones at their end."""
    last = max((n for n, row in enumerate(rows) if any(c.character != " " for c in row)), default=0)
    return rows[: last + 1]


def main(target: str) -> None:
    """Draw the picture to a file."""
    with tempfile.TemporaryDirectory() as folder, GoodServer(files(), rate=RATE) as server:
        dl = Installed(Path(folder))
        lines = [server.url(f"/{name}") for name in NAMES]
        dl.write_list([f"{line}  {WRONG}" if "012" in line else line for line in lines])
        Path(target).write_text(svg(screens(dl), COLUMNS, TITLE), encoding="utf-8")


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[1] / name) for name in ("servers", "rigs")]
    main(sys.argv[1])
