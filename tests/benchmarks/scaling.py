"""What one item costs when there are many: processor time, and memory at most."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from clients import GOT, LIST, Client
from links import served
from private_nginx import TINY
from rounds import write_list
from spending import OUTPUT, Cost, NoResult, spend
from tables import row, scale_row
from workloads import LOOPBACK, SCALES, Scale

LIMIT = 4 * 3600.0  # seconds for one command


def scale_rows(client: Client, memory: Path) -> Iterator[str]:
    """Return the rows of a command, as they are measured."""
    with served(memory, LOOPBACK) as site:
        start: list[Cost] = []
        for scale in SCALES:
            try:
                costs = [_run(client, scale, site.url, memory) for _ in range(scale.runs)]
            except NoResult as reason:
                yield row([client.name, f"{scale.items:,}", str(scale.connections), str(reason)])
                continue
            start = start or costs
            yield scale_row(client.name, scale, costs, start)


def _run(client: Client, scale: Scale, url: str, memory: Path) -> Cost:
    with tempfile.TemporaryDirectory(prefix="run-", dir=memory) as top:
        folder = Path(top)
        (folder / GOT).mkdir()
        write_list(folder / LIST, client, f"{url}/tiny/{{}}", scale.items)
        cost = spend(["sh", "-c", client.line(scale.connections)], folder, LIMIT)
        _check(folder, scale.items)
    return cost


def _check(folder: Path, items: int) -> None:
    """Check that there are so many files and digests, and the right ones; raises `NoResult`."""
    found = (entry.stat().st_size for entry in os.scandir(folder / GOT) if entry.is_file())
    right = sum(size == len(TINY) for size in found)
    digest = hashlib.sha256(TINY).hexdigest()
    with (folder / OUTPUT).open() as lines:
        told = sum(line.startswith(digest) for line in lines)
    if (right, told) != (items, items):
        raise NoResult(f"{right} files and {told} digests of {items}")
