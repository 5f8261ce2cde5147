"""Small files: the fetcher in a run, plain sessions in threads, and curl -Z, in alternation.

python tests/benchmarks/small_files.py [FILES [ROUNDS]]

An nginx on this machine serves files of 10 KB; each client fetches all of them over 8 connections,
one client after the other, again and again. Told are the medians, and how they compare: times of
one machine mean little, ratios of one run more.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from socket import create_connection, create_server
from threading import local

import requests

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from downloader import Options  # noqa: E402  found by the line above
from downloader.assemble import http_fetcher  # noqa: E402
from downloader.models import Job, UrlItem  # noqa: E402
from downloader.shared import LoadMeter, Stop  # noqa: E402
from downloader.storage.local import LocalStorage  # noqa: E402

SIZE = 10_000  # bytes
THREADS = 8
CONFIGURATION = """
daemon off; pid {top}/pid; error_log stderr crit; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off; keepalive_requests 1000000; sendfile on; tcp_nopush on;
    client_body_temp_path {top}/b; proxy_temp_path {top}/p; fastcgi_temp_path {top}/f;
    uwsgi_temp_path {top}/u; scgi_temp_path {top}/s;
    server {{ listen 127.0.0.1:{port}; root {top}/www; }}
}}
"""
Client = Callable[[Sequence[str], str], None]


@contextmanager
def nginx(top: Path, files: int) -> Iterator[list[str]]:
    """Serve the files; yield their URLs."""
    (top / "www").mkdir()
    for number in range(files):
        (top / "www" / f"{number}.bin").write_bytes(os.urandom(SIZE))
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (top / "conf").write_text(CONFIGURATION.format(top=top, port=port))
    top.chmod(0o755)  # nginx reads as another user where root starts it
    with subprocess.Popen(["nginx", "-c", str(top / "conf"), "-p", str(top)]) as server:
        try:
            _wait_for(port)
            yield [f"http://127.0.0.1:{port}/{number}.bin" for number in range(files)]
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def fetcher(urls: Sequence[str], folder: str) -> None:
    """Fetch with the part of `dl fetch` that does: no hashing, no journal."""
    options, meter, stop = Options(dir=folder, threads=THREADS, proxy=""), LoadMeter(), Stop()
    jobs = [Job(UrlItem(url), url, url.rpartition("/")[2]) for url in urls]
    with closing(LocalStorage(folder)) as storage:
        ours = http_fetcher(options, storage, meter, stop)

        def fetch(job: Job) -> None:
            result = ours.fetch(job)
            assert result.failure is None, result.failure
            storage.commit(result.part, job.path, None)

        with closing(ours), ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(fetch, jobs))


def sessions(urls: Sequence[str], folder: str) -> None:
    """Fetch with one `requests.Session` a thread, as most scripts do."""
    mine = local()

    def fetch(url: str) -> None:
        if not hasattr(mine, "session"):
            mine.session = requests.Session()
            mine.session.trust_env = False
        with mine.session.get(url, timeout=30, stream=True) as reply:
            reply.raise_for_status()
            with open(os.path.join(folder, url.rpartition("/")[2]), "wb") as file:
                for piece in reply.iter_content(1 << 16):
                    file.write(piece)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(fetch, urls))


def command(urls: Sequence[str], folder: str) -> None:
    """Fetch with the whole command: hashing, journal and report included."""
    Path(folder, "urls.txt").write_text("".join(f"{url}\n" for url in urls))
    line = [sys.executable, "-m", "downloader", "fetch", "urls.txt", "-d", "got", "--proxy", ""]
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    subprocess.run(
        [*line, "-t", str(THREADS), "--format", "none", "-q"], cwd=folder, env=environ, check=True
    )


def curl(urls: Sequence[str], folder: str) -> None:
    """Fetch with curl in parallel."""
    lines = "".join(f'url = "{url}"\nremote-name\n' for url in urls)
    options = ["-sSf", "-Z", "--parallel-max", str(THREADS), "--noproxy", "*", "-K", "-"]
    quiet = subprocess.DEVNULL  # -s does not silence the meter of -Z everywhere
    subprocess.run(["curl", *options], cwd=folder, input=lines.encode(), stderr=quiet, check=True)


CLIENTS: dict[str, Client] = {
    "HttpFetcher in threads": fetcher,
    "dl fetch, all of it": command,
    "Session.get in threads": sessions,
    "curl -Z": curl,
}


def seconds(client: Client, urls: Sequence[str]) -> float:
    """Return how long a client takes, having seen that every file is there."""
    with tempfile.TemporaryDirectory(prefix="small-") as folder:
        began = time.perf_counter()
        client(urls, folder)
        took = time.perf_counter() - began
        whole = [path for path in Path(folder).rglob("*.bin") if path.stat().st_size == SIZE]
        assert len(whole) == len(urls)
    return took


def main(files: int = 2000, rounds: int = 5) -> None:
    """Measure and print a table."""
    missing = [each for each in ("nginx", "curl") if not shutil.which(each)]
    if missing:
        sys.exit(f"skipped: no {' and no '.join(missing)} here")
    taken: dict[str, list[float]] = {name: [] for name in CLIENTS}
    with tempfile.TemporaryDirectory(prefix="nginx-") as top, nginx(Path(top), files) as urls:
        for _ in range(rounds):
            for name, client in CLIENTS.items():
                taken[name].append(seconds(client, urls))
    middle = {name: statistics.median(each) for name, each in taken.items()}
    slowest = middle["Session.get in threads"]
    lines = ["| client | seconds | files a second | times Session.get |", "|---|---|---|---|"]
    for name, took in middle.items():
        lines.append(f"| {name} | {took:.2f} | {files / took:.0f} | {slowest / took:.1f} |")
    sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
