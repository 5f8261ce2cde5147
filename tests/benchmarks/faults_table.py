r"""What dl, curl, wget and aria2c do with the same faults, as a Markdown table.

python tests/benchmarks/faults_table.py

Each client is run as a careful user would for a list: failing on errors, following redirects, with
time limits. A cell has the exit status and what is at the final names. "wrong" is a file that is
not what the server has, with exit status 0: the only thing that nobody notices.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "servers")]

from listening import CERTIFICATE  # noqa: E402  found by the line above
from raw import End, RawServer, Script  # noqa: E402

TRUTH = b"truth " * 2000
SECONDS = 8  # for one run; the script has dozens of them, four at a time
PAGE = b"<html>not found</html>"
OK = b"HTTP/1.1 200 OK\r\n"


def reply(body: bytes = TRUTH, *lines: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", *lines]
    if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines):
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    framed = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + framed + end


def sent(data: bytes, then: End = "close") -> Script:
    return Script([data], then=then)


Scripts = dict[str, Script | Sequence[Script]]


@dataclass(frozen=True)
class Fault:
    """One row: what the server does, and which bytes are right for each final name.

    `second` is what the server does in a second, continued run.
    """

    title: str
    scripts: Scripts
    right: dict[str, bytes] = field(default_factory=dict)
    paths: tuple[str, ...] = ("/f",)
    second: Scripts | None = None
    tls: bool = False
    # What it is called where status 0 comes with bytes that are not right.
    bad: str = "wrong file, exit 0"


HALF = len(TRUTH) // 2
GZIPPED = gzip.compress(TRUTH * 50)
ETAG = 'ETag: "1"'
OTHER = b"other " * 2000
# Larger than what aria2 keeps of a file at least (1 MiB).
OLD, NEW = b"older " * 700_000, b"newer " * 700_000
LIMIT = 5 << 20
ENDLESS = [
    OK + b"Transfer-Encoding: chunked\r\n\r\n",
    *[b"10000\r\n" + b"x" * 65536 + b"\r\n"] * 400,
]
WHOLE = {"f": TRUTH}
FAULTS = [
    Fault(
        "body cut short of its Content-Length",
        {"/f": sent(reply(TRUTH)[:-HALF])},
    ),
    Fault("chunked body cut", {"/f": sent(chunked(TRUTH[:HALF], end=b""))}),
    Fault(
        "junk between chunks",
        {"/f": sent(chunked(TRUTH, end=b"junk\r\n5\r\n12345\r\n0\r\n\r\n"))},
    ),
    Fault(
        "two Content-Lengths",
        {"/f": sent(reply(TRUTH, "Content-Length: 5", f"Content-Length: {len(TRUTH)}"))},
    ),
    Fault("Content-Length: garbage", {"/f": sent(reply(TRUTH[:HALF], "Content-Length: 12x"))}),
    Fault("closed inside the header", {"/f": sent(OK + b"Content-Type: text/pl")}),
    Fault("reset in the body", {"/f": sent(reply(TRUTH)[:-HALF], "reset")}),
    Fault(
        "one 404 in a list",
        {"/f": sent(reply(), "keep"), "/g": sent(reply(PAGE, status="404 Not Found"), "keep")},
        WHOLE,
        ("/g", "/f"),
    ),
    Fault(
        "two URLs, one base name",
        {"/a/f": sent(reply(), "keep"), "/b/f": sent(reply(OTHER), "keep")},
        {"f": TRUTH, "f-2": OTHER},
        ("/a/f", "/b/f"),
    ),
    Fault(
        "resumed after the file changed",
        {"/f": sent(reply(OLD, ETAG, "Accept-Ranges: bytes")[: -len(OLD) // 3])},
        {"f": NEW},
        second={"/f": sent(b"by the range", "keep")},
    ),
    Fault(
        "429, Retry-After: 1, then 200",
        {
            "/f": [
                sent(reply(b"", "Retry-After: 1", status="429 Too Many Requests"), "keep"),
                sent(reply(), "keep"),
            ]
        },
        WHOLE,
    ),
    Fault(
        "206 to a plain GET",
        {"/f": sent(reply(TRUTH[:9], "Content-Range: bytes 0-8/99", status="206 Partial Content"))},
    ),
    Fault(
        "redirect from https to http",
        {"/f": sent(reply(b"", "Location: {http}/f", status="302 Found"))},
        tls=True,
        bad="followed",
    ),
    Fault(
        "redirect to file:",
        {"/f": sent(reply(b"", "Location: file:///etc/hostname", status="302 F"))},
    ),
    Fault(
        "own header after a redirect elsewhere",
        {"/f": sent(reply(b"", "Location: {http}/header", status="302 Found"))},
        {"f": b"none"},
        bad="header given away",
    ),
    Fault(
        "wrong Repr-Digest",
        {"/f": sent(reply(TRUTH, "Repr-Digest: sha-256=:" + "A" * 43 + "=:"), "keep")},
    ),
    Fault(
        "truncated gzip of the right length",
        {"/f": sent(reply(GZIPPED[: len(GZIPPED) // 2], "Content-Encoding: gzip"), "keep")},
        {"f": GZIPPED[: len(GZIPPED) // 2]},
    ),
    Fault(
        "endless body (limit asked for: 5 MiB; 25 MiB are sent)",
        {"/f": Script(ENDLESS, then="stall")},
        bad="no limit",
    ),
    Fault("more bytes than Content-Length", {"/f": sent(reply() + b"excess")}, WHOLE),
    Fault("103 before the 200", {"/f": sent(b"HTTP/1.1 103 Early Hints\r\n\r\n" + reply())}, WHOLE),
]

Command = Callable[[Sequence[str], bool], list[str]]


def dl(urls: Sequence[str], again: bool) -> list[str]:
    more = ["--continue"] if again else []
    command = [sys.executable, "-m", "downloader", "fetch", *urls, "-d", ".", "--cacert"]
    return [
        *command,
        CERTIFICATE,
        "-q",
        "--retries",
        "1",
        "--max-size",
        "5M",
        "-H",
        "X-Secret: 1",
        *more,
    ]


def curl(urls: Sequence[str], again: bool) -> list[str]:
    more = ["-C", "-"] if again else []
    each = [option for url in urls for option in ("-O", url)]
    common = [
        "--max-filesize",
        "5M",
        "-sSfL",
        "--retry",
        "1",
        "--cacert",
        CERTIFICATE,
        "--max-time",
        str(SECONDS - 1),
    ]
    return ["curl", "-Z", *common, "-H", "X-Secret: 1", *more, *each]


def wget(urls: Sequence[str], again: bool) -> list[str]:
    more = ["-c"] if again else []
    common = ["-q", "--tries=2", "--waitretry=1", "--timeout=3", f"--ca-certificate={CERTIFICATE}"]
    return ["wget", *common, "--header=X-Secret: 1", *more, *urls]


def aria2c(urls: Sequence[str], again: bool) -> list[str]:
    more = ["-c"] if again else []
    common = ["-q", "-Z", "-j8", "--max-tries=2", "--retry-wait=1", "--timeout=3", "--no-conf"]
    return [
        "aria2c",
        *common,
        f"--ca-certificate={CERTIFICATE}",
        "--header=X-Secret: 1",
        *more,
        *urls,
    ]


CLIENTS: dict[str, Command] = {"dl": dl, "curl": curl, "wget": wget, "aria2c": aria2c}


class Served(RawServer):
    """A raw server that also plays the changed file, and tells if it was given the secret."""

    def __init__(self, scripts: Scripts, elsewhere: str, *, tls: bool) -> None:
        self._elsewhere = elsewhere
        super().__init__(paths={path: self._ready(each) for path, each in scripts.items()}, tls=tls)

    def _ready(self, given: Script | Sequence[Script]) -> Script | list[Script]:
        if not isinstance(given, Script):
            return [self._one(each) for each in given]
        return self._one(given)

    def _one(self, given: Script) -> Script:
        pieces = [
            piece.replace(b"{http}", self._elsewhere.encode())
            if isinstance(piece, bytes)
            else piece
            for piece in given.pieces
        ]
        return Script(pieces, given.then, given.step, given.reads)

    def _script_for(self, request: object) -> Script | None:
        headers = request.headers  # type: ignore[attr-defined]  # a good.Request
        path = request.path  # type: ignore[attr-defined]
        found = super()._script_for(request)  # type: ignore[arg-type]
        if path == "/header":
            return sent(reply(headers.get("x-secret", "none").encode()), "keep")
        if found and found.pieces == [b"by the range"]:
            return sent(changed(headers), "keep")
        return found or sent(reply(), "keep")


def changed(headers: dict[str, str]) -> bytes:
    """Answer for the file that has changed: a condition that is asked for is obeyed."""
    asked = headers.get("range", "").removeprefix("bytes=").split("-")[0]
    if not asked or headers.get("if-range", '"2"') != '"2"':
        return reply(NEW, 'ETag: "2"')
    start = int(asked)
    span = f"Content-Range: bytes {start}-{len(NEW) - 1}/{len(NEW)}"
    return reply(NEW[start:], 'ETag: "2"', span, status="206 Partial Content")


def run(client: str, fault: Fault) -> str:
    """Return the cell of one client and one fault."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-"))
        other = stack.enter_context(Served({}, "", tls=False))
        server = stack.enter_context(Served(fault.scripts, other.url().rstrip("/"), tls=fault.tls))
        urls = [server.url(path) for path in fault.paths]
        status = called(client, urls, folder, again=False)
        if fault.second:
            server._paths = dict(fault.second)
            status = called(client, urls, folder, again=True)
        return verdict(fault, status, Path(folder))


