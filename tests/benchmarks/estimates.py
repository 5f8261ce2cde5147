"""The estimate beside the truth, as Markdown: under many conditions, with servers of its own.

python tests/benchmarks/estimates.py [--only NAME ...] [--threads 4 8 32] [--runs 2] [--keep FILE]
python tests/benchmarks/estimates.py --replay FILE

The truth is the median of sequential runs. `--keep` writes what the parallel runs observed;
`--replay` estimates anew from that, without a network.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bodies import file_name, make_files
from conditions import CONDITIONS, Condition
from links import Site, served
from spending import NoResult

from downloader import estimate
from downloader.models import Observations, Sample, Window

HERE = Path(__file__).parent
RIGHT = (0.8, 1.25)  # estimate / truth
LIMIT = 300.0  # seconds for one run
NOTHING = Observations(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0)
HELD = {condition.name: condition.held for condition in CONDITIONS}


class Case(NamedTuple):
    """One parallel run under a condition: what it observed, and the truth."""

    condition: str
    threads: int
    truth: float
    truths: tuple[float, ...]
    wall: float
    observed: Observations


def observations(values: Mapping[str, Any]) -> Observations:
    """Return what a recording holds."""
    found = Observations(**values)
    return found._replace(
        samples=tuple(Sample(*each) for each in found.samples),
        windows=tuple(Window(*each) for each in found.windows),
        pauses=tuple((host, span) for host, span in found.pauses),
    )


def main() -> None:
    """Measure or replay, and print the table."""
    asked = arguments()
    cases = replayed(asked.replay) if asked.replay else measured(asked)
    kept: list[Case] = []
    for line in table(_keeping(cases, kept)):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    if asked.keep:
        cases_ = [[*case[:-1], case.observed._asdict()] for case in kept]
        asked.keep.write_text(json.dumps(cases_))


def arguments() -> argparse.Namespace:
    """Read the command line."""
    names = [condition.name for condition in CONDITIONS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", default=names)
    parser.add_argument("--threads", nargs="+", type=int, default=[4, 8, 32], metavar="N")
    parser.add_argument("--runs", type=int, default=2, metavar="N")
    parser.add_argument("--keep", type=Path, metavar="FILE")
    parser.add_argument("--replay", type=Path, metavar="FILE")
    return parser.parse_args()


def _keeping(cases: Iterator[Case], kept: list[Case]) -> Iterator[Case]:
    for case in cases:
        kept.append(case)
        yield case


def replayed(path: Path) -> Iterator[Case]:
    """Read the cases that were kept."""
    for name, threads, truth, truths, wall, observed in json.loads(path.read_text()):
        yield Case(name, threads, truth, tuple(truths), wall, observations(observed))


def measured(asked: argparse.Namespace) -> Iterator[Case]:
    """Run every condition: sequentially, then with each number of threads."""
    for condition in CONDITIONS:
        if condition.name not in asked.only:
            continue
        try:
            with _set_up(condition) as (site, folder):
                yield from _cases(condition, site, folder, asked)
        except NoResult as reason:
            sys.stderr.write(f"{condition.name}: {reason}\n")


def _cases(
    condition: Condition, site: Site, folder: Path, asked: argparse.Namespace
) -> Iterator[Case]:
    truths = [_run(condition, site, folder, 1, sequential=True)[0] for _ in range(asked.runs)]
    truth = statistics.median(truths)
    for threads in asked.threads:
        for _ in range(asked.runs):
            wall, observed = _run(condition, site, folder, threads)
            yield Case(condition.name, threads, truth, tuple(truths), wall, observed)


@contextmanager
def _set_up(condition: Condition) -> Iterator[tuple[Site, Path]]:
    """Start the servers and write the list."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir="/dev/shm")))
        folder.chmod(0o755)
        if condition.server == "nginx":
            for count, size in condition.files:
                make_files(folder / str(size), count, size)
            site = stack.enter_context(served(folder, condition.link))
            urls = [f"{site.url}/{condition.where}"]
        else:
            kinds = [kind for kind in (condition.server, condition.second) if kind]
            urls = [f"http://127.0.0.1:{stack.enter_context(_odd(kind))}/" for kind in kinds]
            site = Site(urls[0])
        (folder / "list.txt").write_text("".join(_lines(condition, urls)))
        yield site, folder


def _lines(condition: Condition, urls: Sequence[str]) -> Iterator[str]:
    for count, size in condition.files:
        for number in range(count):
            url = urls[number % len(urls)]
            yield f"{url}{size}/{file_name(number)}  {size}-{file_name(number)}\n"


@contextmanager
def _odd(kind: str) -> Iterator[int]:
    command = [sys.executable, str(HERE / "odd_server.py"), kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            yield int(server.stdout.readline())
        finally:
            server.terminate()


def _run(
    condition: Condition, site: Site, folder: Path, threads: int, *, sequential: bool = False
) -> tuple[float, Observations]:
    """Run once into a fresh folder; return the seconds, and what a parallel run observed."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as into:
        report, seen = Path(into) / "report", Path(into) / "seen"
        command = [*site.before, sys.executable, str(HERE / "recorder.py"), "fetch"]
        command += [str(folder / "list.txt"), "-d", f"{into}/d", "-q", "--format", "none"]
        command += ["--report", str(report), "-t", str(threads), *condition.options]
        command += ["--sequential"] * sequential
        environ = {**os.environ, "DL_BENCH_OBSERVED": str(seen)}
        subprocess.run(command, env=environ, check=False, timeout=LIMIT, capture_output=True)
        if not report.exists():
            raise NoResult("no report")
        wall = json.loads(report.read_text())["seconds"]["wall"]
        values = json.loads(seen.read_text()) if seen.exists() else None
    return wall, observations(values) if values else NOTHING


class Verdict(NamedTuple):
    """Whether an estimate was right, its range held the truth, and what it was held back by."""

    right: bool
    held: bool
    named: bool
    width: float


def table(cases: Iterator[Case]) -> Iterator[str]:
    """Yield the table, a line a case, and what it comes to."""
    yield "| condition | threads | truth | parallel | estimate / truth | range | held back by |"
    yield "|---|---|---|---|---|---|---|"
    verdicts = []
    for case in cases:
        verdict, line = _judged(case)
        verdicts.append(verdict)
        yield line
    right, held, named = (sum(each[at] for each in verdicts) for at in range(3))
    width = statistics.median(each.width for each in verdicts)
    yield f"\n{len(verdicts)} runs: {right} within {RIGHT[0]} to {RIGHT[1]}, the truth in the range"
    yield f"in {held} (median width {width:.2f}), held_back_by right in {named}"


def _judged(case: Case) -> tuple[Verdict, str]:
    said, why = estimate.sequential(case.observed), estimate.held_back_by(case.observed)
    ratio, low, high = (each / case.truth for each in (said.seconds, said.low, said.high))
    spread = max(case.truths) / case.truth - 1  # two truths differ, too
    verdict = Verdict(
        RIGHT[0] <= ratio <= RIGHT[1],
        low <= 1 + spread and high >= 1 - spread,
        why in HELD[case.condition],
        high / max(low, 1e-9),
    )
    marks = ["" if fine else " (!)" for fine in verdict[:3]]
    return verdict, (
        f"| {case.condition} | {case.threads} | {case.truth:.2f} | {case.wall:.2f} "
        f"| {ratio:.2f}{marks[0]} | {low:.2f} to {high:.2f}{marks[1]} | {why}{marks[2]} |"
    )


if __name__ == "__main__":
    main()
