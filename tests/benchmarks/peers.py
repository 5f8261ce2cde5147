"""dl beside curl, wget2 and aria2c, as Markdown: seconds, ratios and processor time.

python tests/benchmarks/peers.py [--runs 5] [--only NAME ...] [--dl NAME=COMMAND]... [--scale]

An nginx of its own serves the files; every client fetches and hashes all of them, one client after
the other, again and again, each time into a fresh folder where the bytes are checked. Peers do not
hash: their files are hashed afterwards in several ways, and the best one counts. Seconds of one
machine mean little; ratios of one run mean more.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from clients import OTHERS, PEERS, Client, all_dls
from rounds import Bench, Results, measure
from scaling import scale_rows
from spending import NoResult
from surroundings import file_system, machine, versions
from tables import SCALE_HEAD, peers_head, peers_row
from workloads import WORKLOADS, Workload

# A tmpfs on Linux; by the standard of file hierarchies, /var/tmp is on a disk.
MEMORY, DISK = Path("/dev/shm"), Path("/var/tmp")


def main() -> None:
    """Measure, and print what was asked for."""
    asked = arguments()
    if not shutil.which("nginx"):
        sys.exit("skipped: no nginx here")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that all is cleared away
    dls = all_dls(asked.dl)
    with ExitStack() as stack:
        memory = stack.enter_context(_folder(MEMORY if MEMORY.is_dir() else DISK))
        disk = stack.enter_context(_folder(asked.disk))
        lines = scaled(dls, memory) if asked.scale else table(asked, dls, memory, disk)
        for line in lines:
            sys.stdout.write(line)
            sys.stdout.flush()


def arguments() -> argparse.Namespace:
    """Read the command line."""
    names = [workload.name for workload in WORKLOADS]
    text, _, more = (__doc__ or "").partition("\n")
    parser = argparse.ArgumentParser(description=text, epilog=more.partition("\n\n")[2])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="rounds [5]")
    parser.add_argument(
        "--only", nargs="+", choices=names, metavar="NAME", default=names, help=", ".join(names)
    )
    parser.add_argument(
        "--dl",
        action="append",
        metavar="NAME=COMMAND",
        default=[],
        help="another dl to measure, a command of the shell; given as dl=..., in place of this one",
    )
    parser.add_argument("--scale", action="store_true", help="the cost of an item among many")
    parser.add_argument("--disk", type=Path, default=DISK, metavar="DIR", help=f"[{DISK}]")
    return parser.parse_args()


def _folder(top: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="peers-", dir=top)


def table(
    asked: argparse.Namespace, dls: list[Client], memory_folder: str, disk_folder: str
) -> Iterator[str]:
    """Return the lines of the table of workloads, as they are measured."""
    memory, disk = Path(memory_folder), Path(disk_folder)
    memory.chmod(0o755)  # nginx reads as another user if root starts it
    yield f"{versions([*dls, *PEERS])}\n{machine()}; memory is {file_system(memory)}, "
    yield f"disk is {file_system(disk)}\n\n"
    yield f"Seconds: median of {asked.runs} runs in alternation (lowest to highest).\n\n"
    names, peers = [each.name for each in dls], [each.name for each in PEERS]
    yield peers_head(names, peers)
    for workload in WORKLOADS:
        if workload.name in asked.only:
            clients = [*dls, *PEERS, *(each for each in OTHERS if each.name in workload.also)]
            bench = Bench(clients, asked.runs, memory, {"memory": memory, "disk": disk})
            yield peers_row(workload, _measured(bench, workload), names, peers)


def _measured(bench: Bench, workload: Workload) -> Results:
    """Measure a workload; one that this machine cannot have has a reason in place of figures."""
    try:
        return measure(bench, workload)
    except NoResult as reason:
        return Results(failures={client.name: str(reason) for client in bench.clients})


def scaled(dls: list[Client], memory: str) -> Iterator[str]:
    """Return the lines of the table of scales, as they are measured."""
    yield f"{versions(dls)}\n{machine()}; into {file_system(Path(memory))}\n\n"
    yield SCALE_HEAD
    for client in dls:
        yield from scale_rows(client, Path(memory))


if __name__ == "__main__":
    main()
