"""dl compare."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, TextIO

from downloader import hashing
from downloader.cli import measuring, statuses, stdin
from downloader.cli.invocation import Invocation
from downloader.cli.process import allow_open_files
from downloader.cli.report_file import report_file
from downloader.errors import UsageError
from downloader.reporters.colour import paint_for

if TYPE_CHECKING:
    from downloader.cli.signals import Signals
    from downloader.comparison.speedup import Comparison
    from downloader.shared.stop import Stop

EXAMPLES = """
dl compare urls.txt                   one run in each mode
dl compare urls.txt --warmup --runs 5
dl compare urls.txt --matrix -t 16    what each number of threads brings
dl compare urls.txt --matrix --plot speedup.svg
"""


def compare(asked: Invocation) -> int:
    """Measure what running in parallel saves: fetch the list in both modes, for real.

    Each run has a folder of its own, which is removed when it ends. SOURCE is a list, a URL, or -
    for a list on standard input, as for dl fetch.
    """
    _check(asked)
    allow_open_files(asked.options.threads, asked.options.hash_processes)
    return measuring.perform(partial(_compare, asked))


def _check(asked: Invocation) -> None:
    """Refuse what would be found out at the end only."""
    hashing.checked(asked.options.algorithms)
    if asked.runs < 1:
        raise UsageError(f"--runs {asked.runs}: give a whole number of at least 1")
    if asked.plot is not None:
        from downloader.comparison import plot  # noqa: PLC0415  used where it is wanted

        plot.check(asked.plot)


def _compare(asked: Invocation, signals: Signals, stop: Stop) -> int:
    with report_file(asked.report) as keep:
        comparison = _measured(asked, signals, stop)
        keep(partial(_write_json, comparison))
    status = _shown(comparison)
    if asked.plot is not None and comparison.pairs:
        from downloader.comparison import plot  # noqa: PLC0415  used where it is wanted

        plot.draw(comparison, asked.plot)
    if comparison.interrupted is not None:
        return measuring.interrupted(stop)
    return status or (statuses.SOME_FAILED if comparison.failed else statuses.DONE)


def _measured(asked: Invocation, signals: Signals, stop: Stop) -> Comparison:
    # Imported here: --help does not need it.
    from downloader.comparison.compare import compare  # noqa: PLC0415
    from downloader.comparison.text import run_line  # noqa: PLC0415

    paint = paint_for(sys.stderr, os.environ)
    account = None if asked.quiet else partial(run_line, paint=paint)
    with measuring.told(account, progress=asked.progress) as reporter:
        return compare(
            asked.operands,
            asked.options,
            runs=asked.runs,
            warmup=asked.warmup,
            matrix=asked.matrix,
            reporter=reporter,
            stop=stop,
            stdin=stdin.opened(signals, stop),
        )


def _shown(comparison: Comparison) -> int:
    from downloader.comparison.text import as_text  # noqa: PLC0415  --help does not need it

    return measuring.said(as_text(comparison))


def _write_json(comparison: Comparison, stream: TextIO) -> None:
    from downloader.comparison.json import as_json  # noqa: PLC0415  --help does not need it
    from downloader.formats.json import text  # noqa: PLC0415  nor this

    stream.write(text(as_json(comparison)) + "\n")
