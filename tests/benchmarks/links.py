"""The way from clients to the server: loopback, two network namespaces, or a delaying relay."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from private_nginx import free_port, nginx
from spending import NoResult
from workloads import LOOPBACK, Link

# Addresses and a port within the namespaces, from where no way leads out (RFC 5737: examples).
SERVER, CLIENT, PORT = "192.0.2.1", "192.0.2.2", 8080
WIRE = "wire"  # the interface in each of them
QUEUE = 100_000  # packets on their way: more than any workload has
# A bucket holds more than the largest packet of a local link; a router's queue, in time.
BUCKET, WAITING = "128kb", "50ms"


@dataclass(frozen=True, slots=True)
class Site:
    """Where clients find the files, what goes before their commands, and by what they get there."""

    url: str
    before: tuple[str, ...] = ()
    by: str = "loopback"


@contextmanager
def served(root: Path, link: Link) -> Iterator[Site]:
    """Serve a folder behind a link; raises `NoResult` if this machine cannot."""
    with ExitStack() as stack:
        if link == LOOPBACK:
            yield stack.enter_context(_near(root))
        elif can_shape(link):
            yield stack.enter_context(_shaped(root, link))
        elif not link.rate:
            yield stack.enter_context(_relayed(root, link))
        else:
            raise NoResult("skipped: root, ip and tc with tbf are needed")


@contextmanager
def _near(root: Path) -> Iterator[Site]:
    address = f"127.0.0.1:{free_port()}"
    with nginx(root, address):
        yield Site(f"http://{address}")


@contextmanager
def _relayed(root: Path, link: Link) -> Iterator[Site]:
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("relay.py"))]
    arguments = [str(port), str(link.round_trip)]
    with (
        nginx(root, f"127.0.0.1:{port}"),
        subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE, text=True) as relay,
    ):
        try:
            assert relay.stdout
            yield Site(f"http://127.0.0.1:{int(relay.stdout.readline())}", by="relay")
        finally:
            relay.terminate()


@contextmanager
def _shaped(root: Path, link: Link) -> Iterator[Site]:
    with (
        namespaces(link) as (server, client),
        nginx(root, f"{SERVER}:{PORT}", ("ip", "netns", "exec", server)),
    ):
        by = "tbf" if link.rate else "netem"
        yield Site(f"http://{SERVER}:{PORT}", ("ip", "netns", "exec", client), by)


def can_shape(link: Link) -> bool:
    """Return True if this process may make namespaces, and the kernel knows such a link."""
    if os.geteuid() != 0 or not (shutil.which("ip") and shutil.which("tc")):
        return False
    try:
        with namespaces(link):
            return True
    except subprocess.CalledProcessError:
        return False


@contextmanager
def namespaces(link: Link) -> Iterator[tuple[str, str]]:
    """Make two namespaces with a link between them and nothing else; yield their names."""
    names = (f"bench-{os.getpid()}-server", f"bench-{os.getpid()}-client")
    with ExitStack() as stack:
        for name in names:
            _run("ip", "netns", "add", name)
            stack.callback(_run, "ip", "netns", "del", name)
        server, client = names
        peer = ("peer", "name", WIRE, "netns", client)
        _run("ip", "link", "add", "name", WIRE, "netns", server, "type", "veth", *peer)
        for name, address in zip(names, (SERVER, CLIENT), strict=True):
            _run("ip", "-n", name, "addr", "add", f"{address}/24", "dev", WIRE)
            _run("ip", "-n", name, "link", "set", "lo", "up")
            _run("ip", "-n", name, "link", "set", WIRE, "up")
            _run("tc", "-n", name, "qdisc", "add", "dev", WIRE, "root", *discipline(link))
        yield names


def discipline(link: Link) -> list[str]:
    """Return what tc is to do at each end of a link that has a round trip or a rate."""
    if link.rate:
        return ["tbf", "rate", f"{link.rate}bit", "burst", BUCKET, "latency", WAITING]
    return ["netem", "delay", f"{link.round_trip / 2 * 1000:g}ms", "limit", str(QUEUE)]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