def called(client: str, urls: Sequence[str], folder: str, *, again: bool) -> str:
    environ = {
        name: text for name, text in os.environ.items() if not name.lower().endswith("proxy")
    }
    environ |= {"PYTHONPATH": str(ROOT), "HOME": folder}
    command = CLIENTS[client](urls, again)
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return "time"
    return str(done.returncode)


def verdict(fault: Fault, status: str, folder: Path) -> str:
    """Say the status, what is there, and what that is worth."""
    there = {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.suffix != ".aria2"
    }
    said = ", ".join(described(data, fault) for _, data in sorted(there.items())) or "nothing"
    bodies, right = sorted(there.values()), sorted(fault.right.values())
    bad = [data for data in bodies if data not in right]
    if not bad and len(bodies) < len(right) and status == "0":
        return f"{status}: {said}: **file missing, exit 0**"
    if any(len(data) > LIMIT for data in bad) and "endless" in fault.title:
        return f"{status}: {said}: **no limit**"
    if bad and status == "0":
        return f"{status}: {said}: **{fault.bad}**"
    if bad:
        return f"{status}: {said}: wrong file left"
    return f"{status}: {said}: ok"


def described(data: bytes, fault: Fault) -> str:
    if data in fault.right.values():
        return "right"
    if data == PAGE:
        return "error page"
    return f"{len(data)} bytes"


def version(client: str) -> str:
    command = {"dl": [sys.executable, "-m", "downloader"]}.get(client, [client])
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "--version"], env=environ, capture_output=True, text=True, check=True
    )
    words = done.stdout.split("\n", 1)[0].replace("version ", "").replace("GNU ", "").split()
    return " ".join(words[:2]).lower()


def main() -> None:
    """Print the table."""
    clients = [name for name in CLIENTS if name == "dl" or shutil.which(name)]
    with ThreadPoolExecutor(4) as pool:
        rows = [(fault, [pool.submit(run, each, fault) for each in clients]) for fault in FAULTS]
        told(["fault", *map(version, clients)])
        told(["---"] * (len(clients) + 1))
        for fault, cells in rows:
            told([fault.title, *(cell.result() for cell in cells)])


def told(cells: Sequence[str]) -> None:
    sys.stdout.write(f"| {' | '.join(cells)} |\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
