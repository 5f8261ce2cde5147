"""A long run among faults, killed again and again: `python tests/rigs/soak.py --items 20000`.

The command as it is installed fetches a list from hosts that break a fifth of their replies. It is
killed at moments that its records set, begun again with --continue until it ends by itself, and
then once more until nothing changes. What is wrong afterwards is listed; figures go with it.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from installed import Installed
from soak_replies import HARMLESS, content
from watching import Peaks, left_of, sampled

SERVERS = Path(__file__).parents[1] / "servers"
TIMES = ("--timeout", "1", "--first-byte-timeout", "1")
OPTIONS = ("--continue", "--threads", "8", "--retries", "5", *TIMES, "--format", "json")
FIXED = {"gone": "http-status", "loop": "redirect"}  # what fails always, and how
# Options that leave small files to the fetch threads, or to one thread, or to processes.
WAYS = {"threads": ("--fsync",), "multiplexer": (), "processes": ("--fetch-processes", "2")}
MORE_RUNS = 4  # after the one that ended by itself

Record = dict[str, Any]


@dataclass
class Run:
    """What one run told; `status` is negative where it was killed."""

    records: list[Record] = field(default_factory=list)
    status: int = 0
    errors: str = ""

    def names(self, *statuses: str) -> set[str]:
        """Return the items that ended so."""
        return {_name(each) for each in self.records if each["status"] in statuses}


class Soak:
    """A soak in a folder of its own; `wrong` says all that should not be, one sentence each."""

    def __init__(
        self, folder: Path, items: int, kills: int, seed: int = 1, way: str = "multiplexer"
    ) -> None:
        self.wrong: list[str] = []
        self.runs: list[Run] = []
        self.peaks = Peaks()
        self.killed = 0
        self.seconds = 0.0
        self.again = 0
        self._dl = Installed(folder)
        self._seed = seed
        self._options = (*OPTIONS, *WAYS[way])
        self._chance = random.Random(seed)
        self._kills = kills
        self._names = _names(items, self._chance)
        good = [name for name in self._names if not name.startswith((*FIXED,))]
        self._truth = {name: hashlib.sha256(content(name)).hexdigest() for name in good}
        self.server: dict[str, Any] = {}

    def run(self) -> None:
        """Do it all."""
        began = time.monotonic()
        with _server(self._seed, self.server) as ports:
            sites = itertools.cycle(f"http://127.0.0.1:{port}" for port in ports)
            self._dl.write_list([f"{next(sites)}/{name}" for name in self._names])
            for left in range(self._kills, 0, -1):
                missing = len(self._truth) - len(self._standing())
                goal = int(missing / (left + 1) * self._chance.uniform(0.3, 1.3))
                self._once(max(goal, 1))
            self._once(None)
            self._converge()
        self.seconds = time.monotonic() - began
        self._check_end()

    def figures(self) -> dict[str, Any]:
        """Return what is to be reported."""
        replies = self.server["replies"]
        broken = {kind: count for kind, count in replies.items() if kind != "as it should be"}
        resumed = {_name(e) for run in self.runs for e in run.records if e["resumed_from"]}
        return {
            "items": len(self._names),
            "replies out of order": sum(broken.values()),
            "of them with the file": sum(broken.get(kind, 0) for kind in HARMLESS),
            "by kind": broken,
            "kills": self.killed,
            "runs": len(self.runs),
            "seconds": round(self.seconds, 1),
            **{key: value for key, value in self.server.items() if key != "replies"},
            "bytes stored": sum(len(content(name)) for name in self._truth),
            "resumed items": len(resumed),
            "fetched again after they were told": self.again,
            "failed in each run": [
                Counter(e["error"]["kind"] for e in run.records if e["error"]) for run in self.runs
            ],
            "peak RSS MiB": round(self.peaks.kib / 1024, 1),
            "most open files": self.peaks.files,
            "most threads": self.peaks.threads,
            "wrong": self.wrong,
        }

    def _once(self, goal: int | None) -> None:
        """Run the command; kill it once it has told of `goal` files that it stored."""
        run = Run()
        with (
            (self._dl.folder / "errors").open("w+b") as errors,
            self._dl.begin(
                *("fetch", "urls.txt", *self._options), stderr=errors, start_new_session=True
            ) as process,
            sampled(self.peaks, process.pid),
        ):
            assert process.stdout
            stored = 0
            for line in process.stdout:
                if line.endswith(b"\n"):  # the last one before a kill may be cut
                    run.records.append(json.loads(line))
                    stored += run.records[-1]["status"] == "stored"
                if goal is not None and stored >= goal:
                    goal = None
                    time.sleep(self._chance.uniform(0.0, 0.05))
                    process.kill()
            run.status = process.wait()
            errors.seek(0)
            run.errors = errors.read().decode()
        if orphans := left_of(process.pid):
            self.wrong.append(f"run {len(self.runs) + 1}: {orphans} processes are left")
        self._check(run)
        self.runs.append(run)

    def _converge(self) -> None:
        """Continue until there is nothing left to do."""
        for _ in range(MORE_RUNS):
            last = self.runs[-1]
            self._once(None)
            if last.names("failed") == self.runs[-1].names("failed"):
                return

    def _check(self, run: Run) -> None:
        """Check what holds after every run, killed or not."""
        said = f"run {len(self.runs) + 1}: "
        self.killed += run.status < 0
        for name, digest in self._standing().items():
            if self._truth.get(name) != digest:
                self.wrong.append(f"{said}wrong bytes in {name}")
        if "Traceback" in run.errors:
            self.wrong.append(f"{said}a traceback: {run.errors[-2000:]}")
        if run.status not in (1, -9):
            self.wrong.append(f"{said}it ended with {run.status}: {run.errors[-2000:]}")
        told = Counter(map(_name, run.records))
        self.wrong += [f"{said}{name} was told {n} times" for name, n in told.items() if n > 1]
        for each in run.records:
            self._check_record(said, each)
        if self.runs:
            self.again += len(self.runs[-1].names("stored", "kept") & run.names("stored"))

    def _check_record(self, said: str, told: Record) -> None:
        name = _name(told)
        if told["status"] == "failed":
            kind = FIXED.get(name.partition("-")[0], told["error"]["kind"])
            curable = told["error"]["kind"] in ("protocol", "incomplete", "timeout", "connect")
            if told["error"]["kind"] != kind or not (name not in self._truth or curable):
                self.wrong.append(f"{said}{name} failed: {told['error']}")
        elif told["digests"] != {"sha256": self._truth.get(name)}:
            self.wrong.append(f"{said}another digest was told of {name}: {told}")

    def _check_end(self) -> None:
        """Check what the last run left."""
        last = self.runs[-1]
        fixed = set(self._names) - self._truth.keys()
        if sorted(map(_name, last.records)) != sorted(self._names):  # each exactly once
            self.wrong.append(f"the last run told of {len(last.records)} items")
        if last.names("failed") != fixed:
            self.wrong.append(f"not what should fail: {sorted(last.names('failed') ^ fixed)}")
        if last.names("kept") != self._truth.keys():
            self.wrong.append("the last run found something to do")
        if self._standing() != self._truth:
            odd = self._standing().keys() ^ self._truth.keys()
            self.wrong.append(f"the folder holds other files: {sorted(odd)}")
        if self._dl.parts():
            self.wrong.append(f"parts are left: {self._dl.parts()}")

    def _standing(self) -> dict[str, str]:
        """Return the digests of the files that stand."""
        files = self._dl.files() if (self._dl.folder / "downloads").is_dir() else {}
        return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def _names(items: int, chance: random.Random) -> list[str]:
    kinds = {
        "gone": max(4, items // 500),
        "loop": max(2, items // 1000),
        "large": max(4, items // 250),
        "changing": max(2, items // 1000),
    }
    kinds["small"] = items - sum(kinds.values())
    names = [f"{kind}-{i:05}.bin" for kind, count in kinds.items() for i in range(count)]
    chance.shuffle(names)
    return names


def _name(told: Record) -> str:
    return str(told["url"]).rpartition("/")[2]


@contextmanager
def _server(seed: int, figures: dict[str, Any]) -> Iterator[list[int]]:
    """Serve in a process of its own; yield the ports; gather the figures at the end."""
    command = [sys.executable, str(Path(__file__).with_name("soak_server.py")), str(seed)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(SERVERS)},
    ) as process:
        assert process.stdout
        try:
            yield json.loads(process.stdout.readline())
            figures.update(json.loads(process.communicate()[0]))
        except BaseException:
            process.kill()
            raise


def main() -> int:
    """Soak, and say the figures."""
    parser = argparse.ArgumentParser(description="Fetch among faults, killed again and again.")
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--way", choices=WAYS, default="multiplexer")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(Path(folder), given.items, given.kills, given.seed, given.way)
        soak.run()
    sys.stdout.write(json.dumps(soak.figures(), indent=1) + "\n")
    return 1 if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
