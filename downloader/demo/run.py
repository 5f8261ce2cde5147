"""The demonstration: one list, fetched one item at a time and then in parallel, all checked.

Both runs are `api.fetch` and nothing else, into the same throw-away folder, so the second report
can quote the first one as measured.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from downloader import api
from downloader.demo import server
from downloader.errors import LocalError
from downloader.models import Event, Finished, Mode, Report
from downloader.options import Options
from downloader.protocols import Reporter
from downloader.reporters import Fan, Silent
from downloader.shared import Stop
from downloader.text import plural, seconds, size

# Seconds that the server gets to end by itself.
PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Served:
    """What the server serves, and where: URLs with the SHA-256 that the server computed."""

    digests: Mapping[str, str]
    bytes: int


@dataclass(frozen=True, slots=True)
class Checked:
    """One run: its report, and the URLs whose digest was, or was not, the server's."""

    report: Report
    right: frozenset[str]
    wrong: frozenset[str]


class Checker:
    """Compares the digests that a run reports with the server's."""

    def __init__(self, served: Served) -> None:
        self._digests = served.digests
        self._right: set[str] = set()

    def tell(self, event: Event) -> None:
        """Take note of an item that is done."""
        if isinstance(event, Finished) and event.outcome.status == "stored":
            url = event.outcome.url or ""
            found = {digest.hexdigest for digest in event.outcome.digests}
            if self._digests.get(url) in found:
                self._right.add(url)

    def checked(self, report: Report) -> Checked:
        """Return what was found; what did not arrive is wrong as well."""
        return Checked(report, frozenset(self._right), frozenset(self._digests) - self._right)


class Demo:
    """The demonstration, a run after the other: sequential first, then parallel."""

    def __init__(self, served: Served, folder: str, stop: Stop | None = None) -> None:
        self.served = served
        self._stop = stop or Stop()
        self._list = os.path.join(folder, "urls.txt")
        self._files = os.path.join(folder, "files")
        with open(self._list, "w", encoding="utf-8") as stream:
            stream.writelines(f"{url}\n" for url in served.digests)

    def run(self, mode: Mode, reporter: Reporter | None = None) -> Checked:
        """Fetch the whole list in one mode and check every digest."""
        checker = Checker(self.served)
        # No proxy of the environment stands between this machine and itself.
        options = Options(dir=self._files, sequential=mode == "sequential", proxy="")
        told = Fan(checker, reporter or Silent())
        report = api.fetch(self._list, options, reporter=told, stop=self._stop)
        return checker.checked(report)


@contextmanager
def demo(stop: Stop | None = None) -> Iterator[Demo]:
    """Start the server, make the list and a folder for it; leave nothing at the end."""
    with serving() as served, _temporary() as folder:
        yield Demo(served, folder, stop)


@contextmanager
def serving() -> Iterator[Served]:
    """Run the server in a process of its own, deaf to the terminal's Ctrl-C: we end it ourselves.

    Raises `LocalError` where it cannot be started.
    """
    command = [sys.executable, "-I", server.__file__]
    with _started(command) as process:
        try:
            assert process.stdout is not None
            yield served_by(process.stdout.readline())
        finally:
            _end(process)


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise LocalError(f"the server of the demonstration did not start: {error}") from error


def served_by(line: bytes) -> Served:
    """Read the line that the server printed; raises `LocalError` where there is none."""
    try:
        told = json.loads(line)
    except ValueError:
        raise LocalError("the server of the demonstration did not start") from None
    base = f"http://127.0.0.1:{told['port']}"
    digests = {base + file["path"]: file["sha256"] for file in told["files"]}
    return Served(digests, sum(file["size"] for file in told["files"]))


def _end(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


@contextmanager
def _temporary() -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="dl-demo-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def introduction(served: Served) -> str:
    """Say what is about to happen."""
    return (
        f"A server on this machine serves {plural('file', len(served.digests))}, "
        f"{size(served.bytes)}. It is slow on purpose: each request waits "
        f"{server.DELAY * 1000:.0f} ms, and each connection is capped at "
        f"{size(server.CAP)}/s."
    )


def verified(checked: Checked) -> str:
    """Say whether every digest was right."""
    right, wrong = len(checked.right), len(checked.wrong)
    if not wrong:
        return f"all {right} SHA-256 digests are those that the server computed"
    return f"{wrong} of {right + wrong} files are not what the server serves"


def explanation(sequential: Report, parallel: Report) -> str:
    """Say in two sentences where the time went."""
    one, many = sequential.seconds, parallel.seconds
    return (
        f"One at a time, {seconds(one.fetch)} of {seconds(one.wall)} went by in waiting for "
        f"the server, while this machine had next to nothing to do. In parallel, "
        f"{plural('thread', parallel.threads)} waited at the same time, and each file was hashed "
        f"by another process as soon as it had landed, so the same work took "
        f"{seconds(many.wall)}."
    )


NEXT = """\
Try next:
  dl fetch URLS.txt      your own list: a URL a line
  dl compare URLS.txt    measure both modes on it
  dl compare --matrix URLS.txt
                         how much each number of threads and processes saves"""
