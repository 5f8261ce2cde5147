"""Rounds of a workload: every client once, and then again."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bodies import check_files, check_sums, file_name, make_files
from clients import GOT, LIST, Client, hashers
from links import Site, served
from spending import OUTPUT, Cost, NoResult, spend
from workloads import Place, Workload

LIMIT = 900.0  # seconds for one command

# By client and hasher; "" for a client that hashes, or has nothing to hash.
Way = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Bench:
    """Who is measured, how often, and the folders: of what is served, and of both places."""

    clients: Sequence[Client]
    runs: int
    sources: Path
    places: dict[Place, Path]


@dataclass(slots=True)
class Results:
    """What a workload cost on each way, run by run; why clients are out; `by` which link."""

    costs: dict[Way, list[Cost]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    by: str = ""

    def add(self, client: str, costs: dict[str, Cost]) -> None:
        """Add one run of a client."""
        for hasher, cost in costs.items():
            self.costs.setdefault((client, hasher), []).append(cost)

    def fail(self, client: str, reason: str) -> None:
        """Leave a client out: the runs that it has do not count."""
        self.failures[client] = reason
        self.costs = {way: each for way, each in self.costs.items() if way[0] != client}


def measure(bench: Bench, workload: Workload) -> Results:
    """Run the rounds of a workload; raises `NoResult` if this machine does not have its link."""
    results = Results()
    source = bench.sources / str(workload.size)
    make_files(source, workload.files, workload.size)
    with served(source, workload.link) as site:
        results.by = site.by
        for number in range(bench.runs):
            _tell(f"{workload.name}, round {number + 1}:")
            _round(bench, workload, site, results)
            _tell("\n")
    return results


def _round(bench: Bench, workload: Workload, site: Site, results: Results) -> None:
    for client in bench.clients:
        if client.name in results.failures:
            continue
        if not client.installed():
            results.fail(client.name, "not installed")
            continue
        try:
            costs = _run(bench, workload, site, client)
        except NoResult as reason:
            results.fail(client.name, str(reason))
        else:
            results.add(client.name, costs)
            _tell(f" {client.name} {min(cost.seconds for cost in costs.values()):.3f}")


def _run(bench: Bench, workload: Workload, site: Site, client: Client) -> dict[str, Cost]:
    """Run a client once, in a fresh folder; return its cost by hasher, hashing included."""
    with _fresh(bench.places[workload.place], workload.place) as folder:
        (folder / GOT).mkdir()
        write_list(folder / LIST, client, f"{site.url}/{{}}", workload.files)
        if workload.place == "disk":
            os.sync()  # what the runs before have left to be written is not this one's
        line = ["sh", "-c", client.line(workload.connections)]
        fetched = spend([*site.before, *line], folder, LIMIT)
        if not client.fetches:
            return {"": fetched}
        source = bench.sources / str(workload.size)
        check_files(folder / GOT, source, workload.files, workload.size)
        if client.hashes:
            check_sums(folder / OUTPUT, source, workload.files)
            return {"": fetched}
        return _hashed(folder, source, workload.files, fetched)


@contextmanager
def _fresh(top: Path, place: Place) -> Iterator[Path]:
    """Make a folder. One on a disk stays there until all that was measured goes.

    For a minute after many files were deleted, ext4 makes new ones some ten times more slowly: it
    passes over the inodes of the old ones, one by one (`recently_deleted` in its ialloc.c).
    """
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=top))
    try:
        yield folder
    finally:
        if place == "memory":
            shutil.rmtree(folder)


def _hashed(folder: Path, source: Path, files: int, fetched: Cost) -> dict[str, Cost]:
    """Hash what was fetched in every way; return the cost of fetching and hashing by hasher."""
    costs = {}
    for name, line in hashers(files).items():
        costs[name] = fetched + spend(["sh", "-c", line], folder, LIMIT)
        check_sums(folder / OUTPUT, source, files)
    return costs


def write_list(path: Path, client: Client, url: str, files: int) -> None:
    """Write the list of a client; `url` has {} for the name of a file."""
    with path.open("w") as file:
        for name in map(file_name, range(files)):
            file.write(client.entry.format(url=url.format(name), name=name))


def _tell(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
