"""An nginx of one's own, with its configuration in a temporary folder."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

TINY = b"tiny\n"  # the body of everything below /tiny/
PATIENCE = 10.0  # seconds for the server to begin
CONFIGURATION = """
daemon off; pid {top}/pid; error_log stderr crit;
worker_processes 2; worker_rlimit_nofile 8192;
events {{ worker_connections 4096; }}
http {{
    access_log off; keepalive_requests 100000000; sendfile on; tcp_nopush on;
    client_body_temp_path {top}/b; proxy_temp_path {top}/p; fastcgi_temp_path {top}/f;
    uwsgi_temp_path {top}/u; scgi_temp_path {top}/s;
    limit_req_zone $binary_remote_addr zone=each:1m rate=20r/s;
    server {{
        listen {address} backlog=1024; root {root};
        location /tiny/ {{ return 200 "tiny\\n"; }}
        location /metered/ {{ limit_rate 400k; alias {root}/; }}
        location /burst/ {{ limit_rate 400k; limit_rate_after 500k; alias {root}/; }}
        location /spaced/ {{ limit_req zone=each burst=1000; alias {root}/; }}
    }}
}}
"""


@contextmanager
def nginx(root: Path, address: str, before: Sequence[str] = ()) -> Iterator[None]:
    """Serve a folder at "host:port"; `before` is what goes before the command."""
    with tempfile.TemporaryDirectory(prefix="nginx-") as folder:
        top = Path(folder)
        top.chmod(0o755)  # nginx reads as another user if root starts it
        (top / "conf").write_text(CONFIGURATION.format(top=top, root=root, address=address))
        command = [*before, "nginx", "-c", str(top / "conf"), "-p", folder, "-e", "stderr"]
        with subprocess.Popen(command) as server:
            try:
                _wait_for(server, top / "pid")
                yield
            finally:
                server.terminate()


def free_port() -> int:
    """Return a port of the loopback interface that nobody uses."""
    with create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _wait_for(server: subprocess.Popen[bytes], pid: Path) -> None:
    """Wait for the file that nginx writes when it listens."""
    deadline = time.monotonic() + PATIENCE
    while not pid.exists():
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("nginx has not begun")
        time.sleep(0.02)
